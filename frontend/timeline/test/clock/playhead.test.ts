import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { advance, playableRate, withinEpisode } from "../../src/clock/playhead";

const time = fc.integer({ min: 0, max: 10 ** 12 });
const rate = fc.double({ min: -8, max: 8, noNaN: true }).filter((r) => Math.abs(r) >= 0.1);

describe("advance", () => {
  it("stays on whole nanoseconds within the episode", () => {
    fc.assert(
      fc.property(time, fc.double({ min: 0, max: 500, noNaN: true }), rate, (from, ms, r) => {
        const { tNs, ended } = advance(from, ms, r, 10 ** 12, null);
        expect(Number.isSafeInteger(tNs)).toBe(true);
        expect(tNs >= 0 && tNs < 10 ** 12).toBe(true);
        if (!ended) expect(tNs).toBe(from + Math.round(ms * 1e6 * r));
      }),
    );
  });

  it("stays within a range once it is in it", () => {
    const span = fc.tuple(time, fc.integer({ min: 1, max: 10 ** 10 }));
    fc.assert(
      fc.property(span, fc.nat(), rate, ([startNs, length], seed, r) => {
        const loop = { startNs, endNs: startNs + length };
        const from = startNs + (seed % length);
        const { tNs, ended } = advance(from, 100, r, 2 * 10 ** 12, loop);
        expect(ended).toBe(false);
        expect(tNs >= loop.startNs && tNs < loop.endNs).toBe(true);
      }),
    );
  });
});

describe("rates and instants", () => {
  it("are kept within what can be played", () => {
    expect([0, Number.NaN, 0.01, 99, -99, -0.5].map(playableRate)).toEqual([
      1, 1, 0.1, 8, -8, -0.5,
    ]);
    expect(withinEpisode(Number.NaN, 100)).toBe(0);
    expect(withinEpisode(100, 100)).toBe(99);
    expect(withinEpisode(5, 0)).toBe(0);
  });
});
