import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type Candidate,
  forceCandidates,
  gripperCandidates,
  merged,
  noiseOf,
  type Series,
  slopes,
  speedCandidates,
} from "../../src/model/candidates";

const MS = 1_000_000;

/** A value for every `step` ms, from a function of milliseconds. */
function series(ms: number, step: number, value: (at: number) => number): Series {
  const times = Array.from({ length: Math.floor(ms / step) + 1 }, (_, i) => i * step * MS);
  return { times, values: times.map((t) => value(t / MS)) };
}
const ramp = (from: number, to: number, start: number, ms: number) => (at: number) =>
  from + (to - from) * Math.min(1, Math.max(0, (at - start) / ms));
const told = (found: Candidate[]) => found.map(({ at, kind }) => `${kind} ${at / MS}`);
const UNIT = { low: 0, high: 1 };

describe("a gripper", () => {
  // Closes from 1 s to 1.4 s onto something, opens at 3 s.
  const aperture = (at: number) =>
    at < 2_000 ? ramp(1, 0.4, 1_000, 400)(at) : ramp(0.4, 1, 3_000, 200)(at);

  test("starts and stops, by name where one knows which way opens", () => {
    const found = gripperCandidates(series(4_000, 20, aperture), UNIT, { opens: true });
    const wanted = [1_000, 1_400, 3_000, 3_200];
    expect(found.map(({ kind }) => kind)).toEqual([
      "closing_starts",
      "closing_ends",
      "opening_starts",
      "opening_ends",
    ]);
    found.forEach(({ at }, i) => {
      expect(Math.abs(at / MS - wanted[i]!)).toBeLessThanOrEqual(20);
    });
  });

  test("says only that it moves where nobody knows which way opens; the other way round, it turns", () => {
    const closing = series(2_000, 20, ramp(1, 0.4, 1_000, 400));
    const kinds = (opens: boolean | null) =>
      gripperCandidates(closing, UNIT, { opens }).map(({ kind }) => kind);
    expect(kinds(null)).toEqual(["moving_starts", "moving_ends"]);
    expect(kinds(false)).toEqual(["opening_starts", "opening_ends"]);
  });

  test("a command that jumps has both ends around the jump", () => {
    const found = gripperCandidates(series(2_000, 100, ramp(1, 0, 1_000, 1)), UNIT, {
      opens: true,
    });
    expect(told(found)).toEqual(["closing_starts 1000", "closing_ends 1100"]);
  });

  test("trembling and standing still are no movements, and neither is a range of nothing", () => {
    const shaky = series(3_000, 1, (at) => 0.5 + 0.004 * Math.sin(at * 12.9898) * Math.sin(at));
    expect(gripperCandidates(shaky, UNIT, { opens: true })).toEqual([]);
    expect(
      gripperCandidates(
        series(100, 10, () => 1),
        { low: 1, high: 1 },
        { opens: null },
      ),
    ).toEqual([]);
  });
});

describe("a force", () => {
  // Contact at 1 s, held, gone by 2.2 s.
  const push = (at: number) => (at < 1_500 ? ramp(0, 8, 1_000, 60) : ramp(8, 0, 2_000, 200))(at);

  test("rises, falls and is gone", () => {
    const found = forceCandidates(series(3_000, 1, push), { low: 0, high: 8 });
    expect(found.map(({ kind }) => kind)).toEqual(["force_rises", "force_falls", "force_gone"]);
    const [rises, falls, gone] = found.map(({ at }) => at / MS);
    expect(rises).toBeGreaterThanOrEqual(1_000);
    expect(rises).toBeLessThan(1_010);
    expect(falls).toBeGreaterThan(1_990);
    expect(falls).toBeLessThan(2_030);
    expect(gone).toBeGreaterThan(2_150);
    expect(gone).toBeLessThan(2_210);
  });

  test("noise is no step, and a single sample is none either", () => {
    const noisy = series(2_000, 1, (at) => 0.4 * Math.sin(at * 78.233) * Math.cos(at * 3.7));
    expect(forceCandidates(noisy, { low: -0.4, high: 10 })).toEqual([]);
    const spike = series(2_000, 20, (at) => (at === 1_000 ? 5 : 0));
    expect(forceCandidates(spike, { low: 0, high: 5 })).toEqual([]);
  });

  test("pushing the other way counts by its size", () => {
    const found = forceCandidates(series(2_000, 5, ramp(0, -6, 1_000, 20)), { low: -6, high: 0 });
    expect(found.map(({ kind }) => kind)).toEqual(["force_rises"]);
  });

  test("nothing is found across missing values", () => {
    const broken = series(2_000, 10, (at) => (at < 1_000 ? 0 : at < 1_200 ? Number.NaN : 5));
    expect(forceCandidates(broken, { low: 0, high: 5 })).toEqual([]);
  });
});

describe("a speed", () => {
  test("is least between two movements", () => {
    const speed = series(3_000, 10, (at) => Math.abs(Math.sin((at * Math.PI) / 1_000)));
    expect(told(speedCandidates(speed, UNIT))).toEqual([
      "speed_minimum 1000",
      "speed_minimum 2000",
    ]);
  });

  test("a long rest has a beginning and an end", () => {
    const speed = series(4_000, 10, (at) => (at < 1_000 || at > 3_000 ? 1 : 0));
    expect(told(speedCandidates(speed, UNIT))).toEqual([
      "speed_minimum 1000",
      "speed_minimum 3000",
    ]);
  });

  test("ripples are no minima", () => {
    const speed = series(3_000, 10, (at) => 0.8 + 0.05 * Math.sin(at / 50));
    expect(speedCandidates(speed, UNIT)).toEqual([]);
  });
});

test("slopes are differences around a sample, whatever its rate", () => {
  const line = (step: number) =>
    slopes(
      series(1_000, step, (at) => at / 500),
      20 * MS,
    );
  for (const step of [1, 20, 100]) {
    for (const slope of line(step)) expect(slope).toBeCloseTo(2, 6);
  }
});

test("noise is measured beside steps", () => {
  const found = noiseOf(series(1_000, 1, (at) => (at > 500 ? 100 : 0) + (at % 2)).values);
  expect(found).toBeGreaterThan(0.5);
  expect(found).toBeLessThan(1.5);
});

test("of any series: in the order of time, at times of samples, never close together", () => {
  const value = fc.oneof(fc.double({ min: -5, max: 5, noNaN: true }), fc.constant(Number.NaN));
  fc.assert(
    fc.property(fc.array(value, { minLength: 2, maxLength: 120 }), (values) => {
      const times = values.map((_, i) => i * 10 * MS);
      const bounds = { low: -5, high: 5 };
      const all = [
        gripperCandidates({ times, values }, bounds, { opens: null }),
        forceCandidates({ times, values }, bounds),
        speedCandidates({ times, values: values.map(Math.abs) }, bounds),
      ];
      for (const found of all) {
        expect(found.every(({ at }) => times.includes(at))).toBe(true);
        expect(merged(found).length).toBeLessThanOrEqual(found.length);
        const ordered = found.map(({ at }) => at);
        expect(ordered).toEqual([...ordered].sort((a, b) => a - b));
      }
    }),
  );
});
