import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type ClockView, FrameClock } from "../../src/clock/clock";
import { liveHoldings, Scope } from "../../src/clock/scope";
import { FakeCamera, type FakePicture, Frames } from "./frames";

const MS = 1_000_000;
const DURATION = 2_000 * MS;

let frames: Frames;
let scope: Scope;
let front: FakeCamera;
let side: FakeCamera;
let clock: FrameClock<FakePicture>;
let views: ClockView<FakePicture>[];

beforeEach(() => {
  frames = new Frames();
  frames.install();
  scope = new Scope();
  front = new FakeCamera("front", 100, 20 * MS);
  side = new FakeCamera("side", 60, 33_333_333, 5 * MS);
  clock = new FrameClock({ scope, durationNs: DURATION, cameras: [front, side] });
  views = [];
  clock.subscribe((view) => views.push(view));
});

afterEach(() => {
  clock.close();
  scope.close();
  expect(liveHoldings()).toBe(0);
  expect(frames.waiting).toBe(0);
  vi.unstubAllGlobals();
});

function shown(): (number | undefined)[] {
  return clock.view.shown?.frames.map((frame) => frame.position) ?? [];
}

/** Every set named one instant: no camera is ever shown beside another's time. */
function noSkew(): boolean {
  return views.every(
    ({ shown: set }) =>
      !set || [front, side].every((cam, i) => cam.positionAt(set.tNs) === set.frames[i]!.position),
  );
}

describe("seeking", () => {
  it("shows all cameras at the instant named", async () => {
    clock.seek(510 * MS);
    await frames.pass(10);
    expect(shown()).toEqual([25, 15]);
    expect(clock.view).toMatchObject({ tNs: 510 * MS, settled: true, playing: false });
    expect([front.shownAt.at(-1), side.shownAt.at(-1)]).toEqual([25, 15]);
  });

  it("shows nothing until every camera has its picture", async () => {
    clock.seek(0);
    await frames.pass(10);
    side.slow = true;
    front.slow = true;
    clock.seek(1000 * MS);
    await front.deliver();
    await frames.pass(20);
    expect(shown()).toEqual([0, 0]);
    expect(clock.view.settled).toBe(false);
    await side.deliver();
    await frames.pass(10);
    expect(shown()).toEqual([50, 29]);
    expect(clock.view.settled).toBe(true);
  });

  it("fetches only the latest of what was asked for meanwhile", async () => {
    front.slow = true;
    for (const t of [100, 200, 300, 400, 500]) clock.seek(t * MS);
    await front.deliver();
    await front.deliver();
    expect(front.asked).toEqual([5, 25]);
    await frames.pass(10);
    expect(shown()[0]).toBe(25);
  });

  it("stays within the episode and on whole nanoseconds", () => {
    clock.seek(-5);
    expect(clock.view.tNs).toBe(0);
    clock.seek(10 * DURATION);
    expect(clock.view.tNs).toBe(DURATION - 1);
    clock.seek(12.7);
    expect(clock.view.tNs).toBe(13);
  });

  it("tells why a picture did not come, until one does", async () => {
    front.slow = true;
    front.fail(new Error("gone"));
    clock.seek(100 * MS);
    await frames.pass(10);
    expect(clock.view.error?.message).toBe("gone");
    front.fail(null);
    front.slow = false;
    clock.seek(200 * MS);
    await frames.pass(10);
    expect(clock.view.error).toBeNull();
  });
});

describe("stepping", () => {
  it("goes by frames of the reference camera, from the playhead", async () => {
    clock.seek(510 * MS);
    clock.step(1);
    expect(clock.view.tNs).toBe(520 * MS);
    front.slow = true;
    for (let i = 0; i < 10; i += 1) clock.step(1);
    expect(clock.view.tNs).toBe(720 * MS);
    clock.step(-36);
    expect(clock.view.tNs).toBe(0);
    clock.step(-1);
    expect(clock.view.tNs).toBe(0);
  });

  it("pauses", async () => {
    clock.play();
    clock.step(1);
    expect(clock.view.playing).toBe(false);
  });
});

