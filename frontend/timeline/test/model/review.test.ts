import { describe, expect, test } from "vitest";
import type { Label } from "../../src/model/label";
import {
  cameFrom,
  type Disagreement,
  implied,
  isJudged,
  type Mark,
  speaksOf,
  taken,
} from "../../src/model/review";
import type { LabelSchema } from "../../src/model/schema";
import { Timeline } from "../../src/model/timeline";
import { CORE, label, segment } from "../cast";

const MS = 1_000_000;
const grasp = (id: string, at: number, values: Partial<Label> = {}) =>
  label(id, "grasp_closed", { start_ns: at * MS, ...values });

function place(
  sides: Record<string, readonly string[]>,
  codes: string[] = ["instant_time"],
): Disagreement {
  const ids = Object.values(sides).flat();
  return { id: "p", code: codes[0]!, codes, at_ns: 0, message: "", label_ids: ids, sides, rank: 1 };
}

const finder = (...labels: Label[]) => {
  const all = new Map(labels.map((each) => [each.id, each]));
  return (id: string) => all.get(id);
};
const words = (judged: ReturnType<typeof implied>) =>
  judged.map(({ set, labelId, verdict }) => `${set} ${labelId} ${verdict}`);

test("an outcome has no time that could be wrong", () => {
  const outcome = label("o", "outcome_success", { start_ns: null });
  expect(speaksOf("wrong_time", outcome)).toBe(false);
  expect(speaksOf("wrong_class", outcome)).toBe(true);
  expect(speaksOf("wrong_time", grasp("a", 1000))).toBe(true);
  expect(speaksOf("wrong_time", segment("s", 0, 1))).toBe(true);
});

describe("when one lane is right", () => {
  test("another's label at another time is at the wrong time", () => {
    const find = finder(grasp("a1", 1000), grasp("b1", 1500));
    const said = implied(place({ A: ["a1"], B: ["b1"] }), "A", ["A", "B"], find, CORE);
    expect(words(said)).toEqual(["A a1 ok", "B b1 wrong_time"]);
  });

  test("another class is wrong, and so is a time that is not all there is", () => {
    const find = finder(grasp("a1", 1000), label("b1", "release", { start_ns: 1000 * MS }));
    const sides = { A: ["a1"], B: ["b1"] };
    for (const codes of [["instant_class"], ["segment_text", "segment_boundary"]]) {
      const said = implied(place(sides, codes), "B", ["A", "B"], find, CORE);
      expect(words(said)).toEqual(["A a1 wrong_class", "B b1 ok"]);
    }
  });

  test("who has none misses it, and who marked it where there is none marked too much", () => {
    const find = finder(grasp("b1", 1000));
    const at = place({ A: [], B: ["b1"] }, ["instant_missing"]);
    expect(words(implied(at, "B", ["A", "B"], find, CORE))).toEqual(["A b1 missing", "B b1 ok"]);
    expect(words(implied(at, "A", ["A", "B"], find, CORE))).toEqual(["B b1 extra"]);
  });

  test("a third who says the same within the tolerance is right too", () => {
    const find = finder(grasp("a1", 1000), grasp("b1", 1500), grasp("c1", 1040));
    const at = place({ A: ["a1"], B: ["b1"], C: ["c1"] });
    expect(words(implied(at, "A", ["A", "B", "C"], find, CORE))).toEqual([
      "A a1 ok",
      "B b1 wrong_time",
      "C c1 ok",
    ]);
  });

  test("a time is wrong as a time, also where a fourth has none, and by the tolerance in force", () => {
    const find = finder(grasp("a1", 1000), grasp("b1", 1400), grasp("c1", 1080));
    const at = place({ A: ["a1"], B: ["b1"], C: ["c1"], D: [] }, [
      "instant_missing",
      "instant_time",
    ]);
    const said = (schema: LabelSchema) =>
      words(implied(at, "A", ["A", "B", "C", "D"], find, schema)).slice(1);
    expect(said(CORE)).toEqual(["B b1 wrong_time", "C c1 ok", "D a1 missing"]);
    const classes = CORE.classes.map((each) => ({ ...each, tolerance_ns: 50 * MS }));
    expect(said({ ...CORE, classes })).toContain("C c1 wrong_time");
  });

  test("words that are counted as equal make no time a wrong class", () => {
    const find = finder(
      segment("a1", 0, 1000 * MS, "lift the block"),
      segment("b1", 0, 1800 * MS, "Lift the block."),
    );
    const sides = { A: ["a1"], B: ["b1"] };
    const b = (codes: string[]) =>
      words(implied(place(sides, codes), "A", ["A", "B"], find, CORE))[1];
    expect(b(["segment_boundary"])).toBe("B b1 wrong_time");
    expect(b(["segment_text", "segment_boundary"])).toBe("B b1 wrong_class");
  });

  test("gold is no lane that is judged", () => {
    const find = finder(grasp("a1", 1000), grasp("g1", 1500));
    const said = implied(place({ A: ["a1"], gold: ["g1"] }), "gold", ["A"], find, CORE);
    expect(words(said)).toEqual(["A a1 wrong_time"]);
  });
});

