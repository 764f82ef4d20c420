import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { FrameError } from "../../src/decode/errors";
import type { FrameIndex } from "../../src/decode/index";
import type { FromWorker, RingWindow } from "../../src/decode/protocol";
import { FrameScheduler } from "../../src/decode/scheduler";
import {
  FakeDecoder,
  type FakeFrame,
  type FakeOptions,
  installFakes,
  openFrames,
} from "./fakedecoder";
import { index } from "./fixtures";

beforeAll(installFakes);

const CONFIG = { codec: "avc1.64001e", description: null, width: 64, height: 48, depth: null };

class Bench {
  readonly posted: FromWorker[] = [];
  readonly decoders: FakeDecoder[] = [];
  readonly scheduler: FrameScheduler;
  fetches = 0;
  failFetch: FrameError | null = null;

  constructor(
    readonly frames: FrameIndex,
    options: FakeOptions = {},
    encodedBytes = 1_000_000,
  ) {
    this.scheduler = new FrameScheduler({
      table: frames.table,
      config: CONFIG,
      encodedBytes,
      post: (message) => this.posted.push(message),
      fetchBytes: async (range) => {
        this.fetches += 1;
        if (this.failFetch) throw this.failFetch;
        return new Uint8Array(range.end - range.start);
      },
      makeDecoder: (init) => {
        const decoder = new FakeDecoder(init, options);
        this.decoders.push(decoder);
        return decoder as unknown as VideoDecoder;
      },
    });
  }

  seek(position: number, rate = 0): void {
    this.scheduler.seekTo(position, window(position, rate));
  }

  show(position: number, rate = 0): void {
    this.scheduler.moveWindow(window(position, rate));
  }

  get sent(): number[] {
    return this.posted.flatMap((m) => (m.type === "frame" ? [m.position] : []));
  }