describe("playing", () => {
  it("keeps to the wall clock at every rate, either way", async () => {
    for (const [rate, from, to] of [
      [1, 0, 1000],
      [0.1, 0, 100],
      [2, 100, 1900],
      [-1, 1500, 500],
    ] as const) {
      clock.seek(from * MS);
      clock.setRate(rate);
      clock.play();
      await frames.pass(10);
      await frames.pass(Math.abs((to - from) / rate));
      expect(clock.view.tNs).toBeCloseTo(to * MS, -7);
      clock.pause();
      await frames.pass(10);
    }
    expect(noSkew()).toBe(true);
  });

  it("stops on a frame of the reference camera", async () => {
    clock.play();
    await frames.pass(10);
    await frames.pass(730);
    clock.pause();
    await frames.pass(10);
    expect(clock.view.tNs).toBe(720 * MS);
    expect(shown()[0]).toBe(36);
  });

  it("stops at the end, and begins again from there", async () => {
    clock.seek(1900 * MS);
    clock.play();
    await frames.pass(200);
    expect(clock.view).toMatchObject({ playing: false, tNs: 1980 * MS });
    expect([front.rate, side.rate]).toEqual([0, 0]);
    clock.play();
    await frames.pass(60);
    expect(clock.view.tNs).toBeLessThan(100 * MS);
  });

  it("goes round a range, forwards and backwards", async () => {
    clock.setLoop({ startNs: 400 * MS, endNs: 600 * MS });
    clock.seek(500 * MS);
    for (const rate of [1, -1]) {
      views = [];
      clock.setRate(rate);
      clock.play();
      await frames.pass(1000);
      const times = views.map((view) => view.tNs / MS);
      expect(Math.min(...times)).toBeGreaterThanOrEqual(400);
      expect(Math.max(...times)).toBeLessThan(600);
      expect(new Set(times.map((t) => Math.floor(t / 20))).size).toBe(10);
      clock.pause();
    }
  });

  it("waits for the slowest camera, and makes up for it without leaving a picture out", async () => {
    clock.play();
    await frames.pass(100);
    side.slow = true;
    await frames.pass(150);
    const held = clock.view.tNs;
    await side.deliver();
    side.slow = false;
    views = [];
    await frames.pass(400);
    const seen = views.flatMap(({ shown }) => shown?.positions[0] ?? []);
    expect(seen.every((position, i) => i === 0 || position - seen[i - 1]! < 2)).toBe(true);
    expect(clock.view.tNs).toBeGreaterThan(held + 500 * MS);
    expect(noSkew()).toBe(true);
  });

  it("waits for the slowest camera and then drops whole sets, never one camera's", async () => {
    clock.setRate(2);
    clock.play();
    await frames.pass(100);
    side.slow = true;
    await frames.pass(150);
    expect(clock.view.waiting).toBe(true);
    const held = clock.view.tNs;
    await frames.pass(50);
    expect(clock.view.tNs).toBe(held);
    await side.deliver();
    side.slow = false;
    await frames.pass(20);
    expect(clock.view.tNs).toBeGreaterThan(held + 150 * MS);
    expect(noSkew()).toBe(true);
  });

  it("slows down instead of leaping when decoding takes very long", async () => {
    clock.play();
    await frames.pass(100);
    side.slow = true;
    await frames.pass(1500);
    const held = clock.view.tNs;
    await side.deliver();
    side.slow = false;
    await frames.pass(10);
    expect(clock.view.tNs).toBeLessThan(held + 300 * MS);
  });

  it("pauses when a picture cannot be had", async () => {
    clock.play();
    await frames.pass(100);
    side.slow = true;
    side.fail(new Error("gone"));
    await frames.pass(100);
    expect(clock.view).toMatchObject({ playing: false, waiting: false });
    expect(clock.view.error?.message).toBe("gone");
  });

  it("tells the cameras which way it goes", () => {
    clock.setRate(-2);
    expect(front.rate).toBe(0);
    clock.play();
    expect([front.rate, side.rate]).toEqual([-2, -2]);
    clock.setRate(100);
    expect(front.rate).toBe(8);
    clock.pause();
    expect(front.rate).toBe(0);
  });
});

