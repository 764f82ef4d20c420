import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  changeAll,
  common,
  confirmed,
  setAttributeOfAll,
  setClassOfAll,
  shift,
} from "../../src/model/bulk";
import { FrameGrid } from "../../src/model/frames";
import { diffBetween, invert, Timeline } from "../../src/model/timeline";
import { CORE, CORE_2, DURATION, FRAME, known, label, labelSets, segment } from "../cast";

const grid = FrameGrid.fromRate([50, 1], DURATION);
const field = { schema: CORE, durationNs: DURATION, leastNs: FRAME };
const s = 1_000_000_000;
const contact = (id: string, at: number) => label(id, "slip", { start_ns: at });

describe("several labels at once", () => {
  test("all move by a frame, or none", () => {
    const before = Timeline.of([contact("a", s), contact("b", 2 * s), contact("c", 3 * s)]);
    const after = before.apply(shift(before, new Set(["a", "b"]), 1, grid, field)!);
    expect(after.labels.map((each) => each.start_ns)).toEqual([s + FRAME, 2 * s + FRAME, 3 * s]);
    const edge = Timeline.of([contact("a", 0), contact("b", s)]);
    expect(shift(edge, new Set(["a", "b"]), -1, grid, field)).toBeNull();
  });

  test("a neighbour that abuts gives way or follows", () => {
    const before = Timeline.of([
      segment("a", 0, s),
      segment("b", s, 2 * s),
      segment("c", 2 * s, 3 * s),
    ]);
    const after = before.apply(shift(before, new Set(["b"]), 1, grid, field)!);
    expect(after.labels.map((each) => [each.start_ns, each.end_ns])).toEqual([
      [0, s + FRAME],
      [s + FRAME, 2 * s + FRAME],
      [2 * s + FRAME, 3 * s],
    ]);
  });

  test("no label is pushed out of its track", () => {
    const before = Timeline.of([segment("a", 0, FRAME), segment("b", FRAME, 2 * s)]);
    expect(shift(before, new Set(["b"]), -1, grid, field)).toBeNull();
    const apart = Timeline.of([segment("a", 0, s), segment("b", s + FRAME, 2 * s)]);
    const once = apart.apply(shift(apart, new Set(["b"]), -1, grid, field)!);
    expect(once.get("b")?.start_ns).toBe(s);
    const gap = Timeline.of([segment("a", 0, s), segment("b", s + FRAME, 2 * s)]);
    expect(shift(gap, new Set(["b"]), -2, grid, field)).toBeNull();
  });

  test("a time inside moves along", () => {
    const failure = label("f", "failure", {
      start_ns: s,
      end_ns: 2 * s,
      attributes: { mode: "drop", detected: s + 10 * FRAME },
    });
    const before = Timeline.of([failure]);
    const second = { ...field, schema: CORE_2 };
    const after = before.apply(shift(before, new Set(["f"]), 2, grid, second)!);
    expect(after.get("f")?.attributes.detected).toBe(s + 12 * FRAME);
  });

  test("the class changes where the kind fits, an attribute where the class has it", () => {
    const before = Timeline.of([contact("a", s), segment("b", 0, s)]);
    const classed = before.apply(setClassOfAll(before, ["a", "b"], known("release"))!);
    expect(classed.get("a")?.label_class).toBe("release");
    expect(classed.get("b")?.label_class).toBe("instruction");
    const diff = setAttributeOfAll(before, ["a", "b"], "object", "cup", CORE)!;
    expect(diff.put.map((each) => each.id)).toEqual(["a"]);
    expect(setAttributeOfAll(before, ["b"], "object", "cup", CORE)).toBeNull();
  });

  test("what they have in common, and that they differ", () => {
    const labels = [contact("a", s), contact("b", 2 * s)];
    expect(common(labels, (each) => each.label_class)).toBe("slip");
    expect(common(labels, (each) => each.start_ns)).toBeUndefined();
    expect(common([], (each) => each.id)).toBeUndefined();
  });

  test("is taken back exactly", () => {
    fc.assert(
      fc.property(labelSets, fc.integer({ min: -3, max: 3 }), (labels, frames) => {
        const before = Timeline.of(labels);
        const ids = new Set(labels.filter((_, i) => i % 2 === 0).map((each) => each.id));
        for (const diff of [
          shift(before, ids, frames, grid, field),
          changeAll(before, ids, { effector: "tool" }),
        ]) {
          if (!diff) continue;
          const after = before.apply(diff);
          expect(diffBetween(before, after.apply(invert(diff, before)))).toEqual({
            put: [],
            remove: [],
          });
        }
      }),
    );
  });
});

describe("a proposal", () => {
  test("is confirmed by any change of it, and stays one when it is only brought in", () => {
    const proposal = { ...contact("a", s), source: "proposal" as const };
    const before = Timeline.of([proposal]);
    const moved = { ...proposal, start_ns: 2 * s };
    expect(confirmed({ put: [moved], remove: [] }, before).put[0]?.source).toBe("human");
    expect(confirmed({ put: [proposal], remove: [] }, Timeline.empty).put[0]?.source).toBe(
      "proposal",
    );
  });
});
