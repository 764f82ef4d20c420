import type { DecodedFrame } from "./contract";
import { inWindow, type RingWindow } from "./protocol";

/** The decoded pictures around the playhead; closes every one that leaves it. */
export class FrameRing {
  /** Pictures taken in and not closed yet. */
  open = 0;
  private readonly frames = new Map<number, DecodedFrame>();
  private shown = -1;
  private latest = -1;

  constructor(private window: RingWindow) {}

  get(position: number): DecodedFrame | null {
    return this.frames.get(position) ?? null;
  }

  /** Take a picture in, or close it: outside the window, or held already. */
  put(frame: DecodedFrame): void {
    this.open += 1;
    if (this.frames.has(frame.position) || !this.wants(frame.position)) {
      this.shut(frame);
      return;
    }
    this.frames.set(frame.position, frame);
  }

  move(window: RingWindow): void {
    this.window = window;
    this.evict((position) => this.wants(position));
  }

  /** On the screen: kept open wherever the window goes, until the next one is. */
  pinShown(position: number): void {
    this.shown = position;
    this.evict((p) => this.wants(p));
  }

  /** Given out last: kept open until the next one is, so that a set of cameras can be awaited. */
  pinLatest(position: number): void {
    this.latest = position;
    this.evict((p) => this.wants(p));
  }

  /** Close all but what is on the screen. */
  release(): void {
    this.evict((position) => this.pinned(position));
  }

  clear(): void {
    this.shown = -1;
    this.latest = -1;
    this.evict(() => false);
  }

  private pinned(position: number): boolean {
    return position === this.shown || position === this.latest;
  }

  private wants(position: number): boolean {
    return inWindow(this.window, position) || this.pinned(position);
  }

  private evict(keep: (position: number) => boolean): void {
    for (const [position, frame] of this.frames) {
      if (keep(position)) continue;
      this.frames.delete(position);
      this.shut(frame);
    }
  }

  private shut(frame: DecodedFrame): void {
    frame.image.close();
    this.open -= 1;
  }
}