describe("subscribers", () => {
  it("are called once a frame however much happened, and not when nothing did", async () => {
    await frames.pass(20);
    views = [];
    for (let i = 0; i < 20; i += 1) clock.seek(i * MS);
    await frames.pass(10);
    expect(views).toHaveLength(1);
    await frames.pass(100);
    expect(views).toHaveLength(1);
    clock.invalidate();
    await frames.pass(20);
    expect(views).toHaveLength(2);
  });

  it("are let go", async () => {
    const seen: number[] = [];
    const stop = clock.subscribe((view) => seen.push(view.tNs));
    await frames.pass(10);
    stop();
    clock.seek(5);
    await frames.pass(10);
    expect(seen).toHaveLength(1);
  });
});

describe("watching", () => {
  it("looks on every frame and draws nothing, until nobody watches", async () => {
    await frames.pass(50);
    views.length = 0;
    const look = vi.fn();
    clock.watch(look);
    await frames.pass(50);
    expect(look).toHaveBeenCalledTimes(5);
    expect(views).toEqual([]);
    clock.unwatch(look);
    await frames.pass(20);
    expect(frames.waiting).toBe(0);
  });

  it("plays on while somebody watches", async () => {
    clock.watch(() => {});
    clock.play();
    await frames.pass(200);
    expect(clock.view.tNs).toBeGreaterThan(100 * MS);
    clock.pause();
  });
});

describe("a stretch played once", () => {
  it("begins at its start, ends at its end, and comes back to where it was asked for", async () => {
    clock.seek(1000 * MS);
    await frames.pass(10);
    clock.playOnce({ startNs: 800 * MS, endNs: 1200 * MS });
    await frames.pass(20);
    expect(clock.view.playing).toBe(true);
    expect(clock.view.tNs).toBeLessThan(1000 * MS);
    const before = views.length;
    await frames.pass(600);
    const reached = Math.max(...views.slice(before).map((view) => view.tNs));
    expect(reached).toBeLessThan(1200 * MS);
    expect(reached).toBeGreaterThan(1100 * MS);
    expect(clock.view).toMatchObject({ playing: false, tNs: 1000 * MS });
    expect(shown()[0]).toBe(50);
  });

  it("ended by hand stays where it was ended, and a loop waits meanwhile", async () => {
    clock.setLoop({ startNs: 0, endNs: 100 * MS });
    clock.seek(1000 * MS);
    await frames.pass(10);
    clock.playOnce({ startNs: 900 * MS, endNs: 1100 * MS });
    await frames.pass(60);
    clock.pause();
    await frames.pass(10);
    expect(clock.view.tNs).toBeGreaterThanOrEqual(900 * MS);
    expect(clock.view.tNs).toBeLessThan(1000 * MS);
    expect(clock.view.loop).toEqual({ startNs: 0, endNs: 100 * MS });
  });

  it("ends there also when animation frames come late", async () => {
    clock.seek(1000 * MS);
    await frames.pass(10);
    clock.playOnce({ startNs: 800 * MS, endNs: 1200 * MS });
    for (let i = 0; i < 60; i += 1) await frames.pass(70, 70);
    expect(clock.view).toMatchObject({ playing: false, tNs: 1000 * MS });
  });

  it("reaches the end of the episode and comes back too", async () => {
    clock.seek(1980 * MS);
    await frames.pass(10);
    clock.playOnce({ startNs: 1900 * MS, endNs: DURATION });
    await frames.pass(400);
    expect(clock.view).toMatchObject({ playing: false, tNs: 1980 * MS });
  });
});

describe("closing", () => {
  it("amid playing leaves no camera decoding ahead", async () => {
    clock.play();
    await frames.pass(40);
    expect(front.rate).toBe(1);
    clock.close();
    expect([front.rate, side.rate]).toEqual([0, 0]);
  });
});
