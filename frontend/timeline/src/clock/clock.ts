import { advance, type LoopRange, oneByOne, playableRate, withinEpisode } from "./playhead";
import type { Scope } from "./scope";

/** What the clock needs of a camera; `F` is a picture. */
export interface ClockCamera<F> {
  readonly timesNs: ArrayLike<number>;
  positionAt(tNs: number): number;
  cached(position: number): F | null;
  frame(position: number): Promise<F | null>;
  show(position: number): void;
  setPlaying(rate: number): void;
}

/** One instant's pictures, one of each camera: all of them, or none is shown. */
export interface FrameSet<F> {
  /** The instant they were asked for. */
  readonly tNs: number;
  readonly positions: readonly number[];
  readonly frames: readonly F[];
}

/** The clock as its subscribers see it; a new object each time. */
export interface ClockView<F> {
  /** The playhead, ns on the episode clock. While playing it never leads the pictures. */
  readonly tNs: number;
  readonly shown: FrameSet<F> | null;
  /** The pictures shown are those of the playhead. */
  readonly settled: boolean;
  readonly playing: boolean;
  readonly rate: number;
  readonly loop: LoopRange | null;
  /** Playing, and held up until the next pictures are decoded. */
  readonly waiting: boolean;
  /** Why the last pictures did not come; cleared by the next that do. */
  readonly error: Error | null;
}

export interface ClockOptions<F> {
  readonly scope: Scope;
  readonly durationNs: number;
  readonly cameras: readonly ClockCamera<F>[];
  /** Its frames are the steps; the first camera when not given. */
  readonly reference?: ClockCamera<F>;
}

/** Decoding that takes longer than this slows playback down instead of dropping more frames. */
const CATCH_UP_MS = 250;
const NS_PER_MS = 1_000_000;

/** The one animation-frame loop and the playhead: every camera shows the instant it names. */
export class FrameClock<F> {
  private readonly scope: Scope;
  private readonly listeners = new Set<(view: ClockView<F>) => void>();
  private tNs = 0;
  private shown: FrameSet<F> | null = null;
  private playing = false;
  private rate = 1;
  private loop: LoopRange | null = null;
  /** Played once to its end, and then back to where it was asked for. */
  private once: { readonly endNs: number; readonly returnNs: number } | null = null;
  private error: Error | null = null;
  /** The instant to show once what is under way has come; the latest wins. */
  private wanted: number | null = null;
  private fetching = false;
  private waiting = false;
  /** Wall time at which the playhead was where it is. */
  private since: number | null = null;
  private scheduled = false;
  private changed = false;
  private readonly watchers = new Set<() => void>();

  constructor(private readonly options: ClockOptions<F>) {
    this.scope = options.scope.child();
    this.scope.own(() => this.listeners.clear());
    this.scope.own(() => this.watchers.clear());
  }

  get view(): ClockView<F> {
    const { tNs, shown, playing, rate, loop, waiting, error } = this;
    const settled = shown !== null && this.isShown(this.positionsAt(tNs));
    return { tNs, shown, settled, playing, rate, loop, waiting, error };
  }

  /** Called at most once an animation frame, and only when something changed. */
  subscribe(listener: (view: ClockView<F>) => void): () => void {
    this.listeners.add(listener);
    this.invalidate();
    return () => this.listeners.delete(listener);
  }

  /** Called on every animation frame, for what has to be asked: it draws nothing by itself. */
  watch(watcher: () => void): void {
    this.watchers.add(watcher);
    this.schedule();
  }

  unwatch(watcher: () => void): void {
    this.watchers.delete(watcher);
  }

  /** Call the subscribers at the next animation frame: something else wants to be drawn. */
  invalidate(): void {
    this.changed = true;
    this.schedule();
  }

  private schedule(): void {
    if (this.scheduled || this.scope.closed) return;
    this.scheduled = true;
    this.scope.frame((now) => this.tick(now));
  }

  /** Play a stretch once, forwards, and come back to the playhead: to look at it in motion. */
  playOnce(range: LoopRange): void {
    const returnNs = this.once?.returnNs ?? this.tNs;
    this.seek(range.startNs);
    this.once = { endNs: range.endNs, returnNs };
    this.rate = Math.abs(this.rate);
    this.playing = true;
    this.restart();
  }

  play(): void {
    if (this.playing) return;
    this.rewindAtEnd();
    this.playing = true;
    this.restart();
  }

  /** Stop on a frame of the reference camera, so that a mark made now lies on what is seen. */
  pause(): void {
    if (!this.playing) return;
    this.playing = false;
    this.once = null;
    this.restart();
    const at = this.shown ? this.shown.tNs : this.tNs;
    this.seek(this.stepTime(at, 0));
  }

  toggle(): void {
    if (this.playing) this.pause();
    else this.play();
  }

  /** 0.1 to 8, negative backwards. */
  setRate(rate: number): void {
    this.rate = playableRate(rate);
    this.restart();
  }

  /** Play this range over and over; null for the whole episode, once. */
  setLoop(range: LoopRange | null): void {
    this.loop = range && range.endNs > range.startNs ? range : null;
    this.invalidate();
  }

  seek(tNs: number): void {
    this.once = null;
    this.tNs = withinEpisode(tNs, this.options.durationNs);
    this.since = null;
    this.want(this.tNs);
    this.invalidate();
  }

