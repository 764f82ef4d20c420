import { firstFetchEnd, planRanges } from "./blocks";
import { Camera, type MakeSource } from "./camera";
import type { CameraStatus, EpisodeFrames, OpenOptions, StreamSource } from "./contract";
import { FrameError } from "./errors";
import { fetchRange, get, type Retry } from "./fetching";
import { FrameIndex, type FrameIndexJson } from "./index";
import { PackSource } from "./packsource";
import { canDecode, startWorker, WorkerSource } from "./workersource";

/** Memory for decoded pictures of one camera, and of all cameras of an episode. */
const CAMERA_BYTES = 64 * 1024 * 1024;
const EPISODE_BYTES = 192 * 1024 * 1024;
/** Memory for bytes of video, likewise. */
const CAMERA_ENCODED = 64 * 1024 * 1024;
const EPISODE_ENCODED = 192 * 1024 * 1024;

interface Memory {
  readonly ringBytes: number;
  readonly encodedBytes: number;
}

/** A camera that is looked at holds as many times the pictures of another. */
const FAVOUR = 3;

/** Memory shared out by weight; what is more than one can use goes to the others. */
export function sharesOf(total: number, weights: readonly number[], most: number): number[] {
  const shares = new Array<number>(weights.length).fill(0);
  let left = total;
  let open = weights.map((_, i) => i);
  while (open.length > 0) {
    const sum = open.reduce((all, i) => all + weights[i]!, 0);
    const full = open.filter((i) => (left * weights[i]!) / sum >= most);
    for (const i of full.length > 0 ? full : open) {
      shares[i] = full.length > 0 ? most : (left * weights[i]!) / sum;
    }
    if (full.length === 0) break;
    left -= most * full.length;
    open = open.filter((i) => !full.includes(i));
  }
  return shares;
}

/** WebCodecs and module workers, on an origin where the browser allows them. */
export function webCodecsHere(): boolean {
  return typeof VideoDecoder !== "undefined" && typeof Worker !== "undefined";
}

async function fetchIndex(stream: StreamSource, options: OpenOptions): Promise<FrameIndex> {
  const onRetry = (error: FrameError | null) => {
    const state = error ? "retrying" : "ready";
    options.onStatus?.({ streamId: stream.id, state, error, fraction: null });
  };
  const retry: Retry = { onRetry, signal: options.signal, priority: "high" };
  const json = await get(stream.index_url, (r) => r.json() as Promise<FrameIndexJson>, retry);
  return FrameIndex.parse(json);
}

function packs(stream: StreamSource, index: FrameIndex): MakeSource | null {
  const url = stream.pack_url;
  return url === null ? null : (events) => new PackSource(url, index.frames, events);
}

/** How this camera's pictures come: decoded here if that is possible, else as packs. */
async function chooseSource(
  stream: StreamSource,
  index: FrameIndex,
  worker: Worker | null,
  encodedBytes: number,
  onStatus: (status: CameraStatus) => void,
): Promise<{ source: MakeSource; fallback: MakeSource | null }> {
  const fallback = packs(stream, index);
  if (worker && (await canDecode(index))) {
    const source: MakeSource = (events) => new WorkerSource(worker, index, events, encodedBytes);
    return { source, fallback };
  }
  worker?.terminate();
  const why = webCodecsHere()
    ? `This browser cannot decode ${index.codec}.`
    : "This browser decodes video only over https or on localhost.";
  const error = new FrameError("unsupported", why);
  if (!fallback) throw error;
  onStatus({ streamId: stream.id, state: "fallback", error, fraction: null });
  return { source: fallback, fallback: null };
}

async function openCamera(
  stream: StreamSource,
  { ringBytes, encodedBytes }: Memory,
  options: OpenOptions,
): Promise<Camera> {
  const worker = webCodecsHere() && !options.forcePacks ? startWorker() : null;
  const onStatus = options.onStatus ?? (() => {});
  try {
    const index = await fetchIndex(stream, options);
    const { source, fallback } = await chooseSource(stream, index, worker, encodedBytes, onStatus);
    options.signal?.throwIfAborted();
    return new Camera({ streamId: stream.id, index, source, fallback, ringBytes, onStatus });
  } catch (cause) {
    worker?.terminate();
    throw FrameError.wrap(cause, "index");
  }
}

/**
 * Open every camera of an episode at once.
 *
 * A camera that cannot be opened is listed in `failures` and the others go on; the reference camera
 * is then the first that stands. @throws FrameError when none can be opened, or when aborted.
 */
export async function openEpisode(
  streams: readonly StreamSource[],
  options: OpenOptions = {},
): Promise<EpisodeFrames> {
  let opened = 0;
  const share = (bytes: number) => bytes / Math.max(1, streams.length);
  const memory: Memory = {
    ringBytes: Math.min(CAMERA_BYTES, share(options.pictureBytes ?? EPISODE_BYTES)),
    encodedBytes: Math.min(CAMERA_ENCODED, share(options.encodedBytes ?? EPISODE_ENCODED)),
  };
  const open = async (stream: StreamSource) => {
    const camera = await openCamera(stream, memory, options);
    opened += 1;
    options.onProgress?.(opened, streams.length);
    return camera;
  };
  const settled = await Promise.allSettled(streams.map(open));
  const cameras = settled.flatMap((s) => (s.status === "fulfilled" ? [s.value] : []));
  const failures = settled.flatMap((s, i) =>
    s.status === "rejected" ? [{ streamId: streams[i]!.id, error: s.reason as FrameError }] : [],
  );
  const close = () => {
    for (const camera of cameras) camera.close();
  };
  if (options.signal?.aborted) {
    close();
    throw new FrameError("closed", "Opening the episode was given up.");
  }
  for (const { streamId, error } of failures) {
    options.onStatus?.({ streamId, state: "failed", error, fraction: null });
  }
  const wanted = streams.find((stream) => stream.reference)?.id;
  const reference = cameras.find((camera) => camera.streamId === wanted) ?? cameras[0];
  if (!reference) throw failures[0]?.error ?? new FrameError("missing", "No cameras to open.");
  const favour = (ids: readonly string[]) => {
    const weights = cameras.map(({ streamId }) => (ids.includes(streamId) ? FAVOUR : 1));
    const shares = sharesOf(options.pictureBytes ?? EPISODE_BYTES, weights, CAMERA_BYTES);
    cameras.forEach((camera, i) => {
      camera.setShare(shares[i]!, weights[i] === FAVOUR);
    });
  };
  return { cameras, reference, failures, favour, close };
}

/**
 * Have the browser's cache hold the index and the first pictures' bytes of the episode that comes
 * next. Nothing is said of failures: they show when the episode is opened.
 */
export async function warmEpisode(
  streams: readonly StreamSource[],
  signal: AbortSignal,
): Promise<void> {
  const retry: Retry = { signal, priority: "low" };
  const warm = async (stream: StreamSource) => {
    const index = await fetchIndex(stream, { signal });
    if (!webCodecsHere() || !(await canDecode(index))) return;
    const { table, url } = index;
    const to = table.order[0]! + 1;
    const end = firstFetchEnd(table, 0, to);
    for (const range of planRanges(table, 0, end, () => false)) {
      await fetchRange(url, range.start, range.end, retry);
    }
  };
  await Promise.allSettled(streams.map(warm));
}
