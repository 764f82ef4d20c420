import { describe, expect, test } from "vitest";
import type { Candidate } from "../../src/model/candidates";
import { FrameGrid } from "../../src/model/frames";
import { nearestOf, neighbourTime, snap, snapMark } from "../../src/model/snapping";

const MS = 1_000_000;
const grid = FrameGrid.fromRate([50, 1], 1_000 * MS);
const at = (ms: number): Candidate => ({ at: ms * MS, kind: "force_rises" });
const candidates = [at(100.4), at(207), at(430)];

describe("a drag", () => {
  const drop = (ms: number, edges: number[] = [], reach = 8) =>
    snap(
      ms * MS,
      grid,
      edges.map((edge) => edge * MS),
      { reachNs: reach * MS, candidates },
    );

  test("goes to the nearest of edges and candidates, or else to a frame", () => {
    expect(drop(205)).toEqual({ at: 207 * MS, to: "candidate", kind: "force_rises" });
    expect(drop(205, [203])).toEqual({ at: 203 * MS, to: "edge" });
    expect(drop(206.5, [201])).toEqual({ at: 207 * MS, to: "candidate", kind: "force_rises" });
    expect(drop(225)).toEqual({ at: 220 * MS, to: "frame" });
  });

  test("an edge goes before a candidate that lies where it does", () => {
    expect(drop(206, [206.5])).toEqual({ at: 206.5 * MS, to: "edge" });
    expect(drop(206, [207])).toEqual({ at: 207 * MS, to: "edge" });
  });

  test("a candidate that falls together with a frame has the frame's time", () => {
    expect(drop(99)).toEqual({ at: 100 * MS, to: "candidate", kind: "force_rises" });
  });

  test("suppressed it goes nowhere", () => {
    const free = snap(206.2 * MS, grid, [], { reachNs: 8 * MS, candidates, suppressed: true });
    expect(free).toEqual({ at: 206.2 * MS, to: "none" });
  });
});

describe("a mark at the playhead", () => {
  const mark = (ms: number, playing: boolean, reach = 60) =>
    snapMark(ms * MS, grid, candidates, reach * MS, playing);

  test("at rest it stays within the frame that is seen", () => {
    expect(mark(200, false)).toEqual({ at: 207 * MS, to: "candidate", kind: "force_rises" });
    expect(mark(220, false)).toEqual({ at: 220 * MS, to: "frame" });
    expect(mark(180, false)).toEqual({ at: 180 * MS, to: "frame" });
    expect(mark(100, false).at).toBe(100 * MS);
    expect(mark(980, false)).toEqual({ at: 980 * MS, to: "frame" });
  });

  test("while playing it goes to the nearest candidate within reach", () => {
    expect(mark(260, true)).toMatchObject({ at: 207 * MS, to: "candidate" });
    expect(mark(300, true)).toEqual({ at: 300 * MS, to: "frame" });
    expect(mark(300, true, 0)).toEqual({ at: 300 * MS, to: "frame" });
  });
});

test("the next and the previous time are those of other frames", () => {
  const times = [100, 105, 207, 430].map((ms) => ms * MS);
  const from = (ms: number, way: 1 | -1) => neighbourTime(times, ms * MS, grid, way);
  expect(from(0, 1)).toBe(100 * MS);
  expect(from(100, 1)).toBe(207 * MS);
  expect(from(200, -1)).toBe(105 * MS);
  expect(from(100, -1)).toBeNull();
  expect(from(430, 1)).toBeNull();
});

test("the nearest item lies within reach, and of two as near it is the earlier", () => {
  const near = (t: number, reach: number) => nearestOf([10, 20, 40], t, reach, (item) => item);
  expect(near(15, 5)).toBe(10);
  expect(near(16, 5)).toBe(20);
  expect(near(30, 9)).toBeNull();
  expect(nearestOf([], 1, 5, (item: number) => item)).toBeNull();
});
