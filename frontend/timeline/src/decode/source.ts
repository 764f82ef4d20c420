import type { CameraState, CameraStats } from "./contract";
import type { DepthLook, DepthPicture } from "./depthcolour";
import type { FrameError } from "./errors";
import type { RingWindow, StripLook } from "./protocol";

/** Where a camera's pictures come from: a decoding worker, or JPEG packs. Answers come as events. */
export interface FrameSource {
  readonly path: CameraStats["path"];
  /** The latest seek wins; it is answered by `frame` or `failed`, or not at all when superseded. */
  seek(position: number, window: RingWindow): void;
  moveWindow(window: RingWindow): void;
  /** The latest strip wins; answered by `thumb` for each position, or cut short by `stripEnd`. */
  strip(id: number, positions: readonly number[], look: StripLook): void;
  prefetch(first: number, last: number): void;
  /** Answered by `recoloured`; nothing where the pictures cannot be coloured here. */
  recolour(look: DepthLook): void;
  /** The values of a depth picture; null where they cannot be had. */
  depth(position: number): Promise<DepthPicture | null>;
  stats(): Promise<CameraStats>;
  close(): void;
}

/** The receiver owns every image it is given. */
export interface SourceEvents {
  frame(position: number, image: VideoFrame | ImageBitmap): void;
  thumb(id: number, position: number, image: ImageBitmap): void;
  stripEnd(id: number): void;
  /** position null: this source is finished. */
  failed(position: number | null, error: FrameError): void;
  status(state: CameraState, error: FrameError | null, fraction?: number | null): void;
  /** Close what is not on the screen; the decoder waits for it. */
  release(): void;
  /** Every picture that comes from here on has the new colours. */
  recoloured(): void;
}
