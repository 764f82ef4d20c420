/** One camera's decoder, off the page's thread: bytes, VideoDecoder and the order of work live here. */
import { FrameError } from "./errors";
import { fetchRange } from "./fetching";
import type { FromWorker, ToWorker } from "./protocol";
import { FrameScheduler } from "./scheduler";

interface WorkerPort {
  onmessage: ((event: MessageEvent<ToWorker>) => void) | null;
  postMessage(message: FromWorker, transfer: Transferable[]): void;
  close(): void;
}

const port = self as unknown as WorkerPort;
let scheduler: FrameScheduler | null = null;

function post(message: FromWorker, transfer: Transferable[] = []): void {
  port.postMessage(message, transfer);
}

function onRetry(error: FrameError | null): void {
  if (error) post({ type: "status", state: "retrying", error: error.record });
  else post({ type: "status", state: "ready", error: null });
}

function open(message: Extract<ToWorker, { type: "open" }>): void {
  const { table, config, url, encodedBytes } = message;
  try {
    scheduler = new FrameScheduler({
      table,
      config,
      encodedBytes,
      post,
      fetchBytes: (range, priority, signal) =>
        fetchRange(url, range.start, range.end, { priority, signal, onRetry }),
    });
  } catch (cause) {
    post({ type: "failed", position: null, error: FrameError.wrap(cause, "decoder").record });
  }
}

port.onmessage = ({ data: message }) => {
  switch (message.type) {
    case "open":
      open(message);
      break;
    case "seek":
      scheduler?.seekTo(message.position, message.window);
      break;
    case "window":
      scheduler?.moveWindow(message.window);
      break;
    case "strip":
      scheduler?.makeStrip(message.id, message.positions, message.look);
      break;
    case "recolour":
      scheduler?.recolour(message.look);
      break;
    case "depth":
      void scheduler?.depth(message.id, message.position);
      break;
    case "prefetch":
      scheduler?.prefetch(message.first, message.last);
      break;
    case "stats":
      if (scheduler) post({ type: "stats", id: message.id, stats: scheduler.stats() });
      break;
    case "close":
      scheduler?.close();
      port.close();
  }
};