  /** Move by frames of the reference camera, counted from the playhead; pauses. */
  step(frames: number): void {
    if (this.playing) this.pause();
    this.seek(this.stepTime(this.tNs, frames));
  }

  close(): void {
    this.wanted = null;
    // Cameras may outlive their clock: none goes on decoding ahead of a playhead that stands.
    if (this.playing) for (const camera of this.options.cameras) camera.setPlaying(0);
    this.playing = false;
    this.scope.close();
  }

  private stepTime(tNs: number, frames: number): number {
    const reference = this.options.reference ?? this.options.cameras[0];
    if (!reference) return tNs;
    const last = reference.timesNs.length - 1;
    const position = reference.positionAt(tNs) + Math.trunc(frames);
    return reference.timesNs[Math.max(0, Math.min(last, position))] ?? tNs;
  }

  private rewindAtEnd(): void {
    const { durationNs } = this.options;
    if (this.loop) return;
    if (this.rate > 0 && this.stepTime(this.tNs, 1) <= this.tNs) this.seek(0);
    if (this.rate < 0 && this.tNs === 0) this.seek(withinEpisode(durationNs, durationNs));
  }

  private restart(): void {
    this.since = null;
    const rate = this.playing ? this.rate : 0;
    if (!this.playing) this.waiting = false;
    for (const camera of this.options.cameras) camera.setPlaying(rate);
    this.invalidate();
  }

  private tick(now: number): void {
    this.scheduled = false;
    for (const watcher of [...this.watchers]) watcher();
    if (this.changed) this.show(now);
    if (this.watchers.size > 0) this.schedule();
  }

  private show(now: number): void {
    this.changed = false;
    if (this.playing && !this.fetching) this.run(now);
    const view = this.view;
    for (const listener of [...this.listeners]) listener(view);
    if (this.playing) this.invalidate();
  }

  private run(now: number): void {
    const { durationNs } = this.options;
    const elapsed = this.since === null ? 0 : Math.min(now - this.since, CATCH_UP_MS);
    const { once } = this;
    const loop = once ? null : this.loop;
    const { tNs, ended } = advance(this.tNs, elapsed, this.rate, durationNs, loop);
    this.since = now;
    const next = this.nextShown(tNs);
    if (once && (next >= once.endNs || (ended && next === tNs))) {
      this.finish(once.returnNs);
      return;
    }
    if (next !== tNs) {
      this.since -= (tNs - next) / (this.rate * NS_PER_MS);
      this.goOn(next);
      return;
    }
    if (ended) {
      this.finish(tNs);
      return;
    }
    this.goOn(tNs);
  }

  private goOn(tNs: number): void {
    this.want(tNs);
    if (this.fetching) this.waiting = true;
    else this.tNs = tNs;
  }

  /** Up to real time every frame is shown, also when animation frames come late. */
  private nextShown(tNs: number): number {
    const reference = this.options.reference ?? this.options.cameras[0];
    const wrapped = (tNs - this.tNs) * this.rate < 0;
    if (!reference || wrapped || Math.abs(this.rate) > 1) return tNs;
    return oneByOne(this.tNs, tNs, reference);
  }

  private finish(tNs: number): void {
    this.playing = false;
    this.restart();
    this.seek(this.stepTime(tNs, 0));
  }

  private positionsAt(tNs: number): number[] {
    return this.options.cameras.map((camera) => camera.positionAt(tNs));
  }

  private isShown(positions: readonly number[]): boolean {
    return positions.every((position, i) => this.shown?.positions[i] === position);
  }

  private want(tNs: number): void {
    this.wanted = tNs;
    if (!this.fetching) void this.pump();
  }

  /** One set at a time; what is asked for meanwhile waits, and only the latest of it is fetched. */
  private async pump(): Promise<void> {
    this.fetching = true;
    while (this.wanted !== null && !this.scope.closed) {
      const tNs = this.wanted;
      this.wanted = null;
      const positions = this.positionsAt(tNs);
      const held = this.held(positions);
      if (held) this.present({ tNs, positions, frames: held });
      else await this.fetch(tNs, positions);
    }
    this.fetching = false;
  }

  private held(positions: readonly number[]): F[] | null {
    if (this.shown && this.isShown(positions)) return [...this.shown.frames];
    const frames: F[] = [];
    for (const [i, camera] of this.options.cameras.entries()) {
      const frame = camera.cached(positions[i]!);
      if (frame === null) return null;
      frames.push(frame);
    }
    return frames;
  }

  private async fetch(tNs: number, positions: readonly number[]): Promise<void> {
    const { cameras } = this.options;
    try {
      const frames = await Promise.all(cameras.map((camera, i) => camera.frame(positions[i]!)));
      if (this.scope.closed || frames.some((frame) => frame === null)) return;
      if (this.waiting && this.wanted === null) this.tNs = tNs;
      this.present({ tNs, positions, frames: frames as F[] });
    } catch (cause) {
      if (this.scope.closed) return;
      this.error = cause instanceof Error ? cause : new Error(String(cause));
      if (this.wanted === null) this.pauseHere();
    } finally {
      this.waiting = false;
      this.invalidate();
    }
  }

  private pauseHere(): void {
    if (!this.playing) return;
    this.playing = false;
    this.restart();
  }

  private present(set: FrameSet<F>): void {
    this.shown = set;
    this.error = null;
    for (const [i, camera] of this.options.cameras.entries()) camera.show(set.positions[i]!);
    this.invalidate();
  }
}
