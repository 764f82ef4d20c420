import type { DecodedFrame } from "./contract";
import { inWindow, type RingWindow } from "./protocol";

/** Decoders give 4:2:0 pictures of 12 bits a pixel; bitmaps, and frames made of them, have 32. */
export const VIDEO_BYTES = 1.5;
export const BITMAP_BYTES = 4;

function bytesOf({ image, width, height }: DecodedFrame): number {
  const whole = !("displayWidth" in image) || /^(RGB|BGR)/.test(image.format ?? "");
  return width * height * (whole ? BITMAP_BYTES : VIDEO_BYTES);
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
  /** Still on the screen, and to be replaced. */
  private outdated = -1;
  private latest = -1;

  constructor(
    private window: RingWindow,
    private budget: number,
  ) {}

  get(position: number): DecodedFrame | null {
    return this.frames.get(position) ?? null;
  }

  has(position: number): boolean {
    return this.frames.has(position) && position !== this.outdated;
  }

  /** Take a picture in; one that is held already is closed. */
  put(frame: DecodedFrame): void {
    this.open += 1;
    if (frame.position === this.outdated) this.drop(frame.position);
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

  allow(budget: number): void {
    this.budget = budget;
    this.evict();
  }

  /** All but the one on the screen are closed; that one goes when the next of its position comes. */
  outdate(): void {
    this.latest = -1;
    this.release();
    this.outdated = this.frames.has(this.shown) ? this.shown : -1;
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
    if (position === this.outdated) this.outdated = -1;
    this.bytes -= bytesOf(frame);
    frame.image.close();
    this.open -= 1;
  }
}