  async until(done: () => boolean, ms = 3000): Promise<void> {
    const end = performance.now() + ms;
    while (!done()) {
      if (performance.now() > end) throw new Error(`sent ${this.sent}`);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  }

  /** Close everything; the pictures the page got are given back as the page would. */
  close(): void {
    this.scheduler.close();
    for (const message of this.posted) {
      if (message.type === "frame") (message.image as unknown as FakeFrame).close();
    }
  }
}

function window(centre: number, rate = 0): RingWindow {
  return { centre, before: 15, after: 15, rate, held: [] };
}

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

describe("at rest", () => {
  it("fetches the whole of an episode that fits, once", async () => {
    bench = new Bench(index(300, 10));
    bench.seek(150);
    await bench.until(() => bench.sent.includes(150));
    bench.show(150);
    await bench.until(() => bench.scheduler.stats().bytes === 3000);
    const { requests } = bench.scheduler.stats();
    bench.show(151);
    await bench.until(() => bench.sent.includes(166));
    expect(bench.scheduler.stats().requests).toBe(requests);
  });

  it("leaves an episode that is too large where it is", async () => {
    bench = new Bench(index(900, 10), {}, 9_000);
    bench.seek(150);
    await bench.until(() => bench.sent.includes(150));
    bench.show(150);
    await bench.until(() => bench.sent.includes(165));
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(bench.scheduler.stats().bytes).toBeLessThan(2_000);
  });
});

let bench: Bench;

beforeEach(() => {
  openFrames.count = 0;
});

afterEach(() => {
  bench.close();
  expect(openFrames.count).toBe(0);
});

describe("a seek", () => {
  it("decodes from the key frame to the row and no further", async () => {
    bench = new Bench(index(100, 10));
    bench.seek(57);
    await bench.until(() => bench.sent.includes(57));
    expect(bench.decoders[0]!.fed).toEqual(range(50, 57));
    expect(bench.decoders[0]!.flushes).toBe(0);
  });

  it("sends the picture asked for before those decoded on the way", async () => {
    bench = new Bench(index(100, 10));
    bench.seek(57);
    await bench.until(() => bench.sent.length === 8);
    expect(bench.sent).toEqual([57, ...range(50, 56)]);
  });

  it("goes on from where the decoder is when the next one lies ahead", async () => {
    bench = new Bench(index(100, 50));
    bench.seek(20);
    await bench.until(() => bench.sent.includes(20));
    bench.seek(24);
    await bench.until(() => bench.sent.includes(24));
    expect(bench.decoders[0]!.fed).toEqual(range(0, 24));
  });

  it("gets pictures that the decoder holds back", async () => {
    bench = new Bench(index(100, 10, true), { holdsBack: 2 });
    for (const position of [57, 3, 99, 31]) {
      bench.seek(position);
      await bench.until(() => bench.sent.includes(position));
    }
  });

  it("is given up for a later one", async () => {
    bench = new Bench(index(400, 200));
    bench.seek(190);
    bench.seek(395);
    bench.seek(5);
    await bench.until(() => bench.sent.includes(5));
    expect(bench.sent).not.toContain(190);
    expect(bench.sent).not.toContain(395);
  });

  it("waits for nothing else until the page shows it", async () => {
    bench = new Bench(index(100, 2));
    bench.seek(50);
    await bench.until(() => bench.sent.includes(50));
    const { fetches } = bench;
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(bench.sent).toEqual([50]);
    expect(bench.fetches).toBe(fetches);
  });
});

describe("the ring", () => {
  it.each([
    ["short groups", index(100, 2), 0],
    ["long groups", index(100, 100), 0],
    ["pictures held back", index(100, 20, true), 2],
  ])("is filled on both sides: %s", async (_, frames, holdsBack) => {
    bench = new Bench(frames, { holdsBack });
    bench.seek(50);
    await bench.until(() => bench.sent.includes(50));
    bench.show(50);
    await bench.until(() => bench.sent.length >= 31);
    expect([...bench.sent].sort((a, b) => a - b)).toEqual(range(35, 65));
  });

  it("leaves out what the page holds", async () => {
    bench = new Bench(index(100, 2));
    bench.scheduler.moveWindow({ ...window(50), held: range(36, 65) });
    await bench.until(() => bench.sent.length > 0);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(bench.sent).toEqual([35]);
  });

  it("runs ahead while playing, each picture once", async () => {
    bench = new Bench(index(100, 10));
    for (let position = 0; position < 80; position += 1) {
      bench.show(position, 1);
      await bench.until(() => bench.sent.includes(Math.min(99, position + 10)));
    }
    expect(new Set(bench.sent).size).toBe(bench.sent.length);
  });

  it("runs behind while playing backwards, each group decoded once", async () => {
    bench = new Bench(index(100, 10));
    for (let position = 90; position > 20; position -= 1) {
      bench.show(position, -1);
      await bench.until(() => bench.sent.includes(Math.max(0, position - 8)));
    }
    expect(bench.decoders[0]!.fed.length).toBeLessThan(240);
  });
});

describe("failures", () => {
  it("of the network fail the seek, and the next one tries again", async () => {
    bench = new Bench(index(100, 2));
    bench.failFetch = new FrameError("network", "gone");
    bench.seek(50);
    await bench.until(() => bench.posted.some((m) => m.type === "failed"));
    expect(bench.posted[0]).toMatchObject({ position: 50, error: { kind: "network" } });
    bench.failFetch = null;
    bench.seek(50);
    await bench.until(() => bench.sent.includes(50));
  });

  it("of the decoder set it up again once, then fail the seek", async () => {
    bench = new Bench(index(100, 10), { failsAt: (rank) => rank === 55 });
    bench.seek(57);
    await bench.until(() => bench.posted.some((m) => m.type === "failed"));
    expect(bench.posted[0]).toMatchObject({ position: 57, error: { kind: "decoder" } });
    expect(bench.scheduler.stats().reconfigured).toBe(2);
    bench.seek(47);
    await bench.until(() => bench.sent.includes(47));
  });

  it("of pictures nobody asked for leave a gap and go on", async () => {
    bench = new Bench(index(100, 2), { failsAt: (rank) => rank === 60 });
    bench.seek(50);
    await bench.until(() => bench.sent.includes(50));
    bench.show(50);
    await bench.until(() => bench.sent.includes(35));
    expect(bench.posted.some((m) => m.type === "failed")).toBe(false);
  });
});

describe("a decoder with few pictures of its own", () => {
  it("has them given back when it stands still", async () => {
    bench = new Bench(index(100, 2), { pool: 12 });
    bench.seek(50);
    await bench.until(() => bench.sent.includes(50));
    bench.show(50);
    await bench.until(() => bench.posted.some((m) => m.type === "release"));
    for (const message of bench.posted) {
      if (message.type === "frame") (message.image as unknown as FakeFrame).close();
    }
    const before = bench.scheduler.stats().decoded;
    await bench.until(() => bench.scheduler.stats().decoded > before);
  });
});
