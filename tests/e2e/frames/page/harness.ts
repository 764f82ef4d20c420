/** What the browser tests drive: cameras and clock exactly as the editor uses them. */
import { FrameClock } from "@clock/clock";
import { liveHoldings, Scope } from "@clock/scope";
import type {
  CameraFrames,
  CameraStatus,
  DecodedFrame,
  EpisodeFrames,
  StreamSource,
} from "@decode/contract";
import { openEpisode } from "@decode/episode";
import { FrameError } from "@decode/errors";
import { readBarcode, type Shown } from "./barcode";
import { planesHash } from "./planes";

interface Failure {
  readonly kind: string;
  readonly message: string;
  readonly remedy: string;
  readonly status: number | null;
}

// A ring in which nothing changed for so long has come to rest.
const STILL_MS = 300;
const LOOK_MS = 20;
// What a busy machine shows too few of in the time given is played on until it has been shown.
const LEAST_SETS = 6;

/** Pictures that came out of the workers and were not closed: counted apart from the cameras' books. */
const unclosed = new Set<VideoFrame>();

function countPictures(): void {
  const closeFrame = VideoFrame.prototype.close;
  VideoFrame.prototype.close = function close(this: VideoFrame): void {
    unclosed.delete(this);
    closeFrame.call(this);
  };
  window.Worker = class extends Worker {
    constructor(url: string | URL, options?: WorkerOptions) {
      super(url, options);
      this.addEventListener("message", ({ data }: MessageEvent<{ image?: unknown }>) => {
        if (data.image instanceof VideoFrame) unclosed.add(data.image);
      });
    }
  };
}

// Not there on a plain-http origin.
if (typeof VideoFrame !== "undefined") countPictures();

let episode: EpisodeFrames | null = null;
const statuses: { streamId: string; state: string; kind: string | null }[] = [];

function camera(number = 0): CameraFrames {
  const found = episode?.cameras[number];
  if (!found) throw new Error(`no camera ${number}`);
  return found;
}

function failure(cause: unknown): Failure {
  if (!(cause instanceof FrameError)) throw cause;
  const { kind, message, remedy, status } = cause;
  return { kind, message, remedy, status };
}

function onStatus({ streamId, state, error }: CameraStatus): void {
  statuses.push({ streamId, state, kind: error?.kind ?? null });
}

async function open(
  streams: StreamSource[],
  forcePacks = false,
  pictureBytes: number | null = null,
): Promise<Failure | null> {
  close();
  statuses.length = 0;
  try {
    episode = await openEpisode(streams, {
      forcePacks,
      onStatus,
      ...(pictureBytes === null ? {} : { pictureBytes }),
    });
    return null;
  } catch (cause) {
    return failure(cause);
  }
}

function close(): void {
  episode?.close();
  episode = null;
}

function describe() {
  return {
    cameras: episode?.cameras.map(({ streamId, frames, width, height, rotation, timesNs }) => {
      return { streamId, frames, width, height, rotation, timesNs: [...timesNs] };
    }),
    failures: episode?.failures.map((f) => ({ streamId: f.streamId, ...failure(f.error) })),
  };
}

async function need(cam: CameraFrames, position: number): Promise<DecodedFrame> {
  const frame = await cam.frame(position);
  if (!frame) throw new Error(`position ${position} was superseded`);
  if (frame.position !== position) throw new Error(`asked ${position}, got ${frame.position}`);
  return frame;
}

/** What each position shows, asked for one after the other. */
async function seekAll(positions: number[], number = 0): Promise<Shown[]> {
  const shown: Shown[] = [];
  for (const position of positions) {
    const frame = await need(camera(number), position);
    shown.push(readBarcode(frame.image, frame.rotation));
    camera(number).show(position);
  }
  return shown;
}

function heldBy(cam: CameraFrames): DecodedFrame[] {
  const positions = Array.from({ length: cam.frames }, (_, position) => position);
  return positions.flatMap((position) => cam.cached(position) ?? []);
}

