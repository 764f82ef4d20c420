import { describe, expect, it } from "vitest";
import { backwardRun, blocksAround, forwardRun, nextFill, rowsOf } from "../../src/decode/jobs";
import { index } from "./fixtures";

const { table } = index(100, 10);
const window = { centre: 50, before: 15, after: 15, rate: 0, held: [] };

describe("runs", () => {
  it("go forward in short pieces", () => {
    expect(forwardRun(50, 65, (p) => p > 52)).toEqual({ kind: "fill", first: 53, last: 60 });
    expect(forwardRun(50, 65, () => false)).toBeNull();
  });

  it("go backward by whole groups, so that each is decoded once", () => {
    expect(backwardRun(table, 35, 49, () => true)).toEqual({ kind: "fill", first: 40, last: 49 });
    expect(backwardRun(table, 43, 49, () => true)).toEqual({ kind: "fill", first: 43, last: 49 });
  });
});

describe("nextFill", () => {
  it("fills ahead, then behind, and only ahead while playing", () => {
    const missing = (held: number[]) => (p: number) => !held.includes(p);
    const ahead = Array.from({ length: 16 }, (_, i) => 50 + i);
    expect(nextFill(table, window, missing([50]))?.first).toBe(51);
    expect(nextFill(table, window, missing(ahead))).toMatchObject({ first: 40, last: 49 });
    expect(nextFill(table, { ...window, rate: 1 }, missing(ahead))).toBeNull();
    expect(nextFill(table, { ...window, rate: -1 }, missing([50]))?.last).toBe(49);
  });
});

describe("rowsOf", () => {
  it("starts at the key frame", () => {
    expect(rowsOf(table, { kind: "seek", first: 57, last: 57 })).toEqual({
      start: 50,
      lowest: 57,
      end: 57,
    });
  });

  it("spans what B-frames need", () => {
    const b = index(20, 10, true).table;
    // Position 1 is coded after position 3.
    expect(rowsOf(b, { kind: "seek", first: 1, last: 1 })).toEqual({ start: 0, lowest: 2, end: 2 });
    expect(rowsOf(b, { kind: "fill", first: 1, last: 3 })).toEqual({ start: 0, lowest: 1, end: 3 });
  });
});

describe("blocksAround", () => {
  it("reaches two ahead and one behind in the direction of travel", () => {
    expect(blocksAround(95, 300, 0)).toEqual([3, 4, 5, 2]);
    expect(blocksAround(95, 300, -1)).toEqual([3, 2, 1, 4]);
    expect(blocksAround(5, 40, 1)).toEqual([0, 1]);
  });
});
