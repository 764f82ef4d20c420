import fc from "fast-check";
import { expect, test } from "vitest";
import { oneByOne } from "../../src/clock/playhead";
import { FakeCamera } from "./frames";

const PERIOD = 20_000_000;
const camera = new FakeCamera("front", 100, PERIOD);

test("a late animation frame leads to the next picture, not beyond it", () => {
  expect(oneByOne(10 * PERIOD + 5, 13 * PERIOD + 7, camera)).toBe(11 * PERIOD);
  expect(oneByOne(10 * PERIOD + 5, 11 * PERIOD + 7, camera)).toBe(11 * PERIOD + 7);
  expect(oneByOne(10 * PERIOD + 5, 10 * PERIOD + 9, camera)).toBe(10 * PERIOD + 9);
});

test("backwards it is the picture before", () => {
  const to = oneByOne(10 * PERIOD + 5, 7 * PERIOD, camera);
  expect(camera.positionAt(to)).toBe(9);
  expect(to).toBe(10 * PERIOD - 1);
});

test("no picture is left out, however late the animation frames come", () => {
  const late = fc.array(fc.integer({ min: 1, max: 6 * PERIOD }), { minLength: 5, maxLength: 40 });
  fc.assert(
    fc.property(late, fc.boolean(), (gaps, back) => {
      let now = back ? 80 * PERIOD : 3 * PERIOD;
      for (const gap of gaps) {
        const before = camera.positionAt(now);
        const wanted = Math.max(0, Math.min(99 * PERIOD, back ? now - gap : now + gap));
        now = oneByOne(now, wanted, camera);
        expect(Math.abs(camera.positionAt(now) - before)).toBeLessThan(2);
      }
    }),
  );
});

test("pictures that come faster than a screen shows them are left out", () => {
  const quick = new FakeCamera("quick", 1_000, 2_000_000);
  expect(oneByOne(0, 16_000_000, quick)).toBe(16_000_000);
});
