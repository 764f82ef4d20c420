import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as edits from "../../src/model/edits";
import { isRange } from "../../src/model/label";
import { Timeline } from "../../src/model/timeline";
import { CORE, DURATION, FRAME, known, label, segment, times } from "../cast";

const field: edits.Field = { schema: CORE, durationNs: DURATION, leastNs: FRAME };
const at = (frame: number) => frame * FRAME;

function track(timeline: Timeline): [number, number, string][] {
  return timeline.labels.flatMap((each) =>
    isRange(each) ? [[each.start_ns, each.end_ns, each.text]] : [],
  );
}

describe("split and merge", () => {
  test("splitting covers the same time with no gap; merging the parts gives the label back", () => {
    fc.assert(
      fc.property(times, fc.integer({ min: 2, max: 50 }), fc.nat(), (start, frames, cut) => {
        const whole = segment("a", start, start + at(frames), "lift the block");
        const timeline = Timeline.of([whole]);
        const middle = start + at(1 + (cut % (frames - 1)));
        const parts = timeline.apply(edits.split(timeline, "a", middle, "b", field)!);
        expect(track(parts)).toEqual([
          [start, middle, "lift the block"],
          [middle, start + at(frames), ""],
        ]);
        const joined = parts.apply(edits.mergeWithNext(parts, "a")!);
        expect(joined.labels).toEqual([whole]);
      }),
    );
  });

  test("a range is not cut at its edges or outside it", () => {
    const timeline = Timeline.of([segment("a", at(10), at(20))]);
    for (const frame of [0, 10, 20, 30]) {
      expect(edits.split(timeline, "a", at(frame), "b", field)).toBeNull();
    }
  });

  test("merging keeps both texts", () => {
    const timeline = Timeline.of([
      segment("a", 0, at(5), "lift"),
      segment("b", at(5), at(9), "carry"),
    ]);
    const joined = timeline.apply(edits.mergeWithNext(timeline, "a")!);
    expect(track(joined)).toEqual([[0, at(9), "lift; carry"]]);
  });
});

describe("drawing on an exclusive track", () => {
  test("never overlaps and never removes a label", () => {
    const draws = fc.array(fc.tuple(times, times), { maxLength: 25 });
    fc.assert(
      fc.property(draws, (ranges) => {
        let timeline = Timeline.empty;
        ranges.forEach(([from, to], i) => {
          const range = { from, to, effector: "right" };
          const diff = edits.drawRange(timeline, known("instruction"), `s${i}`, range, field);
          if (!diff) return;
          const before = timeline.size;
          timeline = timeline.apply(diff);
          expect(timeline.size).toBe(before + 1);
        });
        const rows = track(timeline);
        rows.slice(1).forEach(([start], i) => {
          expect(start).toBeGreaterThanOrEqual(rows[i]![1]);
        });
      }),
    );
  });

  test("ends the running segment where the new one begins", () => {
    const timeline = Timeline.of([segment("a", 0, at(50), "carry")]);
    const range = { from: at(20), to: at(80), effector: "" };
    const drawn = timeline.apply(
      edits.drawRange(timeline, known("instruction"), "b", range, field)!,
    );
    expect(track(drawn)).toEqual([
      [0, at(20), "carry"],
      [at(20), at(80), ""],
    ]);
  });
});

describe("moving edges", () => {
  const abutting = Timeline.of([segment("a", 0, at(10)), segment("b", at(10), at(20))]);

  test("a shared boundary moves once, for both", () => {
    const moved = abutting.apply(edits.moveEdge(abutting, "a", "end", at(15), field)!);
    expect(track(moved).map(([start, end]) => [start, end])).toEqual([
      [0, at(15)],
      [at(15), at(20)],
    ]);
  });

  test("no segment gets shorter than a frame or crosses its neighbour", () => {
    fc.assert(
      fc.property(times, fc.constantFrom("start" as const, "end" as const), (to, edge) => {
        const diff = edits.moveEdge(abutting, "b", edge, to, field);
        const rows = track(diff ? abutting.apply(diff) : abutting);
        expect(rows[0]![1]).toBe(rows[1]![0]);
        for (const [start, end] of rows) expect(end - start).toBeGreaterThanOrEqual(FRAME);
      }),
    );
  });

  test("spans may overlap", () => {
    const spans = Timeline.of([
      label("f", "failure", { start_ns: 0, end_ns: at(10) }),
      label("g", "failure", { start_ns: at(10), end_ns: at(20) }),
    ]);
    const diff = edits.moveEdge(spans, "f", "end", at(15), field);
    expect(diff?.put.map((each) => each.id)).toEqual(["f"]);
  });
});

test("another class keeps only the attributes it knows", () => {
  const hit = label("i", "impact", {
    start_ns: 0,
    attributes: { object: "cup", safety_tier: "S1" },
  });
  const timeline = Timeline.of([hit]);
  const diff = edits.setClass(timeline, "i", known("slip"));
  expect(diff?.put[0]?.attributes).toEqual({ object: "cup" });
  expect(edits.setClass(timeline, "i", known("failure"))).toBeNull();
});

test("one outcome a set", () => {
  const timeline = Timeline.of([label("x", "outcome_success"), label("y", "outcome_partial")]);
  const diff = edits.setOutcome(timeline, known("outcome_failure"), "z")!;
  expect(timeline.apply(diff).labels.map((each) => each.label_class)).toEqual(["outcome_failure"]);
  const one = timeline.apply(diff);
  expect(edits.setOutcome(one, known("outcome_failure"), "w")).toBeNull();
});

test("an instant outside the episode is not dropped", () => {
  expect(edits.dropInstant(known("slip"), "i", DURATION, "right", field)).toBeNull();
  expect(edits.dropInstant(known("slip"), "i", -1, "right", field)).toBeNull();
});
