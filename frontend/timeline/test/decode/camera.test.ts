import { beforeEach, describe, expect, it } from "vitest";
import { Camera } from "../../src/decode/camera";
import type { CameraStatus } from "../../src/decode/contract";
import type { DepthLook } from "../../src/decode/depthcolour";
import { FrameError } from "../../src/decode/errors";
import { FrameIndex } from "../../src/decode/index";
import type { RingWindow } from "../../src/decode/protocol";
import type { FrameSource, SourceEvents } from "../../src/decode/source";
import { FakeFrame, openFrames } from "./fakedecoder";
import { index, indexJson } from "./fixtures";

class FakeSource implements FrameSource {
  readonly asked: { kind: string; position: number; window: RingWindow }[] = [];
  strips: { id: number; positions: readonly number[] }[] = [];
  prefetched: [number, number][] = [];
  closed = false;

  constructor(
    readonly events: SourceEvents,
    readonly path: "webcodecs" | "packs" = "webcodecs",
  ) {}

  seek(position: number, window: RingWindow): void {
    this.asked.push({ kind: "seek", position, window });
  }

  moveWindow(window: RingWindow): void {
    this.asked.push({ kind: "window", position: window.centre, window });
  }

  strip(id: number, positions: readonly number[]): void {
    this.strips.push({ id, positions });
  }

  prefetch(first: number, last: number): void {
    this.prefetched.push([first, last]);
  }

  looks: DepthLook[] = [];

  recolour(look: DepthLook): void {
    this.looks.push(look);
  }

  async depth() {
    return null;
  }

  async stats() {
    const counts = { bytes: 0, requests: 0, open: 0, decoded: 0, reconfigured: 0, flushes: 0 };
    return { path: this.path, ...counts };
  }

  close(): void {
    this.closed = true;
  }

  put(...positions: number[]): void {
    for (const position of positions) {
      this.events.frame(position, new FakeFrame(position) as unknown as VideoFrame);
    }
  }

  get last() {
    return this.asked.at(-1)!;
  }
}

const FRAME_BYTES = 64 * 48 * 1.5;
const frames = index(100, 10);

const depthFrames = FrameIndex.parse({
  ...indexJson({ pts: [...Array(100).keys()], key: new Array(100).fill(1) }),
  codec: "png",
  depth_range: [400, 2000],
  depth_unit_m: 0.001,
});

function make(memory: number, withFallback = false, of = frames) {
  const made: FakeSource[] = [];
  const statuses: CameraStatus[] = [];
  const add = (path: "webcodecs" | "packs") => (events: SourceEvents) => {
    const source = new FakeSource(events, path);
    made.push(source);
    return source;
  };
  const camera = new Camera({
    streamId: "front",
    index: of,
    source: add("webcodecs"),
    fallback: withFallback ? add("packs") : null,
    ringBytes: memory * FRAME_BYTES,
    onStatus: (status) => statuses.push(status),
  });
  return { camera, source: made[0]!, made, statuses };
}

beforeEach(() => {
  openFrames.count = 0;
});

describe("frame", () => {
  it("gives the picture of the position with its time", async () => {
    const { camera, source } = make(1000);
    const asked = camera.frame(40);
    source.put(39, 40);
    const frame = await asked;
    expect([frame?.position, frame?.timeNs]).toEqual([40, 800_000_000]);
    expect(camera.cached(39)?.position).toBe(39);
    expect(camera.cached(41)).toBeNull();
    camera.close();
    expect(openFrames.count).toBe(0);
  });

  it("is null for all calls but the latest", async () => {
    const { camera, source } = make(1000);
    const asked = [10, 20, 30].map((position) => camera.frame(position));
    source.put(10, 30);
    expect((await Promise.all(asked)).map((f) => f?.position ?? null)).toEqual([null, null, 30]);
  });

  it("is one promise for one position", () => {
    const { camera, source } = make(1000);
    expect(camera.frame(5)).toBe(camera.frame(5));
    expect(source.asked).toHaveLength(1);
  });

  it("refuses positions that are not there", () => {
    const { camera } = make(1000);
    for (const position of [-1, 100, 1.5, Number.NaN]) {
      expect(() => camera.frame(position)).toThrow(RangeError);
    }
  });

  it("rejects when the source fails, and asks again the next time", async () => {
    const { camera, source } = make(1000);
    const asked = camera.frame(5);
    source.events.failed(5, new FrameError("network", "gone"));
    await expect(asked).rejects.toMatchObject({ kind: "network" });
    const again = camera.frame(5);
    source.put(5);
    expect((await again)?.position).toBe(5);
  });
});

