import fc from "fast-check";
import { expect, test } from "vitest";
import { merge } from "../../src/model/merge";
import { Timeline } from "../../src/model/timeline";
import { labelSets, segment } from "../cast";

const base = Timeline.of([segment("a", 0, 10), segment("b", 10, 20), segment("c", 20, 30)]);

test("changes to different labels merge without a question", () => {
  const mine = base.apply({ put: [segment("a", 0, 10, "mine")], remove: ["c"] });
  const theirs = base.apply({
    put: [segment("b", 10, 20, "theirs"), segment("d", 30, 40)],
    remove: [],
  });
  const { diff, conflicts } = merge(base, mine, theirs);
  expect(conflicts).toEqual([]);
  expect(mine.apply(diff).labels.map((each) => [each.id, each.text])).toEqual([
    ["a", "mine"],
    ["b", "theirs"],
    ["d", ""],
  ]);
});

test("the same change on both sides is no conflict", () => {
  const both = base.apply({ put: [segment("a", 0, 10, "same")], remove: ["b"] });
  expect(merge(base, both, both)).toEqual({ diff: { put: [], remove: [] }, conflicts: [] });
});

test("different changes to one label keep both", () => {
  const mine = base.apply({ put: [segment("a", 0, 10, "mine")], remove: ["b"] });
  const theirs = base.apply({ put: [segment("a", 0, 12), segment("b", 10, 22)], remove: [] });
  const { diff, conflicts } = merge(base, mine, theirs);
  expect(diff).toEqual({ put: [], remove: [] });
  expect(conflicts.map(({ id, mine, theirs }) => [id, mine?.text, theirs?.end_ns])).toEqual([
    ["a", "mine", 12],
    ["b", undefined, 22],
  ]);
});

test("every label of either side is in the result or in a conflict", () => {
  fc.assert(
    fc.property(labelSets, labelSets, labelSets, (a, b, c) => {
      const [was, mine, theirs] = [Timeline.of(a), Timeline.of(b), Timeline.of(c)];
      const { diff, conflicts } = merge(was, mine, theirs);
      const merged = mine.apply(diff);
      const disputed = new Set(conflicts.map((each) => each.id));
      for (const side of [mine, theirs]) {
        for (const { id } of side.labels) {
          const removed = was.has(id) && (!mine.has(id) || !theirs.has(id));
          expect(merged.has(id) || disputed.has(id) || removed).toBe(true);
        }
      }
    }),
  );
});
