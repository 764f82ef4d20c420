import fc from "fast-check";
import { expect, test } from "vitest";
import { sharesOf } from "../../src/decode/episode";

const sum = (shares: readonly number[]) => shares.reduce((all, share) => all + share, 0);

test("memory is shared out by weight, all of it", () => {
  const shares = sharesOf(192, [3, 1, 1, 1, 1, 1], 80);
  expect(sum(shares)).toBeCloseTo(192);
  expect(shares[0]).toBe(shares[1]! * 3);
});

test("what one cannot use goes to the others", () => {
  expect(sharesOf(192, [3, 1, 1], 64)).toEqual([64, 64, 64]);
  expect(sharesOf(192, [3, 1], 64)).toEqual([64, 64]);
  expect(sharesOf(100, [], 64)).toEqual([]);
});

test("nobody has more than the most, nor all together more than there is", () => {
  const weights = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(weights, fc.integer({ min: 1, max: 500 }), (given, total) => {
      const shares = sharesOf(total, given, 64);
      expect(Math.max(...shares)).toBeLessThanOrEqual(64);
      expect(sum(shares)).toBeCloseTo(Math.min(total, 64 * given.length));
    }),
  );
});
