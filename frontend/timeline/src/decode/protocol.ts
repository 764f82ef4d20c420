import type { CameraState, CameraStats } from "./contract";
import type { DepthLook, DepthPicture } from "./depthcolour";
import type { FrameErrorRecord } from "./errors";
import type { RowTable } from "./index";
import type { DecoderConfig } from "./rowdecoder";

/** The decoded pictures the page wants to hold at least: centre - before .. centre + after. */
export interface RingWindow {
  readonly centre: number;
  readonly before: number;
  readonly after: number;
  /** 0 paused, negative backwards. */
  readonly rate: number;
  /** Positions of the window that are held already. */
  readonly held: readonly number[];
  /** Others come first: what nobody waits for is decoded later. */
  readonly yields?: boolean;
}

/** How the pictures of a strip are wanted: a part of the stored picture, and the height it gets. */
export interface StripLook {
  /** Pixels of the picture as stored; null for all of it. */
  readonly crop: {
    readonly x: number;
    readonly y: number;
    readonly width: number;
    readonly height: number;
  } | null;
  readonly height: number;
}

export function inWindow(window: RingWindow, position: number): boolean {
  return position >= window.centre - window.before && position <= window.centre + window.after;
}

export type ToWorker =
  | {
      type: "open";
      table: RowTable;
      config: DecoderConfig;
      url: string;
      encodedBytes: number;
    }
  | { type: "seek"; position: number; window: RingWindow }
  | { type: "window"; window: RingWindow }
  | { type: "strip"; id: number; positions: readonly number[]; look: StripLook }
  | { type: "recolour"; look: DepthLook }
  | { type: "depth"; id: number; position: number }
  | { type: "prefetch"; first: number; last: number }
  | { type: "stats"; id: number }
  | { type: "close" };

export type FromWorker =
  | { type: "frame"; position: number; image: VideoFrame | ImageBitmap }
  | { type: "thumb"; id: number; position: number; image: ImageBitmap }
  /** The strip is given up; the pictures sent are all there will be. */
  | { type: "stripEnd"; id: number }
  | { type: "status"; state: CameraState; error: FrameErrorRecord | null }
  /** position null: nothing more can be decoded here; otherwise this one picture failed. */
  | { type: "failed"; position: number | null; error: FrameErrorRecord }
  /** The decoder waits for its pictures back: close all that are not on the screen. */
  | { type: "release" }
  | { type: "stats"; id: number; stats: CameraStats }
  /** All pictures sent from here on are in the colours asked for last. */
  | { type: "recoloured" }
  | { type: "depth"; id: number; picture: DepthPicture | null };
