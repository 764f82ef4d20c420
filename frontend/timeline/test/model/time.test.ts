import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FrameGrid } from "../../src/model/frames";
import { snap, snapEdges } from "../../src/model/snapping";
import { formatClock, formatSeconds, parseClock } from "../../src/model/time";
import { Timeline } from "../../src/model/timeline";
import { segment } from "../cast";

describe("clock readings", () => {
  test.each([
    [1_679_500_000, "1.680"],
    [499_999, "0.000"],
    [-1_500_000, "-0.001"],
  ])("%i ns is %s s", (ns, text) => expect(formatSeconds(ns)).toBe(text));

  test.each([
    [3_480_000_000, "00:03.480"],
    [83_020_000_000, "01:23.020"],
    [3_601_000_000_000, "1:00:01.000"],
  ])("%i ns reads %s", (ns, text) => {
    expect(formatClock(ns)).toBe(text);
    expect(parseClock(text)).toBe(ns);
  });

  test.each(["", "abc", "1:2:3:4", "1.2.3", "-3"])("%j is no time", (text) =>
    expect(parseClock(text)).toBeNull(),
  );
  test("seconds alone will do", () => expect(parseClock(" 3.5 s")).toBe(3_500_000_000));
});

describe("frames", () => {
  const uneven = new FrameGrid([0, 33_333_333, 66_666_667, 140_000_000], 180_000_000);

  test("the frame on the screen is the last that is not later", () => {
    expect(
      [-5, 0, 33_333_332, 33_333_333, 100_000_000, 999_000_000].map((t) => uneven.frameAt(t)),
    ).toEqual([0, 0, 0, 1, 2, 3]);
  });

  test("agrees with a plain search", () => {
    const grid = FrameGrid.fromRate([30, 1], 8_000_000_000);
    expect(grid.timeOf(1)).toBe(33_333_333);
    expect(grid.timeOf(2)).toBe(66_666_667);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 8_000_000_000 }), (t) => {
        const plain = Array.from(grid.times).findLastIndex((at) => at <= t);
        expect(grid.frameAt(t)).toBe(plain);
        expect(grid.frameAt(grid.timeOf(plain))).toBe(plain);
      }),
    );
  });

  test("steps go over the last frame to the end only where an end may be", () => {
    expect(uneven.step(140_000_000, 1)).toBe(140_000_000);
    expect(uneven.step(140_000_000, 1, true)).toBe(180_000_000);
    expect(uneven.step(180_000_000, -1, true)).toBe(140_000_000);
  });

  test("an episode without a rate still has a frame", () => {
    expect(FrameGrid.fromRate([0, 1], 1_000).count).toBe(1);
  });
});

describe("snapping", () => {
  const grid = FrameGrid.fromRate([50, 1], 1_000_000_000);
  const timeline = Timeline.of([segment("a", 105_000_000, 400_000_000)]);

  test("goes to a near edge, or else to a frame", () => {
    const edges = snapEdges(timeline, new Set());
    const options = { reachNs: 12_000_000 };
    expect(snap(110_000_000, grid, edges, options)).toEqual({ at: 105_000_000, to: "edge" });
    expect(snap(128_000_000, grid, edges, options)).toEqual({ at: 120_000_000, to: "frame" });
    expect(snap(128_000_000, grid, edges, { ...options, suppressed: true })).toEqual({
      at: 128_000_000,
      to: "none",
    });
  });

  test("only an end may lie on the end of the episode", () => {
    expect(snap(999_000_000, grid, [], { reachNs: 0 }).at).toBe(980_000_000);
    expect(snap(999_000_000, grid, [], { reachNs: 0, end: true }).at).toBe(1_000_000_000);
  });

  test("a label does not snap to itself", () => {
    expect(snapEdges(timeline, new Set(["a"]))).toEqual([]);
  });
});
