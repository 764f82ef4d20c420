import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { classOf, type LabelSchema } from "../../src/model/schema";
import { shapePath } from "../../src/stage/shapes";
import { readJson } from "../cast";
import { contrast, difference, VISIONS, type Vision } from "./colour";

const repository = (path: string) => new URL(`../../../../${path}`, import.meta.url);
const TAXONOMIES = "annotation/labels/taxonomy";
const schemas = readdirSync(repository(TAXONOMIES))
  .filter((name) => name.endsWith(".json"))
  .map((name) => readJson<LabelSchema>(`${TAXONOMIES}/${name}`));

/** The design system's colours of one theme, as the style sheet has them. */
function tokens(selector: string): Record<string, string> {
  const css = readFileSync(repository("frontend/styles/tokens.css"), "utf8");
  const block = css.slice(css.indexOf(`${selector} {`)).split("}")[0] ?? "";
  return Object.fromEntries(
    [...block.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map(([, name, value]) => [name!, value!]),
  );
}

const THEMES = { light: tokens(":root"), dark: tokens(':root[data-theme="dark"]') } as const;
const GROUNDS = ["bg", "surface", "surface-2"];

describe.each(Object.entries(THEMES))("in the %s theme", (theme, tokens) => {
  const on = (ground: string) => tokens[ground]!;

  test("words are read on every ground", () => {
    const pairs = ["text", "muted", "accent", "danger", "warn", "ok"].flatMap((word) =>
      GROUNDS.map((ground) => [word, ground] as const),
    );
    pairs.push(["accent-text", "accent"], ["text", "accent-soft"], ["accent", "accent-soft"]);
    for (const tone of ["danger", "warn", "ok"]) {
      pairs.push([tone, `${tone}-soft`], ["text", `${tone}-soft`]);
    }
    const poor = pairs
      .map(([word, ground]) => ({ word, ground, ratio: contrast(on(word), on(ground)) }))
      .filter(({ ratio }) => ratio < 4.5);
    expect(poor).toEqual([]);
  });

  test("the edges of fields and the focus are seen", () => {
    for (const ground of GROUNDS) {
      expect(contrast(on("focus"), on(ground))).toBeGreaterThanOrEqual(3);
      expect(contrast(on("border-strong"), on(ground))).toBeGreaterThanOrEqual(2.7);
    }
    expect(contrast(on("border-strong"), on("surface"))).toBeGreaterThanOrEqual(3);
  });

  test("every class of every schema is seen on every ground", () => {
    const poor = schemas.flatMap((schema) =>
      schema.classes.flatMap((known) => {
        const colour = theme === "dark" ? known.color_dark : known.color;
        return [...GROUNDS, "accent-soft"]
          .map((ground) => ({ id: known.id, ground, ratio: contrast(colour, on(ground)) }))
          .filter(({ ratio }) => ratio < 3);
      }),
    );
    expect(poor).toEqual([]);
  });
});

describe("without colour", () => {
  test("classes of one kind have each a shape of their own", () => {
    for (const schema of schemas) {
      const shapes = schema.classes.map((known) => `${known.kind} ${known.shape}`);
      expect(new Set(shapes).size).toBe(shapes.length);
    }
  });

  test("every shape is one that can be drawn", () => {
    const circle = shapePath("no such shape");
    for (const known of schemas.flatMap((schema) => schema.classes)) {
      if (known.shape !== "circle") expect(shapePath(known.shape)).not.toBe(circle);
    }
  });
});

// No nine hues are told apart by everybody: that is what the shapes are for. These few must be,
// because they lie side by side as large areas, or say the opposite of each other.
const APART = [
  ["instruction", "failure"],
  ["instruction", "recovery"],
  ["failure", "recovery"],
  ["phase", "failure"],
  ["outcome_success", "outcome_failure"],
  ["outcome_success", "outcome_partial"],
] as const;

describe.each(Object.keys(VISIONS) as Vision[])("with %s", (vision) => {
  test.each(APART)("%s and %s differ in colour as well, in either theme", (one, other) => {
    for (const schema of schemas) {
      const [a, b] = [classOf(schema, one), classOf(schema, other)];
      if (!a || !b) continue;
      expect(difference(a.color, b.color, vision)).toBeGreaterThan(10);
      expect(difference(a.color_dark, b.color_dark, vision)).toBeGreaterThan(10);
    }
  });
});
