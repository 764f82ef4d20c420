/**
 * One, three or six cameras at once: our own, mediabunny's and <video> elements on the same files, in
 * turns. What came is hashed; what is played or scrubbed is painted, as on the editor's page.
 */
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

/** A set that was played, kept to be hashed afterwards. */
interface Kept {
  readonly positions: readonly number[];
  readonly images: readonly VideoFrame[];
}

const KEPT_EVERY = 7;

let episode: EpisodeFrames;
let references: readonly Reference[] = [];
let sinks: VideoSampleSink[] = [];
let videos: HTMLVideoElement[] = [];
let canvases: HTMLCanvasElement[] = [];

/** Three sweeps over the whole; a share of it for each moment. */
function sweep(now: number, start: number, ms: number): number {
  return (1 - Math.cos((6 * Math.PI * (now - start)) / ms)) / 2;
}

function rest(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

async function openVideo({ url }: Reference): Promise<HTMLVideoElement> {
  const video = document.createElement("video");
  video.muted = true;
  video.preload = "auto";
  video.src = url;
  document.body.append(video);
  await new Promise((resolve, reject) => {
    video.onloadeddata = resolve;
    video.onerror = () => reject(new Error(`no video at ${url}`));
  });
  return video;
}

async function openSink({ url }: Reference): Promise<VideoSampleSink> {
  const input = new Input({
    source: new UrlSource(new URL(url, location.href)),
    formats: ALL_FORMATS,
  });
  const track = await input.getPrimaryVideoTrack();
  if (!track) throw new Error(`no video track in ${url}`);
  return new VideoSampleSink(track);
}

async function open(streams: StreamSource[], given: readonly Reference[]): Promise<void> {
  references = given;
  episode = await openEpisode(streams);
  episode.favour(streams.slice(0, 1).map((stream) => stream.id));
  sinks = await Promise.all(given.map(openSink));
  videos = await Promise.all(given.map(openVideo));
  canvases = episode.cameras.map(({ width, height }) => {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [width, height];
    document.body.append(canvas);
    return canvas;
  });
}

function hashes(images: readonly VideoFrame[]): Promise<string[]> {
  return Promise.all(images.map(planesHash));
}

async function ours(position: number): Promise<Seek> {
  const start = performance.now();
  const frames = await Promise.all(episode.cameras.map((camera) => camera.frame(position)));
  const ms = performance.now() - start;
  for (const camera of episode.cameras) camera.show(position);
  return {
    ms,
    hashes: await hashes(frames.map((frame) => frame!.image as VideoFrame)),
  };
}

async function bunny(position: number): Promise<Seek> {
  const start = performance.now();
  const samples = await Promise.all(
    sinks.map((sink, i) => sink.getSample(references[i]!.seconds[position]!)),
  );
  const pictures = samples.map((sample) => sample!.toVideoFrame());
  const ms = performance.now() - start;
  const found = await hashes(pictures);
  for (const picture of pictures) picture.close();
  for (const sample of samples) sample!.close();
  return { ms, hashes: found };
}

/** Mid-frame, and until the element has presented the picture: the way that is right at all. */
function seekVideo(video: HTMLVideoElement, seconds: number): Promise<void> {
  if (Math.abs(video.currentTime - seconds) < 1e-3) return Promise.resolve();
  return new Promise((resolve) => {
    video.requestVideoFrameCallback(() => resolve());
    video.currentTime = seconds;
  });
}

async function element(position: number): Promise<Seek> {
  const start = performance.now();
  await Promise.all(videos.map((video, i) => seekVideo(video, references[i]!.seconds[position]!)));
  const ms = performance.now() - start;
  const pictures = videos.map((video) => new VideoFrame(video));
  const found = await hashes(pictures);
  for (const picture of pictures) picture.close();
  return { ms, hashes: found };
}

/** Until our cameras have fetched and decoded what they want around the last seek. */
async function idle(): Promise<void> {
  for (let before = "", quiet = 0; quiet < 2; ) {
    await rest(30);
    const now = JSON.stringify(await Promise.all(episode.cameras.map((camera) => camera.stats())));
    quiet = now === before ? quiet + 1 : 0;
    before = now;
  }
}

const PARTIES = { ours, bunny, element } as const;
type Name = keyof typeof PARTIES;

/** The same positions by all three, each going first in its turn, at rest in between. */
async function inTurns(positions: readonly number[]): Promise<Record<Name, Seek[]>> {
  const names = Object.keys(PARTIES) as Name[];
  const done: Record<Name, Seek[]> = { ours: [], bunny: [], element: [] };
  for (const [i, position] of positions.entries()) {
    for (let turn = 0; turn < names.length; turn += 1) {
      const name = names[(i + turn) % names.length]!;
      done[name].push(await PARTIES[name](position));
      await idle();
    }
  }
  return done;
}

function paint(frames: readonly DecodedFrame[]): void {
  frames.forEach((frame, i) => {
    canvases[i]?.getContext("2d")?.drawImage(frame.image, 0, 0);
  });
}

function clockFor(durationNs: number) {
  const scope = new Scope();
  const { cameras, reference } = episode;
  const clock = new FrameClock<DecodedFrame>({
    scope,
    durationNs,
    cameras,
    reference,
  });
  return {
    clock,
    close: () => {
      clock.close();
      scope.close();
    },
  };
}

/** Playback at 1x from the start: every camera's frames seen and missed, sets of two instants, samples. */
async function play(durationNs: number, ms: number) {
  const { clock, close } = clockFor(durationNs);
  const seen = episode.cameras.map(() => new Set<number>());
  const kept: Kept[] = [];
  let sets = 0;
  let skewed = 0;
  let last: unknown = null;
  let watching = false;
  clock.subscribe(({ shown }) => {
    if (!shown || shown === last) return;
    last = shown;
    paint(shown.frames);
    if (!watching) return;
    shown.positions.forEach((position, i) => {
      seen[i]!.add(position);
    });
    const right = episode.cameras.every(
      (camera, i) => camera.positionAt(shown.tNs) === shown.frames[i]!.position,
    );
    if (!right) skewed += 1;
    if (sets % KEPT_EVERY === 0) {
      const images = shown.frames.map((frame) => (frame.image as VideoFrame).clone());
      kept.push({ positions: shown.positions, images });
    }
    sets += 1;
  });
  clock.seek(0);
  while (!clock.view.settled) await rest(5);
  await idle();
  watching = true;
  const start = performance.now();
  clock.play();
  await rest(ms);
  const wallNs = (performance.now() - start) * 1e6;
  const playedNs = clock.view.tNs;
  watching = false;
  close();
  const missed = seen.map((set) => Math.max(...set) - Math.min(...set) + 1 - set.size);
  const samples = [];
  for (const { positions, images } of kept) {
    samples.push({ positions, hashes: await hashes(images) });
    for (const image of images) image.close();
  }
  return {
    sets,
    seen: seen.map((set) => set.size),
    missed,
    skewed,
    speed: playedNs / wallNs,
    samples,
  };
}

/** The same by <video> elements started together: what is told to be presented, and how far apart. */
async function playVideos(ms: number) {
  const seen = videos.map(() => new Set<number>());
  const at = videos.map(() => 0);
  let skew = 0;
  await Promise.all(videos.map((video, i) => seekVideo(video, references[i]!.seconds[0]!)));
  let running = true;
  videos.forEach((video, i) => {
    const base = references[i]!.seconds[0]!;
    const tell = (_: number, { mediaTime }: { mediaTime: number }) => {
      seen[i]!.add(Math.round(mediaTime * 1000));
      at[i] = mediaTime - base;
      skew = Math.max(skew, Math.max(...at) - Math.min(...at));
      if (running) video.requestVideoFrameCallback(tell);
    };
    video.requestVideoFrameCallback(tell);
  });
  await Promise.all(videos.map((video) => video.play()));
  await rest(ms);
  running = false;
  for (const video of videos) video.pause();
  return { seen: seen.map((set) => set.size), skewMs: skew * 1000 };
}

/** A drag over the whole episode, an instant every animation frame: sets painted a second. */
async function scrub(durationNs: number, ms: number) {
  const { clock, close } = clockFor(durationNs);
  let sets = 0;
  let frames = 0;
  let last: unknown = null;
  clock.subscribe(({ shown }) => {
    if (shown && shown !== last) {
      paint(shown.frames);
      sets += 1;
    }
    last = shown;
  });
  const start = performance.now();
  for (let now = start; now < start + ms; now = performance.now()) {
    clock.seek(sweep(now, start, ms) * durationNs);
    frames += 1;
    await new Promise((resolve) => requestAnimationFrame(resolve));
  }
  close();
  return {
    paintsPerSecond: (1000 * sets) / ms,
    ticksPerSecond: (1000 * frames) / ms,
  };
}

/** The same drag by <video> elements: sought to the latest instant as soon as all have come. */
async function scrubVideos(ms: number) {
  let sets = 0;
  const start = performance.now();
  for (let now = start; now < start + ms; now = performance.now()) {
    const position = Math.round(sweep(now, start, ms) * (references[0]!.seconds.length - 1));
    await Promise.all(
      videos.map((video, i) => {
        const { seconds } = references[i]!;
        return seekVideo(video, seconds[Math.min(position, seconds.length - 1)]!);
      }),
    );
    paintVideos();
    sets += 1;
    await new Promise((resolve) => requestAnimationFrame(resolve));
  }
  return { paintsPerSecond: (1000 * sets) / ms };
}

function paintVideos(): void {
  videos.forEach((video, i) => {
    canvases[i]?.getContext("2d")?.drawImage(video, 0, 0);
  });
}

const bench = { open, inTurns, play, playVideos, scrub, scrubVideos };

declare global {
  interface Window {
    camerasBench: typeof bench;
  }
}

window.camerasBench = bench;
