import { readFileSync } from "node:fs";
import fc from "fast-check";
import type { Label } from "../src/model/label";
import { classOf, type LabelClass, type LabelSchema } from "../src/model/schema";

const repository = (path: string) => new URL(`../../../${path}`, import.meta.url);

export function readJson<T>(path: string): T {
  return JSON.parse(readFileSync(repository(path), "utf8")) as T;
}

export const CORE = readJson<LabelSchema>("annotation/labels/taxonomy/core-1.json");
export const CORE_2 = readJson<LabelSchema>("annotation/labels/taxonomy/core-2.json");
export const DURATION = 8_500_000_000;
export const FRAME = 20_000_000;

export function known(id: string): LabelClass {
  const found = classOf(CORE, id);
  if (!found) throw new Error(`no class ${id}`);
  return found;
}

export function label(id: string, labelClass: string, values: Partial<Label> = {}): Label {
  return {
    id,
    kind: known(labelClass).kind,
    label_class: labelClass,
    start_ns: null,
    end_ns: null,
    effector: "",
    text: "",
    attributes: {},
    uncertainty_ns: 0,
    source: "human",
    ...values,
  };
}

export function segment(id: string, start: number, end: number, text = ""): Label {
  return label(id, "instruction", { start_ns: start, end_ns: end, text });
}

const time = fc.integer({ min: 0, max: DURATION / FRAME - 1 }).map((frame) => frame * FRAME);
const effector = fc.constantFrom("", "right", "left");
const text = fc.constantFrom("", "lift the block", "lower the gripper");

const instant = fc
  .record({ start_ns: time, effector, at: fc.constantFrom("grasp_closed", "release", "slip") })
  .map(({ at, ...values }) => label("", at, values));
const range = fc
  .record({
    from: time,
    frames: fc.integer({ min: 1, max: 60 }),
    effector,
    text,
    kind: fc.constantFrom("instruction", "failure", "recovery"),
  })
  .map(({ from, frames, kind, ...values }) => {
    const end_ns = Math.min(DURATION, from + frames * FRAME);
    return label("", kind, { start_ns: from, end_ns, ...values });
  });

/** Labels that a server might hold: ids are unique, times lie in the episode. */
export const labelSets = fc
  .array(fc.oneof(instant, range), { maxLength: 12 })
  .map((labels) => labels.map((each, i) => ({ ...each, id: `start-${i}` })));
export const times = time;
export const effectors = effector;
