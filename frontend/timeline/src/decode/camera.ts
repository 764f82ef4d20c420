import type {
  CameraFrames,
  CameraStats,
  CameraStatus,
  DecodedFrame,
  PositionRange,
  StripFrame,
} from "./contract";
import type { DepthInfo, DepthLook, DepthPicture } from "./depthcolour";
import { FrameError } from "./errors";
import type { FrameIndex } from "./index";
import { thumbOf } from "./outlet";
import { PICTURE_TYPES } from "./picturefiles";
import type { RingWindow, StripLook } from "./protocol";
import { BITMAP_BYTES, FrameRing, VIDEO_BYTES } from "./ring";
import type { FrameSource, SourceEvents } from "./source";
import { StripCache } from "./strip";

/** Pictures decoded around the playhead: 15 on either side, fewer where they are large. */
const RING = 30;
const RING_MIN = 6;
const USUAL_STRIP: StripLook = { crop: null, height: 96 };

export type MakeSource = (events: SourceEvents) => FrameSource;

export interface CameraOptions {
  readonly streamId: string;
  readonly index: FrameIndex;
  readonly source: MakeSource;
  /** Used when the source fails for good; null where there is none. */
  readonly fallback: MakeSource | null;
  /** Memory for decoded pictures. */
  readonly ringBytes: number;
  readonly onStatus: (status: CameraStatus) => void;
}

interface Pending {
  readonly position: number;
  readonly promise: Promise<DecodedFrame | null>;
  readonly resolve: (frame: DecodedFrame | null) => void;
  readonly reject: (error: FrameError) => void;
}

/** One camera: the ring of pictures, the latest request, and the source behind them. */
export class Camera implements CameraFrames {
  readonly streamId: string;
  private readonly index: FrameIndex;
  private readonly ring: FrameRing;
  private readonly thumbs: StripCache;
  private source: FrameSource;
  private fallback: MakeSource | null;
  private window: RingWindow;
  private pending: Pending | null = null;
  private failure: FrameError | null = null;
  private shown = -1;
  private ringBytes: number;
  private favoured = true;
  private colours: DepthLook | null = null;
  /** Recolourings asked for and not answered: pictures that come meanwhile have old colours. */
  private painting = 0;
  onPicture: () => void = () => {};

  constructor(private readonly options: CameraOptions) {
    this.streamId = options.streamId;
    this.index = options.index;
    this.fallback = options.fallback;
    this.ringBytes = options.ringBytes;
    this.window = { centre: 0, ...this.reach(0), rate: 0, held: [] };
    this.ring = new FrameRing(this.window, options.ringBytes);
    this.thumbs = new StripCache(this.timesNs);
    this.source = this.attach(options.source);
  }

  get frames(): number {
    return this.index.frames;
  }

  get timesNs(): Float64Array {
    return this.index.timesNs;
  }

  get width(): number {
    return this.index.width;
  }

  get height(): number {
    return this.index.height;
  }

  get rotation(): 0 | 90 | 180 | 270 {
    return this.index.rotation;
  }

  get depth(): DepthInfo | null {
    return this.index.depth;
  }

  positionAt(tNs: number): number {
    return this.index.positionAt(tNs);
  }

  cached(position: number): DecodedFrame | null {
    return this.ring.get(position);
  }

  frame(position: number): Promise<DecodedFrame | null> {
    this.checkPosition(position);
    if (this.pending?.position === position) return this.pending.promise;
    this.pending?.resolve(null);
    this.pending = null;
    if (this.failure) return Promise.reject(this.failure);
    this.moveTo(position);
    const held = this.ring.get(position);
    if (held) {
      this.ring.pinLatest(position);
      this.source.moveWindow(this.window);
      return Promise.resolve(held);
    }
    this.source.seek(position, this.window);
    return this.await(position).promise;
  }

  show(position: number): void {
    this.checkPosition(position);
    this.shown = position;
    this.ring.pinShown(position);
    // A request under way already holds the window.
    if (this.pending) return;
    this.moveTo(position);
    this.source.moveWindow(this.window);
  }

