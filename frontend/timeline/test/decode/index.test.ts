import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { exactTimesNs, FrameIndex, type FrameIndexJson, positionAt } from "../../src/decode/index";
import { indexJson } from "./fixtures";

describe("exactTimesNs", () => {
  it("is exact where float seconds are not", () => {
    // 1/15360 s ticks: 7 ticks are 455729.1666... ns.
    expect([...exactTimesNs([0, 7, 512], [1, 15360], 0)]).toEqual([0, 455_729, 33_333_333]);
  });

  it("rounds half up and counts from the first frame and the offset", () => {
    expect([...exactTimesNs([10, 11, 13], [1, 2_000_000_000], 100)]).toEqual([100, 101, 102]);
  });

  it("agrees with rational arithmetic on any time base", () => {
    const pts = fc.array(fc.integer({ min: 0, max: 2 ** 40 }), { minLength: 1, maxLength: 20 });
    const base = fc.tuple(fc.integer({ min: 1, max: 1001 }), fc.integer({ min: 1, max: 90_000 }));
    const offset = fc.integer({ min: -(10 ** 12), max: 10 ** 12 });
    fc.assert(
      fc.property(pts, base, offset, (unsorted, [num, den], offsetNs) => {
        const sorted = [...unsorted].sort((a, b) => a - b);
        const times = exactTimesNs(sorted, [num, den], offsetNs);
        sorted.forEach((p, i) => {
          const exact = BigInt(p - sorted[0]!) * BigInt(num) * 1_000_000_000n;
          const floor = exact / BigInt(den);
          const up = 2n * (exact % BigInt(den)) >= BigInt(den) ? 1n : 0n;
          const expected = Number(BigInt(offsetNs) + floor + up);
          if (Number.isSafeInteger(expected)) expect(times[i]).toBe(expected);
        });
      }),
    );
  });
});

describe("positionAt", () => {
  const times = Float64Array.from([0, 20, 40, 60]);

  it("is the frame on the screen: half-open, kept within the frames", () => {
    expect([-1, 0, 19, 20, 59, 60, 1e9].map((t) => positionAt(times, t))).toEqual([
      0, 0, 0, 1, 2, 3, 3,
    ]);
  });

  it("agrees with a walk over the frames", () => {
    const grid = fc.uniqueArray(fc.integer({ min: 0, max: 1000 }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(grid, fc.integer({ min: -10, max: 1100 }), (unsorted, t) => {
        const sorted = Float64Array.from(unsorted).sort();
        const walked = sorted.reduce((best, time, i) => (time <= t ? i : best), 0);
        expect(positionAt(sorted, t)).toBe(walked);
      }),
    );
  });
});

describe("FrameIndex", () => {
  it("takes the times of a drifting clock as they are given, one for each frame", () => {
    const json = indexJson({ pts: [0, 1, 2], key: [1, 0, 0] });
    const drifting = { ...json, offset_ns: 7, times_ns: [7, 20_000_009, 40_000_011] };
    expect([...FrameIndex.parse(drifting).timesNs]).toEqual([7, 20_000_009, 40_000_011]);
    expect(() => FrameIndex.parse({ ...json, times_ns: [0, 20_000_000] })).toThrow("2 times");
  });

  it("keeps decode order and presentation order apart", () => {
    // I P B B: shown as I B B P.
    const index = FrameIndex.parse(indexJson({ pts: [0, 3, 1, 2], key: [1, 0, 0, 0] }));
    expect([...index.table.order]).toEqual([0, 2, 3, 1]);
    expect([...index.table.positionOfRow]).toEqual([0, 3, 1, 2]);
    expect([...index.table.rank]).toEqual([0, 3, 1, 2]);
    expect(index.table.reorder).toBe(1);
  });

  it("decodes hidden rows and never shows them", () => {
    const json = indexJson({ pts: [0, 1, 2, 3], key: [1, 0, 0, 0], order: [2, 3] });
    const index = FrameIndex.parse(json);
    expect(index.frames).toBe(2);
    expect([...index.table.positionOfRow]).toEqual([-1, -1, 0, 1]);
    expect([...index.table.startRow]).toEqual([0, 0, 0, 0]);
    expect(index.timesNs[0]).toBe(0);
  });

  it("starts pictures that lead an open group at the group before", () => {
    // Rows: I0 P2 B1 | I5 b3 b4 (shown before I5, need P2) P6.
    const json = indexJson({ pts: [0, 2, 1, 5, 3, 4, 6], key: [1, 0, 0, 1, 0, 0, 0] });
    expect([...FrameIndex.parse(json).table.startRow]).toEqual([0, 0, 0, 3, 0, 0, 3]);
  });

  it.each<[string, Partial<FrameIndexJson>]>([
    ["another version", { schema_version: 2 }],
    ["columns of different lengths", { size: [1] }],
    ["a wrong number of frames", { frames: 3 }],
    ["no frames", { frames: 0, order: [] }],
    ["no key frame first", { key: [0, 1] }],
    ["a row that is not there", { order: [0, 7] }],
    ["a row shown twice", { order: [1, 1] }],
    ["frames out of order", { order: [1, 0] }],
    ["a time base of nothing", { time_base: [1, 0] }],
    ["an offset beyond exact numbers", { off: [0, 2 ** 60] }],
  ])("refuses %s, naming the camera", (_, changed) => {
    const json = { ...indexJson({ pts: [0, 1], key: [1, 1] }), ...changed };
    expect(() => FrameIndex.parse(json)).toThrowError(/camera front/);
  });
});
