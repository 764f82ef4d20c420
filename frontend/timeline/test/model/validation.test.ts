import { describe, expect, test } from "vitest";
import type { Finding } from "../../src/model/findings";
import type { Label } from "../../src/model/label";
import type { LabelSchema } from "../../src/model/schema";
import type { TaskFacts } from "../../src/model/task";
import { validateSave, validateSubmit } from "../../src/model/validation";
import { CORE, CORE_2, readJson } from "../cast";

type Version = "core" | "core-2";

interface Case {
  name: string;
  schema: Version | (Partial<LabelSchema> & { base?: Version });
  duration_ns: number;
  stage: "save" | "submit";
  labels: Label[];
  findings: Finding[];
  task?: TaskFacts;
}

/** Fills in what a definition may leave out, as the server does when it reads one. */
function schemaOf(given: Case["schema"]): LabelSchema {
  const versions = { core: CORE, "core-2": CORE_2 };
  if (typeof given === "string") return versions[given];
  const { base = "core", ...changes } = given;
  const core = versions[base];
  const merged = { ...core, ...changes, rules: { ...core.rules, ...given.rules } };
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
  test.each(cases)("$stage: $name", ({ schema, duration_ns, stage, labels, findings, task }) => {
    const answer =
      stage === "save"
        ? validateSave(labels, schemaOf(schema), duration_ns)
        : validateSubmit(labels, schemaOf(schema), duration_ns, task);
    expect(answer).toEqual(findings);
  });
});