  prefetch(range: PositionRange): void {
    const first = Math.max(0, Math.trunc(range.from));
    const last = Math.min(this.frames, Math.trunc(range.to)) - 1;
    if (first <= last && !this.failure) this.source.prefetch(first, last);
  }

  around(
    position: number,
    radius: number,
    look: StripLook = USUAL_STRIP,
  ): Promise<readonly StripFrame[] | null> {
    this.checkPosition(position);
    const first = Math.max(0, position - radius);
    const last = Math.min(this.frames - 1, position + radius);
    const positions = Array.from({ length: last - first + 1 }, (_, i) => first + i);
    const { id, missing, done } = this.thumbs.ask(positions, look);
    const toDecode = missing.filter((p) => !this.thumbFromRing(id, p, look));
    if (toDecode.length > 0) {
      if (this.failure) this.thumbs.end(id);
      else this.source.strip(id, toDecode, look);
    }
    return done;
  }

  setPlaying(rate: number): void {
    if (rate === this.window.rate) return;
    this.moveTo(this.window.centre, rate);
    this.source.moveWindow(this.window);
  }

  /** Its share of the memory, and whether it decodes ahead at once or after others have. */
  setShare(ringBytes: number, favoured: boolean): void {
    if (ringBytes === this.ringBytes && favoured === this.favoured) return;
    this.ringBytes = ringBytes;
    this.favoured = favoured;
    this.ring.allow(ringBytes);
    this.moveTo(this.window.centre);
    if (!this.pending && !this.failure) this.source.moveWindow(this.window);
  }

  recolour(look: DepthLook): void {
    if (!this.depth || this.source.path === "packs" || this.failure) return;
    const range = look.range ?? this.depth.range;
    if (look.map === this.colours?.map && range === this.colours.range) return;
    if (this.colours === null && look.map === "viridis" && look.range === null) return;
    this.colours = { map: look.map, range };
    this.painting += 1;
    this.thumbs.forget();
    this.source.recolour(this.colours);
  }

  depthOf(position: number): Promise<DepthPicture | null> {
    if (!this.depth || this.failure) return Promise.resolve(null);
    this.checkPosition(position);
    return this.source.depth(position);
  }

  async stats(): Promise<CameraStats> {
    const stats = await this.source.stats();
    return { ...stats, open: stats.open + this.ring.open };
  }

  close(): void {
    if (this.failure?.kind === "closed") return;
    this.failure = new FrameError("closed", "The camera is closed.");
    this.pending?.resolve(null);
    this.pending = null;
    this.source.close();
    this.ring.clear();
    this.thumbs.close();
  }

  /** Packs hold upright pictures; a decoder gives them as they are stored. */
  private get turn(): DecodedFrame["rotation"] {
    return this.source.path === "packs" ? 0 : this.rotation;
  }

  private checkPosition(position: number): void {
    if (!Number.isInteger(position) || position < 0 || position >= this.frames) {
      throw new RangeError(`position ${position} of ${this.frames} frames`);
    }
  }

  private get pixelBytes(): number {
    return this.index.codec in PICTURE_TYPES ? BITMAP_BYTES : VIDEO_BYTES;
  }

  private reach(rate: number): { before: number; after: number } {
    const most = Math.floor(this.ringBytes / (this.width * this.height * this.pixelBytes));
    const total = Math.min(RING, Math.max(RING_MIN, most));
    const less = rate === 0 ? Math.floor(total / 2) : Math.floor(total / 4);
    return rate < 0 ? { before: total - less, after: less } : { before: less, after: total - less };
  }

  private moveTo(centre: number, rate = this.window.rate): void {
    const reach = this.reach(rate);
    const held: number[] = [];
    for (let p = centre - reach.before; p <= centre + reach.after; p += 1) {
      if (this.ring.has(p)) held.push(p);
    }
    this.window = { centre, ...reach, rate, held, yields: !this.favoured };
    this.ring.move(this.window);
  }