describe("the ring", () => {
  it("keeps what memory allows, the window always, the oldest go first", async () => {
    const { camera, source } = make(40);
    for (const position of [15, 60]) {
      const asked = camera.frame(position);
      source.put(...Array.from({ length: 31 }, (_, i) => position - 15 + i));
      await asked;
      camera.show(position);
    }
    expect((await camera.stats()).open).toBe(40);
    expect(camera.cached(0)).toBeNull();
    expect(camera.cached(29)).not.toBeNull();
    for (let p = 45; p <= 75; p += 1) expect(camera.cached(p)).not.toBeNull();
    camera.close();
    expect(openFrames.count).toBe(0);
  });

  it("never closes what is on the screen, nor what was given out last", async () => {
    const { camera, source } = make(1);
    const first = camera.frame(10);
    source.put(10);
    await first;
    camera.show(10);
    const second = camera.frame(90);
    source.put(90);
    await second;
    expect(camera.cached(10)).not.toBeNull();
    camera.show(90);
    const third = camera.frame(50);
    source.put(50);
    await third;
    expect(camera.cached(10)).toBeNull();
    expect(camera.cached(90)).not.toBeNull();
  });

  it("says what of the window it holds", async () => {
    const { camera, source } = make(1000);
    source.put(7, 8, 9);
    void camera.frame(10);
    expect(source.last.window).toMatchObject({ centre: 10, held: [7, 8, 9] });
  });

  it("reaches further in the direction of travel", () => {
    const { camera, source } = make(1000);
    camera.setPlaying(1);
    expect(source.last.window.after).toBeGreaterThan(source.last.window.before);
    camera.setPlaying(-1);
    expect(source.last.window.before).toBeGreaterThan(source.last.window.after);
  });

  it("gives all but the screen's picture back when the decoder asks for them", async () => {
    const { camera, source } = make(1000);
    const asked = camera.frame(10);
    source.put(8, 9, 10, 11);
    await asked;
    camera.show(10);
    source.events.release();
    expect(openFrames.count).toBe(1);
    expect(camera.cached(10)).not.toBeNull();
  });
});

describe("a source that fails for good", () => {
  it("is replaced by packs, and what was asked for is asked again", async () => {
    const { camera, source, made, statuses } = make(1000, true);
    const asked = camera.frame(42);
    source.events.failed(null, new FrameError("decoder", "broken"));
    expect(source.closed).toBe(true);
    expect(made[1]!.last).toMatchObject({ kind: "seek", position: 42 });
    made[1]!.put(42);
    expect((await asked)?.rotation).toBe(0);
    expect(statuses.map((s) => s.state)).toEqual(["fallback"]);
  });

  it("without packs rejects from then on", async () => {
    const { camera, source, statuses } = make(1000);
    const asked = camera.frame(42);
    source.events.failed(null, new FrameError("decoder", "broken"));
    await expect(asked).rejects.toMatchObject({ kind: "decoder" });
    await expect(camera.frame(1)).rejects.toMatchObject({ kind: "decoder" });
    expect(statuses.map((s) => s.state)).toEqual(["failed"]);
  });
});

describe("around", () => {
  it("asks for what it has not, keeps it, and gives it in order", async () => {
    const { camera, source } = make(1000);
    const asked = camera.around(1, 2);
    expect(source.strips[0]?.positions).toEqual([0, 1, 2, 3]);
    const { id } = source.strips[0]!;
    for (const p of [3, 1, 0, 2]) source.events.thumb(id, p, new FakeFrame(p) as never);
    expect((await asked)?.map((f) => f.position)).toEqual([0, 1, 2, 3]);
    expect((await camera.around(2, 1))?.map((f) => f.position)).toEqual([1, 2, 3]);
    expect(source.strips).toHaveLength(1);
    camera.close();
    expect(openFrames.count).toBe(0);
  });

  it("is null when superseded, and short when the source gives up", async () => {
    const { camera, source } = make(1000);
    const first = camera.around(50, 1);
    const second = camera.around(60, 1);
    expect(await first).toBeNull();
    const { id } = source.strips[1]!;
    source.events.thumb(id, 60, new FakeFrame(60) as never);
    source.events.stripEnd(id);
    expect((await second)?.map((f) => f.position)).toEqual([60]);
  });
});

