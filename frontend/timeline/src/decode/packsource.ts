import type { CameraStats } from "./contract";
import type { DepthPicture } from "./depthcolour";
import { FrameError } from "./errors";
import type { Retry } from "./fetching";
import { thumbSize } from "./outlet";
import { getPrepared, type PackIndex, parsePack } from "./packs";
import { inWindow, type RingWindow, type StripLook } from "./protocol";
import { Pulse } from "./pulse";
import type { FrameSource, SourceEvents } from "./source";

type Jpegs = Uint8Array<ArrayBuffer>[];

interface Job {
  readonly kind: "seek" | "strip" | "fill";
  readonly position: number;
}

const HELD_BYTES = 64 * 1024 * 1024;
/** Bitmaps take four bytes a pixel and are quickly made: fewer are made ahead than of video frames. */
const AHEAD = 8;
const WAIT_MS = 10_000;

/** The fallback: JPEG pictures in packs, for what WebCodecs cannot decode and where it is not there. */
export class PackSource implements FrameSource {
  readonly path = "packs";
  private readonly controller = new AbortController();
  private readonly packs = new Map<number, Promise<Jpegs>>();
  private readonly pulse = new Pulse();
  private index: Promise<PackIndex> | null = null;
  private wanted: number | null = null;
  private window: RingWindow | null = null;
  private asked: { id: number; left: Set<number>; look: StripLook } | null = null;
  private have = new Set<number>();
  private running = false;
  private readonly counts = { bytes: 0, requests: 0, decoded: 0 };

  constructor(
    private readonly url: string,
    private readonly frames: number,
    private readonly events: SourceEvents,
  ) {}

  seek(position: number, window: RingWindow): void {
    this.wanted = position;
    this.moveWindow(window);
  }

  moveWindow(window: RingWindow): void {
    const before = Math.min(window.before, AHEAD);
    this.window = { ...window, before, after: Math.min(window.after, AHEAD) };
    this.have = new Set([...this.have].filter((position) => inWindow(window, position)));
    // The page moves the window away from a seek only when it has given that seek up.
    if (this.wanted !== null && !inWindow(window, this.wanted)) this.wanted = null;
    this.wake();
  }

  strip(id: number, positions: readonly number[], look: StripLook): void {
    this.asked = { id, left: new Set(positions), look };
    this.wake();
  }

  prefetch(first: number, last: number): void {
    const all = async () => {
      const { frames_per_pack: perPack } = await this.open();
      const end = Math.floor(last / perPack);
      for (let n = Math.floor(first / perPack); n <= end; n += 1) await this.pack(n);
    };
    // A failure shows when the pictures are needed.
    all().catch(() => {});
  }

  /** The server has coloured them. */
  recolour(): void {}

  async depth(): Promise<DepthPicture | null> {
    return null;
  }

  async stats(): Promise<CameraStats> {
    return { path: "packs", ...this.counts, open: 0, reconfigured: 0, flushes: 0 };
  }

  close(): void {
    this.controller.abort(new FrameError("closed", "The camera is closed."));
    this.packs.clear();
    this.pulse.beat();
  }

  private get closed(): boolean {
    return this.controller.signal.aborted;
  }

  private async prepared<T>(url: string, read: (response: Response) => Promise<T>): Promise<T> {
    const { events } = this;
    let waited = false;
    const retry: Retry & { readonly signal: AbortSignal } = {
      signal: this.controller.signal,
      onRetry: (error) => events.status(error ? "retrying" : "ready", error),
    };
    this.counts.requests += 1;
    const value = await getPrepared(url, read, retry, (fraction) => {
      waited = true;
      events.status("preparing", null, fraction);
    });
    if (waited) events.status("ready", null);
    return value;
  }

  private open(): Promise<PackIndex> {
    if (!this.index) {
      this.index = this.fetchIndex();
      this.index.catch(() => {
        this.index = null;
      });
    }
    return this.index;
  }

  private async fetchIndex(): Promise<PackIndex> {
    const index = await this.prepared<PackIndex>(`${this.url}index.json`, (r) => r.json());
    if (index.frames !== this.frames || !(index.frames_per_pack > 0)) {
      throw new FrameError("packs", `The packs hold ${index.frames} of ${this.frames} pictures.`);
    }
    return index;
  }

  private pack(number: number): Promise<Jpegs> {
    const held = this.packs.get(number);
    const pack = held ?? this.fetchPack(number);
    this.packs.delete(number);
    this.packs.set(number, pack);
    if (!held) pack.catch(() => this.packs.delete(number));
    return pack;
  }