describe("taking a side into the draft", () => {
  const draftOf = (labels: Label[], sources: Record<string, string[]> = {}) => ({
    timeline: Timeline.of(labels),
    sources,
  });

  test("puts its label in the place of what came from the others", () => {
    const draft = draftOf([grasp("m", 1250)], { m: ["a1", "b1"] });
    const find = finder(grasp("a1", 1000, { source: "proposal" }), grasp("b1", 1500));
    const diff = taken(draft, place({ A: ["a1"], B: ["b1"] }), "A", find, CORE);
    expect(diff.remove).toEqual(["m"]);
    expect(diff.put).toEqual([grasp("a1", 1000)]);
  });

  test("again the other side undoes the first choice", () => {
    const find = finder(grasp("a1", 1000), grasp("b1", 1500));
    const at = place({ A: ["a1"], B: ["b1"] });
    const first = taken(draftOf([]), at, "A", find, CORE);
    const once = Timeline.of([]).apply(first);
    const second = taken({ timeline: once, sources: {} }, at, "B", find, CORE);
    expect(once.apply(second).labels).toEqual([grasp("b1", 1500)]);
  });

  test("a side that has nothing there leaves nothing", () => {
    const draft = draftOf([grasp("b1", 1500)]);
    const at = place({ A: [], B: ["b1"] }, ["instant_missing"]);
    expect(taken(draft, at, "A", finder(), CORE)).toEqual({ put: [], remove: ["b1"] });
  });

  test("there is one outcome", () => {
    const draft = draftOf([label("own", "outcome_unclear")]);
    const find = finder(label("a", "outcome_success"), label("b", "outcome_failure"));
    const at = place({ A: ["a"], B: ["b"] }, ["outcome_differs"]);
    const now = draft.timeline.apply(taken(draft, at, "B", find, CORE));
    expect(now.labels.map(({ id }) => id)).toEqual(["b"]);
  });

  test("neighbours follow: no overlap, and no gap where there was none", () => {
    const draft = draftOf(
      [
        segment("left", 0, 1000 * MS),
        segment("m", 1000 * MS, 2000 * MS),
        segment("right", 2000 * MS, 3000 * MS),
      ],
      { m: ["a1", "b1"] },
    );
    const find = finder(segment("a1", 1200 * MS, 1700 * MS), segment("b1", 800 * MS, 2400 * MS));
    const at = place({ A: ["a1"], B: ["b1"] }, ["segment_boundary"]);
    for (const [side, from, to] of [
      ["A", 1200, 1700],
      ["B", 800, 2400],
    ] as const) {
      const now = draft.timeline.apply(taken(draft, at, side, find, CORE));
      expect(now.labels.map(({ start_ns, end_ns }) => [start_ns, end_ns])).toEqual([
        [0, from * MS],
        [from * MS, to * MS],
        [to * MS, 3000 * MS],
      ]);
    }
  });

  test("a neighbour that is covered whole goes; one that overlaps by class alone stays", () => {
    const draft = draftOf([segment("small", 1100 * MS, 1200 * MS), grasp("g", 1150)]);
    const find = finder(segment("a1", 1000 * MS, 2000 * MS));
    const at = place({ A: ["a1"], B: [] }, ["segment_missing"]);
    const now = draft.timeline.apply(taken(draft, at, "A", find, CORE));
    expect(now.labels.map(({ id }) => id).sort()).toEqual(["a1", "g"]);
  });

  test("finds what came from a place by its sources", () => {
    const draft = draftOf([grasp("m", 1), grasp("n", 2)], { m: ["a1"], n: ["x"] });
    expect(cameFrom(draft, ["a1"]).map(({ id }) => id)).toEqual(["m"]);
  });
});

test("a place is judged once something stands of a label of it", () => {
  const at = place({ A: ["a1"], B: ["b1"] });
  const mark: Mark = {
    id: 1,
    set: "A",
    label_id: "a1",
    at_ns: 0,
    verdict: "ok",
    comment: "",
    by: "",
  };
  expect(isJudged(at, [])).toBe(false);
  expect(isJudged(at, [mark])).toBe(true);
  expect(isJudged(at, [{ ...mark, verdict: "withdrawn" }])).toBe(false);
  expect(isJudged(at, [{ ...mark, label_id: "z" }])).toBe(false);
});