describe("prefetch", () => {
  it("is kept within the camera", () => {
    const { camera, source } = make(1000);
    camera.prefetch({ from: -5, to: 12 });
    camera.prefetch({ from: 200, to: 300 });
    expect(source.prefetched).toEqual([[0, 11]]);
  });
});

describe("recolouring a depth camera", () => {
  const shownAt = async (position: number) => {
    const made = make(1000, false, depthFrames);
    const asked = made.camera.frame(position);
    made.source.put(position, position + 1);
    await asked;
    made.camera.show(position);
    return made;
  };

  it("keeps the screen's picture open until the same frame comes in the new colours", async () => {
    const { camera, source } = await shownAt(10);
    let told = 0;
    camera.onPicture = () => {
      told += 1;
    };
    const before = camera.cached(10);
    camera.recolour({ map: "turbo", range: null });
    // The range of the recording stands in for none.
    expect(source.looks).toEqual([{ map: "turbo", range: [400, 2000] }]);
    source.put(11, 12);
    expect(openFrames.count).toBe(2);
    source.events.recoloured();
    expect(camera.cached(10)).toBe(before);
    expect(camera.cached(11)).toBeNull();
    expect(source.last).toMatchObject({ kind: "seek", position: 10 });
    expect(source.last.window.held).toEqual([]);
    told = 0;
    source.put(10);
    expect(told).toBe(1);
    expect(camera.cached(10)).not.toBe(before);
    expect(openFrames.count).toBe(1);
  });

  it("asks again for what was under way, and closes what comes in colours before the last", async () => {
    const { camera, source } = await shownAt(10);
    const asked = camera.frame(50);
    camera.recolour({ map: "grey", range: null });
    camera.recolour({ map: "grey", range: [500, 600] });
    source.put(50);
    source.events.recoloured();
    source.put(50);
    source.events.recoloured();
    expect(source.last).toMatchObject({ kind: "seek", position: 50 });
    source.put(50);
    expect((await asked)?.position).toBe(50);
  });

  it("makes the strip's pictures again", async () => {
    const { camera, source } = await shownAt(10);
    const first = camera.around(50, 0);
    source.events.thumb(source.strips[0]!.id, 50, new FakeFrame(50) as never);
    await first;
    camera.recolour({ map: "grey", range: null });
    void camera.around(50, 0);
    expect(source.strips).toHaveLength(2);
  });

  it("changes nothing where nothing changes, or where there is no depth", async () => {
    const { camera, source } = await shownAt(10);
    camera.recolour({ map: "viridis", range: null });
    expect(source.looks).toEqual([]);
    const plain = make(1000);
    plain.camera.recolour({ map: "grey", range: null });
    expect(plain.source.looks).toEqual([]);
  });
});

describe("a share of the memory", () => {
  it("narrows the window, and lets others go first", async () => {
    const { camera, source } = make(1000);
    camera.setShare(8 * FRAME_BYTES, false);
    expect(source.last.window).toMatchObject({ before: 4, after: 4, yields: true });
    camera.setShare(1000 * FRAME_BYTES, true);
    expect(source.last.window).toMatchObject({ before: 15, after: 15, yields: false });
  });
});

describe("a strip of a part of the picture", () => {
  it("closes what comes for the part asked for before", async () => {
    const { camera, source } = make(1000);
    const crop = { x: 8, y: 8, width: 16, height: 12 };
    const first = camera.around(50, 0, { crop: null, height: 24 });
    const second = camera.around(50, 0, { crop, height: 24 });
    expect(await first).toBeNull();
    source.events.thumb(source.strips[0]!.id, 50, new FakeFrame(50) as never);
    expect(openFrames.count).toBe(0);
    source.events.thumb(source.strips[1]!.id, 50, new FakeFrame(50) as never);
    expect((await second)?.map((frame) => frame.crop)).toEqual([crop]);
  });
});