  private async fetchPack(number: number): Promise<Jpegs> {
    const name = `${String(number).padStart(5, "0")}.bin`;
    const buffer = await this.prepared(this.url + name, (response) => response.arrayBuffer());
    this.counts.bytes += buffer.byteLength;
    const most = Math.max(2, Math.floor(HELD_BYTES / Math.max(1, buffer.byteLength)));
    for (const oldest of this.packs.keys()) {
      if (this.packs.size <= most) break;
      this.packs.delete(oldest);
    }
    return parsePack(buffer);
  }

  private wake(): void {
    this.pulse.beat();
    if (!this.running) void this.run();
  }

  private async run(): Promise<void> {
    this.running = true;
    for (let job = this.next(); job && !this.closed; job = this.next()) {
      try {
        await this.make(job);
      } catch (cause) {
        this.fail(job, cause);
      }
    }
    this.running = false;
  }

  private next(): Job | null {
    if (this.wanted !== null) return { kind: "seek", position: this.wanted };
    for (const position of this.asked?.left ?? []) return { kind: "strip", position };
    const fill = this.window && this.nextMissing(this.window);
    return fill === null ? null : { kind: "fill", position: fill };
  }

  /** Every JPEG stands alone: the nearest one missing, in the direction of travel. */
  private nextMissing(window: RingWindow): number | null {
    const steps = window.rate < 0 ? [-1] : window.rate > 0 ? [1] : [1, -1];
    for (const step of steps) {
      const reach = step < 0 ? window.before : window.after;
      for (let i = 0; i <= reach; i += 1) {
        const position = window.centre + step * i;
        if (position < 0 || position >= this.frames) break;
        if (!this.have.has(position)) return position;
      }
    }
    return null;
  }

  private stale(job: Job): boolean {
    if (this.closed) return true;
    if (job.kind === "seek") return this.wanted !== job.position;
    if (this.wanted !== null) return true;
    if (job.kind === "strip") return !this.asked?.left.has(job.position);
    return this.window === null || !inWindow(this.window, job.position);
  }

  /** The value, or null as soon as the job has gone stale. */
  private async unlessStale<T>(job: Job, promise: Promise<T>): Promise<T | null> {
    let done = false;
    const finish = () => {
      done = true;
      this.pulse.beat();
    };
    promise.then(finish, finish);
    while (!done && !this.stale(job)) await this.pulse.wait(WAIT_MS);
    return this.stale(job) ? null : promise;
  }

  private async make(job: Job): Promise<void> {
    const index = await this.unlessStale(job, this.open());
    if (!index) return;
    const number = Math.floor(job.position / index.frames_per_pack);
    const jpegs = await this.unlessStale(job, this.pack(number));
    if (!jpegs) return;
    const jpeg = jpegs[job.position % index.frames_per_pack];
    if (!jpeg) throw new FrameError("packs", `Pack ${number} has no picture ${job.position}.`);
    const image = await createImageBitmap(new Blob([jpeg], { type: "image/jpeg" }));
    this.counts.decoded += 1;
    await this.thumb(job.position, image);
    this.send(job.position, image);
  }

  private send(position: number, image: ImageBitmap): void {
    const wanted = this.wanted === position;
    if (wanted) this.wanted = null;
    const fits =
      this.window !== null && inWindow(this.window, position) && !this.have.has(position);
    if (fits) this.have.add(position);
    if (!this.closed && (wanted || fits)) this.events.frame(position, image);
    else image.close();
  }

  private async thumb(position: number, image: ImageBitmap): Promise<void> {
    const strip = this.asked;
    if (!strip?.left.delete(position)) return;
    // Whole, and as large as it is where a part of it will be shown.
    const height = strip.look.crop ? image.height : strip.look.height;
    const small = await createImageBitmap(image, thumbSize(image, height));
    if (this.closed) small.close();
    else this.events.thumb(strip.id, position, small);
  }

  private fail(job: Job, cause: unknown): void {
    if (this.closed) return;
    const error = FrameError.wrap(cause, "packs");
    if (job.kind === "seek" && this.wanted === job.position) {
      this.wanted = null;
      this.events.failed(job.position, error);
    }
    // The neighbours are tried again when the page next moves the window.
    this.window = null;
    if (this.asked) this.events.stripEnd(this.asked.id);
    this.asked = null;
  }
}
