import fc from "fast-check";
import { expect, test } from "vitest";
import {
  fitAll,
  follow,
  panBy,
  reveal,
  showRange,
  tOf,
  type Viewport,
  xOf,
  zoomAt,
} from "../../src/stage/viewport";
import { DURATION } from "../cast";

const whole = fitAll({ fromNs: 0, toNs: 1, durationNs: DURATION, left: 100, width: 900 });
const time = fc.integer({ min: 0, max: DURATION });
const views = fc
  .tuple(time, fc.double({ min: 1, max: 400, noNaN: true }))
  .map(([t, factor]) => zoomAt(whole, t, factor));
const inBounds = (view: Viewport) => {
  expect(view.fromNs).toBeGreaterThanOrEqual(whole.fromNs - 1e-3);
  expect(view.toNs).toBeLessThanOrEqual(whole.toNs + 1e-3);
  expect(view.toNs).toBeGreaterThan(view.fromNs);
};

test("the whole episode is inside, with air on both sides", () => {
  expect(xOf(whole, 0)).toBeGreaterThan(100);
  expect(xOf(whole, DURATION)).toBeLessThan(1_000);
});

test("time and pixels are each other's inverse", () => {
  fc.assert(
    fc.property(views, time, (view, t) => {
      expect(tOf(view, xOf(view, t))).toBeCloseTo(t, -3);
    }),
  );
});

test("zooming keeps the time under the pointer where it is, away from the ends", () => {
  const t = DURATION / 2;
  const close = zoomAt(whole, t, 8);
  expect(xOf(close, t)).toBeCloseTo(xOf(whole, t), 6);
});

test("no way of moving leaves the episode", () => {
  const far = fc.integer({ min: -3 * DURATION, max: 3 * DURATION });
  fc.assert(
    fc.property(views, far, time, (view, by, t) => {
      inBounds(panBy(view, by));
      inBounds(zoomAt(view, t, 0.01));
      inBounds(zoomAt(view, t, 1e6));
      inBounds(reveal(view, t));
      inBounds(follow(view, t));
      inBounds(showRange(view, t, t + 1));
    }),
  );
});

test("revealing brings a time in and moves nothing that is in already", () => {
  fc.assert(
    fc.property(views, time, (view, t) => {
      const shown = reveal(view, t);
      expect(t).toBeGreaterThanOrEqual(shown.fromNs);
      expect(t).toBeLessThanOrEqual(shown.toNs);
      expect(reveal(shown, t).fromNs).toBeCloseTo(shown.fromNs, 0);
    }),
  );
});
