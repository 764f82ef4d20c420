import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ActivityMeter, IDLE_MS, type Stretch } from "../../src/model/activity";

const total = (stretches: readonly Stretch[]) =>
  stretches.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0);

/** Ticks each second from one time to another; the tab in view. */
function tick(meter: ActivityMeter, fromMs: number, toMs: number, visible = true) {
  for (let t = fromMs; t <= toMs; t += 1_000) meter.tick(t, visible);
}

describe("ActivityMeter", () => {
  it("counts nothing before the first input", () => {
    const meter = new ActivityMeter(0);
    tick(meter, 0, 300_000);
    expect(meter.take(300_000)).toEqual([]);
  });

  it("cuts what is idle a minute after the last input", () => {
    const meter = new ActivityMeter(0);
    meter.input(1_000);
    tick(meter, 1_000, 200_000);
    expect(meter.take(200_000)).toEqual([{ fromMs: 1_000, toMs: 61_000 }]);
  });

  it("goes on over several reports without a gap or a double", () => {
    const meter = new ActivityMeter(0);
    const taken: Stretch[] = [];
    for (let t = 0; t <= 3_600_000; t += 1_000) {
      if (t % 20_000 === 0) meter.input(t);
      meter.tick(t, true);
      if (t % 15_000 === 0) taken.push(...meter.take(t));
    }
    expect(total(taken)).toBe(3_600_000);
    for (const [i, { fromMs }] of taken.slice(1).entries()) expect(fromMs).toBe(taken[i]?.toMs);
  });

  it("stops at once when the tab goes out of view", () => {
    const meter = new ActivityMeter(0);
    meter.input(0);
    tick(meter, 0, 10_000);
    meter.tick(10_500, false);
    tick(meter, 11_000, 40_000, false);
    expect(total(meter.take(40_000))).toBe(10_500);
  });

  it("does not count a night's sleep of the machine", () => {
    const meter = new ActivityMeter(0);
    meter.input(0);
    tick(meter, 0, 10_000);
    const morning = 8 * 3_600_000;
    meter.input(morning);
    tick(meter, morning, morning + 5_000);
    expect(total(meter.take(morning + 5_000))).toBe(15_000);
  });

  it("never counts more than the time that went by, and no time twice", () => {
    const step = fc.record({
      ms: fc.integer({ min: 0, max: 120_000 }),
      what: fc.constantFrom("input", "shown", "hidden", "take"),
    });
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const meter = new ActivityMeter(0);
        const taken: Stretch[] = [];
        let now = 0;
        let inputs = 0;
        for (const { ms, what } of steps) {
          now += ms;
          if (what === "input") {
            meter.input(now);
            inputs += 1;
          } else if (what === "take") taken.push(...meter.take(now));
          else meter.tick(now, what === "shown");
        }
        taken.push(...meter.take(now));
        expect(total(taken)).toBeLessThanOrEqual(Math.min(now, inputs * IDLE_MS));
        let last = 0;
        for (const { fromMs, toMs } of taken) {
          expect(fromMs).toBeGreaterThanOrEqual(last);
          expect(toMs).toBeGreaterThan(fromMs);
          last = toMs;
        }
        expect(last).toBeLessThanOrEqual(now);
      }),
    );
  });
});
