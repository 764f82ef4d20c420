import { describe, expect, test } from "vitest";
import type { Finding } from "../../src/model/findings";
import type { Label } from "../../src/model/label";
import type { LabelSchema } from "../../src/model/schema";
import { validateSave, validateSubmit } from "../../src/model/validation";
import { CORE, readJson } from "../cast";

interface Case {
  name: string;
  schema: "core" | Partial<LabelSchema>;
  duration_ns: number;
  stage: "save" | "submit";
  labels: Label[];
  findings: Finding[];
}

/** Fills in what a definition may leave out, as the server does when it reads one. */
function schemaOf(given: Case["schema"]): LabelSchema {
  if (given === "core") return CORE;
  const merged = { ...CORE, ...given, rules: { ...CORE.rules, ...given.rules } };
  const blank = {
    description: "",
    key: "",
    requires_effector: false,
    requires_text: false,
    exclusive: false,
    tolerance_ns: 100_000_000,
  };
  const classes = merged.classes.map((item) => {
    const filled: typeof item = Object.assign({}, blank, item);
    const attributes = (item.attributes ?? []).map((each) => ({
      ...each,
      choices: each.choices ?? [],
      required: each.required ?? false,
    }));
    return { ...filled, attributes };
  });
  return { ...merged, classes };
}

const { cases } = readJson<{ cases: Case[] }>("tests/shared/validation_cases.json");

describe("validation answers as the server does", () => {
  test.each(cases)("$stage: $name", ({ schema, duration_ns, stage, labels, findings }) => {
    const validate = stage === "save" ? validateSave : validateSubmit;
    expect(validate(labels, schemaOf(schema), duration_ns)).toEqual(findings);
  });
});
