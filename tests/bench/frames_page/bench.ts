/**
 * Seeks of our own cameras, of mediabunny and of the browser's bare decoder on the same files, in
 * turns; what came is hashed.
 */
import { FrameClock } from "@clock/clock";
import { Scope } from "@clock/scope";
import type { DecodedFrame, EpisodeFrames, StreamSource } from "@decode/contract";
import { openEpisode } from "@decode/episode";
import { FrameIndex } from "@decode/index";
import { RowDecoder } from "@decode/rowdecoder";
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

type Party = (position: number) => Promise<Seek>;

let episode: EpisodeFrames;
let sinks: VideoSampleSink[] = [];
let references: readonly Reference[] = [];
let bareCameras: BareCamera[] = [];

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

/** A decoder in the page, one for all seeks, and the whole file in memory: nothing but decoding. */
class BareCamera {
  private wanted = -1;
  private settle: { resolve: (f: VideoFrame) => void; reject: (cause: Error) => void } | null =
    null;
  private readonly decoder: RowDecoder;

  private constructor(
    private readonly index: FrameIndex,
    private readonly bytes: Uint8Array,
  ) {
    this.decoder = new RowDecoder(
      index.table,
      { ...index, depth: null },
      {
        output: (row, frame) => (row === this.wanted ? this.settle?.resolve(frame) : frame.close()),
        error: (cause) => this.settle?.reject(cause),
        dequeue: () => {},
      },
    );
  }

  static async open(stream: StreamSource): Promise<BareCamera> {
    const index = FrameIndex.parse(await (await fetch(stream.index_url)).json());
    return new BareCamera(index, new Uint8Array(await (await fetch(index.url)).arrayBuffer()));
  }

  /** Decodes from the key frame; for streams without reordering, which need no flush. */
  picture(position: number): Promise<VideoFrame> {
    const { off, size, order, startRow } = this.index.table;
    const row = order[position]!;
    this.wanted = row;
    return new Promise((resolve, reject) => {
      this.settle = { resolve, reject };
      for (let r = startRow[row]!; r <= row; r += 1) {
        this.decoder.feed(r, this.bytes.subarray(off[r]!, off[r]! + size[r]!));
      }
    });
  }
}

async function openBare(streams: StreamSource[]): Promise<void> {
  bareCameras = await Promise.all(streams.map((stream) => BareCamera.open(stream)));
}

async function bare(position: number): Promise<Seek> {
  const start = performance.now();
  const pictures = await Promise.all(bareCameras.map((camera) => camera.picture(position)));
  const ms = performance.now() - start;
  const hashes = await Promise.all(pictures.map(planesHash));
  for (const picture of pictures) picture.close();
  return { ms, hashes };
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

/** The same positions by all that are open, each going first in its turn, at rest in between. */
async function inTurns(positions: readonly number[]): Promise<Record<string, Seek[]>> {
  const parties: [who: string, seek: Party][] = [
    ["ours", ours],
    ["theirs", theirs],
  ];
  if (bareCameras.length > 0) parties.push(["bare", bare]);
  const done = Object.fromEntries(parties.map(([who]): [string, Seek[]] => [who, []]));
  for (const [i, position] of positions.entries()) {
    for (let turn = 0; turn < parties.length; turn += 1) {
      const [who, seek] = parties[(i + turn) % parties.length]!;
      done[who]!.push(await seek(position));
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
  openBare,
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
