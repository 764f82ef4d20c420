import type { DepthInfo, DepthLook, DepthPicture } from "./depthcolour";
import type { FrameError } from "./errors";
import type { StripLook } from "./protocol";

export type { StripLook } from "./protocol";

/** One picture. Its image belongs to the camera: draw it, never close it, never keep it past the next `show`. */
export interface DecodedFrame {
  readonly position: number;
  /** Episode clock. */
  readonly timeNs: number;
  readonly image: VideoFrame | ImageBitmap;
  /** Pixels of the image, before the rotation; packs may be smaller than the video. */
  readonly width: number;
  readonly height: number;
  /** Clockwise degrees to turn the image by for display. */
  readonly rotation: 0 | 90 | 180 | 270;
}

/** A small picture for the contact strip; the camera keeps and closes it. */
export interface StripFrame {
  readonly position: number;
  readonly timeNs: number;
  readonly image: ImageBitmap;
  readonly rotation: 0 | 90 | 180 | 270;
  /** How it was asked for; null for the whole picture. */
  readonly crop: StripLook["crop"];
}

/** Positions, half-open. */
export interface PositionRange {
  readonly from: number;
  readonly to: number;
}

export type CameraState = "ready" | "retrying" | "preparing" | "fallback" | "failed";

/**
 * What happens to a camera, for the person at the editor.
 * retrying: the network is lost and asked again; preparing: the server still makes the pictures;
 * fallback: JPEG packs from here on, the error says why; failed: `frame` rejects.
 */
export interface CameraStatus {
  readonly streamId: string;
  readonly state: CameraState;
  readonly error: FrameError | null;
  /** 0..1 where it is known. */
  readonly fraction: number | null;
}

/** Counters for tests and the diagnostics page. */
export interface CameraStats {
  readonly path: "webcodecs" | "packs";
  /** Bytes of video or packs fetched, the index not counted. */
  readonly bytes: number;
  readonly requests: number;
  /** Pictures the decoder has put out and not yet been closed, on both sides of the worker. */
  readonly open: number;
  readonly decoded: number;
  readonly reconfigured: number;
  readonly flushes: number;
}

export interface CameraFrames {
  readonly streamId: string;
  readonly frames: number;
  readonly timesNs: Float64Array;
  readonly width: number;
  readonly height: number;
  readonly rotation: 0 | 90 | 180 | 270;
  /** Null for a camera in colour. */
  readonly depth: DepthInfo | null;
  /** The frame on the screen at an episode time, kept within the camera's frames. */
  positionAt(tNs: number): number;
  /** The frame at a position. The latest call wins: an earlier one still open gives null. @throws FrameError */
  frame(position: number): Promise<DecodedFrame | null>;
  cached(position: number): DecodedFrame | null;
  /** This position is on the screen: its image stays open until the next `show`; the ring moves with it. */
  show(position: number): void;
  /** Fetch the bytes under a range (a hover target, a label's edge) without decoding them. */
  prefetch(range: PositionRange): void;
  /**
   * Small pictures of position - radius .. position + radius, within the camera, in order.
   * The latest call wins (null when superseded). Draw them at once: a later strip may close them.
   * Packs are upright and may be smaller than the video: their pictures are not cropped.
   */
  around(position: number, radius: number, look?: StripLook): Promise<readonly StripFrame[] | null>;
  /** 0 paused, negative backwards: which way the ring reaches ahead. */
  setPlaying(rate: number): void;
  /** Colours a depth camera anew; `onPictures` tells when a picture on the screen has them. */
  recolour(look: DepthLook): void;
  /** The values of a depth picture; null where there are none, or where they cannot be had. */
  depthOf(position: number): Promise<DepthPicture | null>;
  /** Called when the picture of the position on the screen is another than before. */
  onPicture: () => void;
  stats(): Promise<CameraStats>;
  close(): void;
}

/** A stream as the editor payload gives it. */
export interface StreamSource {
  readonly id: string;
  readonly index_url: string;
  readonly pack_url: string | null;
  readonly reference?: boolean;
}

export interface EpisodeFrames {
  /** In the order asked for, without those that failed. */
  readonly cameras: readonly CameraFrames[];
  /** Steps and snapping follow this camera. */
  readonly reference: CameraFrames;
  readonly failures: readonly { readonly streamId: string; readonly error: FrameError }[];
  /** The cameras looked at most: they decode ahead before the others do, and hold more pictures. */
  favour(streamIds: readonly string[]): void;
  close(): void;
}

export interface OpenOptions {
  readonly onStatus?: (status: CameraStatus) => void;
  /** How many of the cameras stand, as they come. */
  readonly onProgress?: (opened: number, of: number) => void;
  readonly signal?: AbortSignal;
  /** JPEG packs even where WebCodecs would do. */
  readonly forcePacks?: boolean;
  /** Memory for decoded pictures of all cameras together; 192 MB when not given. */
  readonly pictureBytes?: number;
  /** Bytes of video and packs held by all cameras together; 192 MB when not given. */
  readonly encodedBytes?: number;
}
