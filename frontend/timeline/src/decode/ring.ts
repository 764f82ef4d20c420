import type { DecodedFrame } from "./contract";
import { inWindow, type RingWindow } from "./protocol";

/** Decoders give 4:2:0 pictures of 12 bits a pixel; bitmaps have 32. */
const VIDEO_BYTES = 1.5;
const BITMAP_BYTES = 4;

function bytesOf({ image, width, height }: DecodedFrame): number {
  return width * height * ("displayWidth" in image ? VIDEO_BYTES : BITMAP_BYTES);
}

/**
 * Decoded pictures: those around the playhead always, others as long as the memory lasts, the least
 * recently used out first. Closes every picture that leaves it.
 */
export class FrameRing {
  /** Pictures taken in and not closed yet. */
  open = 0;
  /** In order of use, oldest first. */
  private readonly frames = new Map<number, DecodedFrame>();
  private bytes = 0;
  private shown = -1;
  private latest = -1;

  constructor(
    private window: RingWindow,
    private readonly budget: number,
  ) {}

  get(position: number): DecodedFrame | null {
    return this.frames.get(position) ?? null;
  }

  has(position: number): boolean {
    return this.frames.has(position);
  }

  /** Take a picture in; one that is held already is closed. */
  put(frame: DecodedFrame): void {
    this.open += 1;
    if (this.frames.has(frame.position)) {
      frame.image.close();
      this.open -= 1;
      return;
    }
    this.frames.set(frame.position, frame);
    this.bytes += bytesOf(frame);
    this.evict();
  }

  move(window: RingWindow): void {
    this.window = window;
    this.evict();
  }

  /** On the screen: kept open until the next one is. */
  pinShown(position: number): void {
    this.shown = position;
    this.touch(position);
  }

  /** Given out last: kept open until the next one is, so that a set of cameras can be awaited. */
  pinLatest(position: number): void {
    this.latest = position;
    this.touch(position);
  }

  /** Close all but what is on the screen. */
  release(): void {
    for (const position of this.frames.keys()) if (!this.pinned(position)) this.drop(position);
  }

  clear(): void {
    for (const position of this.frames.keys()) this.drop(position);
  }

  private touch(position: number): void {
    const frame = this.frames.get(position);
    if (!frame) return;
    this.frames.delete(position);
    this.frames.set(position, frame);
  }

  private pinned(position: number): boolean {
    return position === this.shown || position === this.latest;
  }

  private evict(): void {
    for (const position of this.frames.keys()) {
      if (this.bytes <= this.budget) break;
      if (!this.pinned(position) && !inWindow(this.window, position)) this.drop(position);
    }
  }

  private drop(position: number): void {
    const frame = this.frames.get(position)!;
    this.frames.delete(position);
    this.bytes -= bytesOf(frame);
    frame.image.close();
    this.open -= 1;
  }
}
