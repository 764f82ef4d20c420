import type { RowTable } from "./index";
import { type FromWorker, inWindow, type RingWindow, type StripLook } from "./protocol";

export type Post = (message: FromWorker, transfer?: Transferable[]) => void;

interface Strip {
  readonly id: number;
  /** Positions still to come. */
  readonly left: Set<number>;
  readonly look: StripLook;
}

/** Where decoded pictures go: to the page if it wants them, into the contact strip, or back at once. */
export class FrameOutlet {
  /** The picture asked for last and not yet sent. */
  seek: number | null = null;
  /** Positions the decoder swallowed: not tried again by themselves. */
  readonly lost = new Set<number>();
  /** Pictures go out as bitmaps, because the decoder cannot spare its own. */
  copying = false;
  closed = false;
  readonly counts = { decoded: 0, open: 0 };
  private ring: RingWindow | null = null;
  private wantedStrip: Strip | null = null;
  /** Positions of the window that the page holds: it never closes a picture within the window. */
  private have = new Set<number>();
  private late: [position: number, frame: VideoFrame][] = [];
  /** Grows when the pictures get other colours: what was begun before is given back. */
  private coat = 0;

  constructor(
    private readonly table: RowTable,
    private readonly post: Post,
  ) {}

  get window(): RingWindow | null {
    return this.ring;
  }

  set window(window: RingWindow | null) {
    this.ring = window;
    if (!window) return;
    // The page moves the window away from a seek only when it has given that seek up.
    if (this.seek !== null && !inWindow(window, this.seek)) this.seek = null;
    const still = [...this.have].filter((position) => inWindow(window, position));
    this.have = new Set([...still, ...window.held]);
  }

  get strip(): Strip | null {
    return this.wantedStrip;
  }

  askStrip(id: number, positions: readonly number[], look: StripLook): void {
    this.wantedStrip = { id, left: new Set(positions), look };
  }

  missing(position: number): boolean {
    return !this.have.has(position) && !this.lost.has(position);
  }

  /** Take a picture from the decoder. */
  take(row: number, frame: VideoFrame): void {
    this.counts.decoded += 1;
    this.counts.open += 1;
    const position = this.table.positionOfRow[row]!;
    if (position < 0 || this.closed) {
      this.giveBack(frame);
      return;
    }
    this.lost.delete(position);
    const strip = this.wantedStrip;
    if (strip?.left.delete(position)) this.thumb(strip, position, frame);
    const asked = this.seek === position;
    const fits = this.ring !== null && inWindow(this.ring, position) && !this.have.has(position);
    if (asked) {
      this.seek = null;
      this.send(position, frame);
      this.sendLate();
    } else if (!fits) {
      this.giveBack(frame);
    } else if (this.seek === null) {
      this.send(position, frame);
    } else {
      // The page is waiting for another picture: these must not stand in its way.
      this.late.push([position, frame]);
    }
  }

  /** Send what was kept back while the page waited for one picture. */
  sendLate(): void {
    const late = this.late;
    this.late = [];
    for (const [position, frame] of late) {
      if (this.closed || this.have.has(position)) this.giveBack(frame);
      else this.send(position, frame);
    }
  }

  /** A position that never came out of the decoder. */
  lose(row: number): void {
    const position = this.table.positionOfRow[row]!;
    if (position < 0) return;
    this.lost.add(position);
    if (this.wantedStrip?.left.has(position)) this.endStrip();
  }

  /** No more pictures for the strip: the page shows what it has. */
  endStrip(): void {
    if (this.wantedStrip) this.post({ type: "stripEnd", id: this.wantedStrip.id });
    this.wantedStrip = null;
  }

  /** Have the page close what it holds, and copy from here on: hardware decoders own few pictures. */
  release(): void {
    this.copying = true;
    this.have.clear();
    this.sendLate();
    this.post({ type: "release" });
  }

  /** The page's pictures count no more, nor do those under way: they are in other colours. */
  forget(): void {
    this.coat += 1;
    for (const [, frame] of this.late) this.giveBack(frame);
    this.late = [];
    this.have.clear();
    this.wantedStrip = null;
  }

  private send(position: number, frame: VideoFrame): void {
    if (this.ring !== null && inWindow(this.ring, position)) this.have.add(position);
    if (!this.copying) {
      this.post({ type: "frame", position, image: frame }, [frame]);
      this.counts.open -= 1;
      return;
    }
    const { coat } = this;
    copyOf(frame)
      .then((image) => {
        if (coat === this.coat) this.post({ type: "frame", position, image }, [image]);
        else image.close();
      })
      .catch(() => this.have.delete(position))
      .finally(() => this.giveBack(frame));
  }

  private thumb(strip: Strip, position: number, frame: VideoFrame): void {
    const copy = frame.clone();
    this.counts.open += 1;
    thumbOf(copy, strip.look)
      .then((image) => this.post({ type: "thumb", id: strip.id, position, image }, [image]))
      .catch(() => this.endStrip())
      .finally(() => this.giveBack(copy));
  }

  private giveBack(frame: VideoFrame): void {
    frame.close();
    this.counts.open -= 1;
  }
}

/** A copy that does not occupy the decoder's own memory. */
async function copyOf(frame: VideoFrame): Promise<VideoFrame | ImageBitmap> {
  const { format, timestamp, visibleRect } = frame;
  if (format === null || visibleRect === null) return createImageBitmap(frame);
  const data = new Uint8Array(frame.allocationSize());
  const layout = await frame.copyTo(data);
  // `transfer` spares a second copy where it is known; the compiler's own types lack it.
  const init: VideoFrameBufferInit & { transfer: ArrayBuffer[] } = {
    format,
    timestamp,
    codedWidth: visibleRect.width,
    codedHeight: visibleRect.height,
    displayWidth: frame.displayWidth,
    displayHeight: frame.displayHeight,
    colorSpace: frame.colorSpace,
    layout,
    transfer: [data.buffer],
  };
  return new VideoFrame(data, init);
}

/** The wanted part of a picture at the wanted height. */
export function thumbOf(
  image: VideoFrame | ImageBitmap,
  { crop, height }: StripLook,
): Promise<ImageBitmap> {
  if (!crop) return createImageBitmap(image, thumbSize(image, height));
  const resizeHeight = Math.max(1, Math.min(height, crop.height));
  const resizeWidth = Math.max(1, Math.round((crop.width * resizeHeight) / crop.height));
  const size = { resizeWidth, resizeHeight, resizeQuality: "medium" } as const;
  return createImageBitmap(image, crop.x, crop.y, crop.width, crop.height, size);
}

/** How to scale a picture to a height, never up. */
export function thumbSize(
  image: VideoFrame | ImageBitmap,
  height: number,
): { resizeWidth: number; resizeHeight: number; resizeQuality: "medium" } {
  const [w, h] =
    "displayWidth" in image
      ? [image.displayWidth, image.displayHeight]
      : [image.width, image.height];
  const resizeHeight = Math.max(1, Math.min(height, h));
  const resizeWidth = Math.max(1, Math.round((w * resizeHeight) / h));
  return { resizeWidth, resizeHeight, resizeQuality: "medium" };
}
