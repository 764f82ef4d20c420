import { Scope } from "../clock/scope";
import type { CameraStats } from "./contract";
import type { DepthLook, DepthPicture } from "./depthcolour";
import { FrameError } from "./errors";
import type { FrameIndex } from "./index";
import { PICTURE_TYPES } from "./picturefiles";
import type { FromWorker, RingWindow, StripLook, ToWorker } from "./protocol";
import { videoDecoderConfig } from "./rowdecoder";
import type { FrameSource, SourceEvents } from "./source";

/** How long a worker may take to close its decoder by itself. */
const CLOSE_MS = 500;

/** Whether this browser and this page's origin can decode a stream's codec at all. */
export async function canDecode(index: FrameIndex): Promise<boolean> {
  if (typeof VideoDecoder === "undefined" || typeof Worker === "undefined") return false;
  if (index.codec in PICTURE_TYPES) return true;
  try {
    return (
      (await VideoDecoder.isConfigSupported(videoDecoderConfig({ ...index, depth: null })))
        .supported === true
    );
  } catch {
    return false;
  }
}

/** A worker that has nothing to do yet: started while the index is still on its way. */
export function startWorker(): Worker {
  return new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
}

/** The page's side of a decoding worker. */
export class WorkerSource implements FrameSource {
  readonly path = "webcodecs";
  private readonly scope = new Scope();
  private readonly asked = new Map<number, (stats: CameraStats) => void>();
  private readonly depths = new Map<number, (picture: DepthPicture | null) => void>();
  private nextId = 1;

  constructor(
    private readonly worker: Worker,
    index: FrameIndex,
    private readonly events: SourceEvents,
    encodedBytes: number,
  ) {
    this.scope.listen<MessageEvent<FromWorker>>(worker, "message", (e) => this.receive(e.data));
    this.scope.listen<ErrorEvent>(worker, "error", (event) => {
      event.preventDefault();
      events.failed(null, new FrameError("decoder", event.message || "The decoder did not start."));
    });
    const { codec, description, width, height, table } = index;
    const depth: DepthLook | null = index.depth && { map: "viridis", range: index.depth.range };
    const config = { codec, description, width, height, depth };
    const url = new URL(index.url, document.baseURI).href;
    this.send({ type: "open", table, config, url, encodedBytes });
  }

  seek(position: number, window: RingWindow): void {
    this.send({ type: "seek", position, window });
  }

  moveWindow(window: RingWindow): void {
    this.send({ type: "window", window });
  }

  strip(id: number, positions: readonly number[], look: StripLook): void {
    this.send({ type: "strip", id, positions, look });
  }

  recolour(look: DepthLook): void {
    this.send({ type: "recolour", look });
  }

  depth(position: number): Promise<DepthPicture | null> {
    if (this.scope.closed) return Promise.resolve(null);
    const id = this.nextId;
    this.nextId += 1;
    return new Promise((resolve) => {
      this.depths.set(id, resolve);
      this.send({ type: "depth", id, position });
    });
  }

  prefetch(first: number, last: number): void {
    this.send({ type: "prefetch", first, last });
  }

  stats(): Promise<CameraStats> {
    const id = this.nextId;
    this.nextId += 1;
    return new Promise((resolve) => {
      this.asked.set(id, resolve);
      this.send({ type: "stats", id });
    });
  }

  close(): void {
    if (this.scope.closed) return;
    this.send({ type: "close" });
    this.scope.close();
    for (const resolve of this.depths.values()) resolve(null);
    this.depths.clear();
    // Pictures under way when the listener went away must still be given back.
    const discard = ({ data }: MessageEvent<FromWorker>) => {
      if (data.type === "frame" || data.type === "thumb") data.image.close();
    };
    this.worker.addEventListener("message", discard);
    setTimeout(() => this.worker.terminate(), CLOSE_MS);
  }

  private send(message: ToWorker): void {
    if (!this.scope.closed) this.worker.postMessage(message);
  }

  private receive(message: FromWorker): void {
    const { events } = this;
    switch (message.type) {
      case "frame":
        events.frame(message.position, message.image);
        break;
      case "thumb":
        events.thumb(message.id, message.position, message.image);
        break;
      case "stripEnd":
        events.stripEnd(message.id);
        break;
      case "status":
        events.status(message.state, message.error && FrameError.from(message.error));
        break;
      case "failed":
        events.failed(message.position, FrameError.from(message.error));
        break;
      case "release":
        events.release();
        break;
      case "recoloured":
        events.recoloured();
        break;
      case "depth":
        this.depths.get(message.id)?.(message.picture);
        this.depths.delete(message.id);
        break;
      case "stats":
        this.asked.get(message.id)?.(message.stats);
        this.asked.delete(message.id);
    }
  }
}