/** Every position the ring holds around the one on the screen, once it has come to rest. */
async function ringAround(position: number, number = 0): Promise<[number, Shown][]> {
  const cam = camera(number);
  await need(cam, position);
  cam.show(position);
  let held = heldBy(cam);
  for (let stillMs = 0; stillMs < STILL_MS; stillMs += LOOK_MS) {
    // Its worker had its turns, too, however long they take.
    await Promise.all([sleep(LOOK_MS), cam.stats()]);
    const now = heldBy(cam);
    if (now.some((frame, i) => frame !== held[i]) || now.length !== held.length) stillMs = 0;
    held = now;
  }
  return held.map((frame) => [frame.position, readBarcode(frame.image, frame.rotation)]);
}

async function strip(position: number, radius: number, number = 0): Promise<[number, Shown][]> {
  const frames = await camera(number).around(position, radius);
  return (frames ?? []).map((f) => [f.position, readBarcode(f.image, f.rotation)]);
}

/** A burst of requests in which only the last one counts: the positions that were answered. */
async function burst(positions: number[], number = 0): Promise<(number | null)[]> {
  const frames = await Promise.all(positions.map((position) => camera(number).frame(position)));
  return frames.map((frame) => frame?.position ?? null);
}

/** SHA-256 of the planes of each position's picture, as the decoder gave them. */
async function hashes(positions: number[], number = 0): Promise<string[]> {
  const found: string[] = [];
  for (const position of positions) {
    const { image } = await need(camera(number), position);
    if (!("copyTo" in image)) throw new Error("a bitmap has no planes");
    found.push(await planesHash(image));
  }
  return found;
}

interface Played {
  readonly sets: { tNs: number; positions: readonly number[]; shown: Shown[] }[];
  readonly endNs: number;
}

/** Play for a while at least from an instant; every set presented, read back from its pictures. */
async function play(fromNs: number, rate: number, ms: number, durationNs: number): Promise<Played> {
  const scope = new Scope();
  const cameras = episode?.cameras ?? [];
  const clock = new FrameClock<DecodedFrame>({ scope, durationNs, cameras });
  const sets: Played["sets"] = [];
  let last: unknown = null;
  clock.subscribe(({ shown }) => {
    if (!shown || shown === last) return;
    last = shown;
    const numbers = shown.frames.map((f) => readBarcode(f.image, f.rotation));
    sets.push({ tNs: shown.tNs, positions: shown.positions, shown: numbers });
  });
  clock.seek(fromNs);
  await settled(clock);
  clock.setRate(rate);
  clock.play();
  await sleep(ms);
  while (clock.view.playing && sets.length < LEAST_SETS) await sleep(LOOK_MS);
  clock.pause();
  await settled(clock);
  const endNs = clock.view.tNs;
  clock.close();
  scope.close();
  return { sets, endNs };
}

async function settled(clock: FrameClock<DecodedFrame>): Promise<void> {
  while (!clock.view.settled && !clock.view.error) await sleep(5);
  if (clock.view.error) throw clock.view.error;
  // Subscribers hear of it with the next picture that the browser paints.
  for (let paints = 0; paints < 2; paints++) await new Promise(requestAnimationFrame);
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

async function seekFailure(position: number, number = 0): Promise<Failure | null> {
  try {
    await camera(number).frame(position);
    return null;
  } catch (cause) {
    return failure(cause);
  }
}

const harness = {
  open,
  close,
  describe,
  seekAll,
  ringAround,
  strip,
  burst,
  hashes,
  play,
  seekFailure,
  stats: (number = 0) => camera(number).stats(),
  statuses: () => statuses,
  liveHoldings,
  unclosed: () => unclosed.size,
};

export type Harness = typeof harness;

declare global {
  interface Window {
    framesHarness: Harness;
  }
}

window.framesHarness = harness;
