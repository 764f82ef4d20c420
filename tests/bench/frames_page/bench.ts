/** Seeks of our own cameras and of mediabunny on the same files, in turns; what came is hashed. */
import { FrameClock } from "@clock/clock";
import { Scope } from "@clock/scope";
import type { DecodedFrame, EpisodeFrames, StreamSource } from "@decode/contract";
import { openEpisode } from "@decode/episode";
import { planesHash } from "@decode-page/planes";
import { ALL_FORMATS, Input, UrlSource, VideoSampleSink } from "mediabunny";

interface Reference {
  readonly url: string;
  /** Seconds in the file amid each position's time on the screen. */
  readonly seconds: readonly number[];
}

interface Seek {
  readonly ms: number;
  readonly hashes: readonly string[];
}

let episode: EpisodeFrames;
let sinks: VideoSampleSink[] = [];
let references: readonly Reference[] = [];

async function open(streams: StreamSource[], pictureBytes: number | null): Promise<number> {
  const start = performance.now();
  episode = await openEpisode(streams, pictureBytes === null ? {} : { pictureBytes });
  return performance.now() - start;
}

/** Open to the first exact pictures of all cameras at a position. */
async function openAt(streams: StreamSource[], position: number): Promise<Seek> {
  const start = performance.now();
  episode = await openEpisode(streams);
  const frames = await Promise.all(episode.cameras.map((camera) => camera.frame(position)));
  const ms = performance.now() - start;
  return { ms, hashes: await hashesOf(frames) };
}

async function openReference(given: readonly Reference[]): Promise<void> {
  references = given;
  const tracks = given.map(async ({ url }) => {
    const source = new UrlSource(new URL(url, location.href));
    const input = new Input({ source, formats: ALL_FORMATS });
    const track = await input.getPrimaryVideoTrack();
    if (!track) throw new Error(`no video track in ${url}`);
    return new VideoSampleSink(track);
  });
  sinks = await Promise.all(tracks);
}

async function hashesOf(frames: readonly (DecodedFrame | null)[]): Promise<string[]> {
  return Promise.all(
    frames.map((frame) => {
      if (!frame || !("copyTo" in frame.image)) throw new Error("no picture to hash");
      return planesHash(frame.image);
    }),
  );
}

async function ours(position: number): Promise<Seek> {
  const start = performance.now();
  const frames = await Promise.all(episode.cameras.map((camera) => camera.frame(position)));
  const ms = performance.now() - start;
  for (const camera of episode.cameras) camera.show(position);
  return { ms, hashes: await hashesOf(frames) };
}

async function theirs(position: number): Promise<Seek> {
  const start = performance.now();
  const samples = await Promise.all(
    sinks.map((sink, i) => sink.getSample(references[i]!.seconds[position]!)),
  );
  const pictures = samples.map((sample) => sample!.toVideoFrame());
  const ms = performance.now() - start;
  const hashes = await Promise.all(pictures.map(planesHash));
  for (const picture of pictures) picture.close();
  for (const sample of samples) sample!.close();
  return { ms, hashes };
}

/** Until the cameras have fetched and decoded what they want around the last seek. */
async function idle(): Promise<void> {
  for (let before = "", quiet = 0; quiet < 2; ) {
    await rest(60);
    const stats = await Promise.all(episode.cameras.map((camera) => camera.stats()));
    const now = JSON.stringify(stats);
    quiet = now === before ? quiet + 1 : 0;
    before = now;
  }
}

/** The same positions by both, each going first every other time, at rest in between. */
async function inTurns(positions: readonly number[]) {
  const done: { ours: Seek[]; theirs: Seek[] } = { ours: [], theirs: [] };
  for (const [i, position] of positions.entries()) {
    const order = i % 2 === 0 ? (["ours", "theirs"] as const) : (["theirs", "ours"] as const);
    for (const who of order) {
      done[who].push(await (who === "ours" ? ours(position) : theirs(position)));
      await idle();
    }
  }
  return done;
}

/** Playback of all cameras: how many sets were shown, and whether any mixed two instants. */
async function play(durationNs: number, ms: number, rate: number) {
  const scope = new Scope();
  const clock = new FrameClock<DecodedFrame>({ scope, durationNs, cameras: episode.cameras });
  const seen = new Set<number>();
  let mixed = 0;
  clock.subscribe(({ shown }) => {
    if (!shown) return;
    seen.add(shown.positions[0]!);
    const right = episode.cameras.every(
      (camera, i) => camera.positionAt(shown.tNs) === shown.frames[i]!.position,
    );
    if (!right) mixed += 1;
  });
  clock.seek(0);
  while (!clock.view.settled) await rest(5);
  await rest(400);
  clock.setRate(rate);
  const from = clock.view.tNs;
  const start = performance.now();
  clock.play();
  await rest(ms);
  const wallNs = (performance.now() - start) * 1e6;
  const playedNs = clock.view.tNs - from;
  clock.close();
  scope.close();
  const setsPerSecond = (1e9 * seen.size) / wallNs;
  return { setsPerSecond, mixed, speed: playedNs / (wallNs * rate) };
}

/** A drag over the whole episode, an instant every animation frame: sets shown a second. */
async function scrub(durationNs: number, ms: number) {
  const scope = new Scope();
  const clock = new FrameClock<DecodedFrame>({ scope, durationNs, cameras: episode.cameras });
  let sets = 0;
  let last: unknown = null;
  clock.subscribe(({ shown }) => {
    if (shown !== last) sets += 1;
    last = shown;
  });
  const start = performance.now();
  for (let now = start; now < start + ms; now = performance.now()) {
    const share = (1 - Math.cos((6 * Math.PI * (now - start)) / ms)) / 2;
    clock.seek(share * durationNs);
    await new Promise((resolve) => requestAnimationFrame(resolve));
  }
  clock.close();
  scope.close();
  return { setsPerSecond: (1000 * sets) / ms };
}

function rest(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

const bench = {
  open,
  openAt,
  openReference,
  inTurns,
  play,
  scrub,
  close: () => episode.close(),
  stats: () => Promise.all(episode.cameras.map((camera) => camera.stats())),
};

declare global {
  interface Window {
    framesBench: typeof bench;
  }
}

window.framesBench = bench;