  private await(position: number): Pending {
    let settle: Pick<Pending, "resolve" | "reject"> | null = null;
    const promise = new Promise<DecodedFrame | null>((resolve, reject) => {
      settle = { resolve, reject };
    });
    this.pending = { position, promise, ...settle! };
    return this.pending;
  }

  private thumbFromRing(id: number, position: number, look: StripLook): boolean {
    const held = this.painting === 0 && this.ring.has(position);
    const frame = held ? this.ring.get(position) : null;
    // Of packs, whose pictures are smaller, a part is cut by the strip itself.
    if (!frame || (look.crop && this.source.path === "packs")) return false;
    // The ring may close its picture before the small one is made.
    const copy = "displayWidth" in frame.image ? frame.image.clone() : null;
    const image = copy ?? frame.image;
    thumbOf(image, look)
      .then((small) => this.takeThumb(id, position, small, look.crop))
      .catch(() => this.thumbs.end(id))
      .finally(() => copy?.close());
    return true;
  }

  private takeThumb(
    id: number,
    position: number,
    image: ImageBitmap,
    crop: StripFrame["crop"],
  ): void {
    if (this.failure?.kind === "closed") image.close();
    else this.thumbs.put(id, position, image, { rotation: this.turn, crop });
  }

  private cropOf(source: FrameSource | null): StripFrame["crop"] {
    return source?.path === "packs" ? null : (this.thumbs.look?.crop ?? null);
  }

  private attach(make: MakeSource): FrameSource {
    // Answers that a replaced source still sends are its own affair: only their pictures are closed.
    let source: FrameSource | null = null;
    const current = () => source === null || source === this.source;
    source = make({
      frame: (position, image) => (current() ? this.receive(position, image) : image.close()),
      thumb: (id, position, image) => this.takeThumb(id, position, image, this.cropOf(source)),
      stripEnd: (id) => current() && this.thumbs.end(id),
      failed: (position, error) => current() && this.failed(position, error),
      status: (state, error, fraction = null) => {
        if (current()) this.options.onStatus({ streamId: this.streamId, state, error, fraction });
      },
      release: () => current() && this.ring.release(),
      recoloured: () => current() && this.recoloured(),
    });
    return source;
  }

  /** The pictures held are in old colours: those around the playhead are made again. */
  private recoloured(): void {
    this.painting -= 1;
    if (this.painting > 0) return;
    this.ring.outdate();
    this.moveTo(this.window.centre);
    if (this.pending) this.source.seek(this.pending.position, this.window);
    else if (this.shown >= 0) this.source.seek(this.shown, this.window);
    this.onPicture();
  }

  private receive(position: number, image: VideoFrame | ImageBitmap): void {
    if (this.failure || this.painting > 0) {
      image.close();
      return;
    }
    const video = "displayWidth" in image;
    const awaited = this.pending?.position === position ? this.pending : null;
    if (awaited) this.ring.pinLatest(position);
    this.ring.put({
      position,
      timeNs: this.timesNs[position]!,
      image,
      width: video ? image.displayWidth : image.width,
      height: video ? image.displayHeight : image.height,
      rotation: this.turn,
    });
    if (position === this.shown) this.onPicture();
    if (!awaited) return;
    this.pending = null;
    awaited.resolve(this.ring.get(position));
  }

  private failed(position: number | null, error: FrameError): void {
    if (position === null || (error.kind === "decoder" && this.fallback)) {
      this.replaceSource(error);
    } else if (this.pending?.position === position) {
      const { reject } = this.pending;
      this.pending = null;
      reject(error);
    }
  }

  private replaceSource(error: FrameError): void {
    this.source.close();
    const { fallback } = this;
    this.fallback = null;
    this.thumbs.endAll();
    this.painting = 0;
    const state = fallback ? "fallback" : "failed";
    this.options.onStatus({ streamId: this.streamId, state, error, fraction: null });
    if (fallback) {
      this.source = this.attach(fallback);
      if (this.pending) this.source.seek(this.pending.position, this.window);
      return;
    }
    this.failure = error;
    this.pending?.reject(error);
    this.pending = null;
  }
}
