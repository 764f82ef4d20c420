/** A VideoDecoder of software only: strict about key frames, with a set number of pictures held back. */

export const openFrames = { count: 0 };

export class FakeFrame {
  readonly displayWidth = 64;
  readonly displayHeight = 48;
  private closed = false;

  constructor(readonly timestamp: number) {
    openFrames.count += 1;
  }

  close(): void {
    if (!this.closed) openFrames.count -= 1;
    this.closed = true;
  }

  clone(): FakeFrame {
    return new FakeFrame(this.timestamp);
  }
}

class FakeChunk {
  readonly type: string;
  readonly timestamp: number;
  readonly data: Uint8Array;

  constructor(init: EncodedVideoChunkInit) {
    this.type = init.type;
    this.timestamp = init.timestamp;
    this.data = new Uint8Array(init.data as ArrayBuffer);
  }
}

export function installFakes(): void {
  Object.assign(globalThis, { EncodedVideoChunk: FakeChunk });
}

export interface FakeOptions {
  /** Pictures kept back until as many more have been fed. */
  readonly holdsBack?: number;
  /** Timestamps at which decoding fails. */
  readonly failsAt?: (timestamp: number) => boolean;
  /** Never puts out or takes anything while this many pictures are open. */
  readonly pool?: number;
}

export class FakeDecoder {
  decodeQueueSize = 0;
  ondequeue: (() => void) | null = null;
  state = "unconfigured";
  readonly fed: number[] = [];
  flushes = 0;
  private needsKey = true;
  private queue: FakeChunk[] = [];
  private held: number[] = [];
  private working = false;
  private flushed: (() => void)[] = [];

  constructor(
    private readonly init: VideoDecoderInit,
    private readonly options: FakeOptions,
  ) {}

  configure(): void {
    this.state = "configured";
  }

  decode(chunk: FakeChunk): void {
    if (this.state !== "configured") throw new Error(`decode while ${this.state}`);
    if (this.needsKey && chunk.type !== "key") throw new Error("a key frame is required");
    this.needsKey = false;
    this.fed.push(chunk.timestamp / 1000 - 1);
    this.queue.push(chunk);
    this.decodeQueueSize += 1;
    void this.work();
  }

  flush(): Promise<void> {
    this.flushes += 1;
    this.needsKey = true;
    return new Promise((resolve) => {
      this.flushed.push(resolve);
      void this.work();
    });
  }

  close(): void {
    this.state = "closed";
    this.queue = [];
  }

  private async work(): Promise<void> {
    if (this.working) return;
    this.working = true;
    while (this.state === "configured" && (this.queue.length > 0 || this.flushed.length > 0)) {
      await new Promise((resolve) => setTimeout(resolve, 0));
      while (openFrames.count >= (this.options.pool ?? Number.POSITIVE_INFINITY)) {
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      if (this.state !== "configured") break;
      if (!this.step()) break;
    }
    this.working = false;
  }

  private step(): boolean {
    const chunk = this.queue.shift();
    if (!chunk) {
      this.put(0);
      this.flushed.shift()?.();
      return true;
    }
    this.decodeQueueSize -= 1;
    if (this.options.failsAt?.(chunk.timestamp / 1000 - 1)) {
      this.state = "closed";
      this.init.error(new DOMException("Decoding error.", "EncodingError"));
      return false;
    }
    this.held.push(chunk.timestamp);
    this.put(this.options.holdsBack ?? 0);
    this.ondequeue?.();
    return true;
  }

  private put(keep: number): void {
    this.held.sort((a, b) => a - b);
    while (this.held.length > keep && this.state === "configured") {
      this.init.output(new FakeFrame(this.held.shift()!) as unknown as VideoFrame);
    }
  }
}
