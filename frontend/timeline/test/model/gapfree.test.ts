import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { closeGaps, cut, paint, removeTiles } from "../../src/model/gapfree";
import { Timeline } from "../../src/model/timeline";
import { CORE, DURATION, FRAME, known, segment } from "../cast";

const of = { known: known("instruction"), effector: "" };
const field = { schema: CORE, durationNs: DURATION, leastNs: FRAME };
const s = 1_000_000_000;

function ids(): () => string {
  let next = 0;
  return () => {
    next += 1;
    return `new-${next}`;
  };
}

const spans = (timeline: Timeline) =>
  timeline.track("instruction", "").map((each) => [each.start_ns / s, each.end_ns / s, each.text]);

function tiles(timeline: Timeline): boolean {
  const track = timeline.track("instruction", "");
  return (
    track[0]?.start_ns === 0 &&
    track.at(-1)?.end_ns === DURATION &&
    track.every((each, i) => i === 0 || track[i - 1]!.end_ns === each.start_ns)
  );
}

describe("a track without gaps", () => {
  test("the first boundary makes two tiles of an empty track", () => {
    const made = cut(Timeline.empty, of, 2 * s, ids(), field)!;
    const after = Timeline.empty.apply(made.diff);
    expect(spans(after)).toEqual([
      [0, 2, ""],
      [2, 8.5, ""],
    ]);
    expect(after.get(made.rightId)?.start_ns).toBe(2 * s);
  });

  test("a boundary where there is one already changes nothing", () => {
    const before = Timeline.empty.apply(cut(Timeline.empty, of, 2 * s, ids(), field)!.diff);
    expect(cut(before, of, 2 * s, ids(), field)).toBeNull();
    expect(cut(before, of, 2 * s + FRAME / 2, ids(), field)).toBeNull();
  });

  test("gaps go to the segment before, the first to the one after", () => {
    const before = Timeline.of([segment("a", s, 2 * s, "lift"), segment("b", 4 * s, 5 * s)]);
    const after = before.apply(closeGaps(before, of, ids(), field)!);
    expect(spans(after)).toEqual([
      [0, 4, "lift"],
      [4, 8.5, ""],
    ]);
    expect(closeGaps(after, of, ids(), field)).toBeNull();
  });

  test("painting inside a tile cuts it in three, and keeps its words on the left", () => {
    const before = Timeline.of([segment("a", 0, DURATION, "carry the block")]);
    const made = paint(before, of, { from: 3 * s, to: 2 * s }, ids(), field)!;
    const after = before.apply(made.diff);
    expect(spans(after)).toEqual([
      [0, 2, "carry the block"],
      [2, 3, ""],
      [3, 8.5, ""],
    ]);
    expect(after.get(made.id)?.start_ns).toBe(2 * s);
  });

  test("painting exactly a tile is that tile: it is there to be named", () => {
    const before = Timeline.of([segment("a", 0, 2 * s, "lift"), segment("b", 2 * s, DURATION)]);
    const made = paint(before, of, { from: 2 * s, to: DURATION }, ids(), field)!;
    expect(made.id).toBe("b");
    expect(spans(before.apply(made.diff))).toEqual(spans(before));
  });

  test("a deleted tile's time goes to the one before, the first one's to the one after", () => {
    const before = Timeline.of([
      segment("a", 0, s, "a"),
      segment("b", s, 2 * s, "b"),
      segment("c", 2 * s, DURATION, "c"),
    ]);
    expect(spans(before.apply(removeTiles(before, new Set(["b"]))!))).toEqual([
      [0, 2, "a"],
      [2, 8.5, "c"],
    ]);
    expect(spans(before.apply(removeTiles(before, new Set(["a", "b"]))!))).toEqual([[0, 8.5, "c"]]);
    expect(before.apply(removeTiles(before, new Set(["a", "b", "c"]))!).size).toBe(0);
  });

  test("whatever is cut, painted and deleted, the track stays tiled", () => {
    const time = fc.integer({ min: 0, max: DURATION / FRAME }).map((frame) => frame * FRAME);
    const act = fc.record({ what: fc.constantFrom("cut", "paint", "remove"), a: time, b: time });
    fc.assert(
      fc.property(fc.array(act, { maxLength: 25 }), (acts) => {
        const newId = ids();
        let timeline = Timeline.empty.apply(closeGaps(Timeline.empty, of, newId, field)!);
        for (const { what, a, b } of acts) {
          const track = timeline.track("instruction", "");
          const victim = track[Math.floor((a / (DURATION + 1)) * track.length)]!;
          const diff =
            what === "cut"
              ? cut(timeline, of, a, newId, field)?.diff
              : what === "paint"
                ? paint(timeline, of, { from: a, to: b }, newId, field)?.diff
                : track.length > 1
                  ? removeTiles(timeline, new Set([victim.id]))
                  : null;
          if (diff) timeline = timeline.apply(diff);
          expect(tiles(timeline)).toBe(true);
        }
      }),
    );
  });
});
