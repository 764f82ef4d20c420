import { type ClockView, FrameClock } from "../clock/clock";
import { around, type LoopRange } from "../clock/playhead";
import type { Scope } from "../clock/scope";
import type { DecodedFrame, EpisodeFrames } from "../decode/contract";
import type { FrameGrid } from "../model/frames";
import type { Ns } from "../model/time";

export type View = ClockView<DecodedFrame>;

export const SPEEDS = [0.1, 0.25, 0.5, 1, 2, 4, 8] as const;

/**
 * The clock, before and after the cameras stand: labels and signals can be seen, and the playhead
 * moved, while the pictures are still on their way or cannot be had at all.
 */
export class Transport {
  private clock: FrameClock<DecodedFrame>;
  private speed = 1;
  private readonly listeners = new Set<(view: View) => void>();
  private readonly watchers = new Set<() => void>();

  constructor(
    private readonly durationNs: Ns,
    private readonly scope: Scope,
  ) {
    this.clock = this.newClock(null);
  }

  private newClock(episode: EpisodeFrames | null): FrameClock<DecodedFrame> {
    const clock = new FrameClock<DecodedFrame>({
      scope: this.scope,
      durationNs: this.durationNs,
      cameras: episode?.cameras ?? [],
      ...(episode ? { reference: episode.reference } : {}),
    });
    clock.subscribe((view) => {
      for (const listener of [...this.listeners]) listener(view);
    });
    for (const watcher of this.watchers) clock.watch(watcher);
    return clock;
  }

  open(episode: EpisodeFrames): void {
    const { tNs, loop } = this.clock.view;
    this.clock.close();
    this.clock = this.newClock(episode);
    this.clock.setLoop(loop);
    this.clock.seek(tNs);
  }

  onFrame(listener: (view: View) => void): () => void {
    this.listeners.add(listener);
    this.clock.invalidate();
    return () => this.listeners.delete(listener);
  }

  /** On every animation frame of the one loop, whether anything changed or not. */
  watch(watcher: () => void): () => void {
    this.watchers.add(watcher);
    this.clock.watch(watcher);
    return () => {
      this.watchers.delete(watcher);
      this.clock.unwatch(watcher);
    };
  }

  requestPaint(): void {
    this.clock.invalidate();
  }

  get timeNs(): Ns {
    return this.clock.view.tNs;
  }

  get playing(): boolean {
    return this.clock.view.playing;
  }

  /** How fast it plays, or would; negative backwards. */
  get rate(): number {
    return this.playing ? this.clock.view.rate : this.speed;
  }

  get loop(): LoopRange | null {
    return this.clock.view.loop;
  }

  /** Plays a stretch over and over; null goes on to the end again. */
  setLoop(range: LoopRange | null): void {
    this.clock.setLoop(range);
  }

  /** Plays the stretch around the playhead once and comes back to it. */
  playAround(reachNs: Ns): void {
    if (this.playing) this.clock.pause();
    this.clock.setRate(this.speed);
    this.clock.playOnce(around(this.timeNs, reachNs, this.durationNs));
  }

  seek(t: Ns): void {
    this.clock.seek(t);
  }

  pause(): void {
    this.clock.pause();
  }

  toggle(): void {
    if (!this.playing) this.clock.setRate(this.speed);
    this.clock.toggle();
  }

  setSpeed(speed: number): void {
    this.speed = speed;
    this.clock.setRate(this.clock.view.rate < 0 ? -speed : speed);
  }

  /** The next speed of the list, up or down; what plays backwards goes on backwards. */
  stepSpeed(way: 1 | -1): number {
    const size = Math.abs(this.rate);
    const faster = SPEEDS.find((speed) => speed > size) ?? SPEEDS.at(-1)!;
    const slower = SPEEDS.findLast((speed) => speed < size) ?? SPEEDS[0];
    this.setSpeed(way > 0 ? faster : slower);
    return this.speed;
  }

  /** Plays that way; pressed again while it does, faster. */
  shuttle(way: 1 | -1): void {
    const { playing, rate } = this.clock.view;
    const onward = playing && Math.sign(rate) === way;
    this.clock.setRate(onward ? rate * 2 : way * this.speed);
    this.clock.play();
  }

  step(grid: FrameGrid, frames: number): void {
    this.pause();
    this.seek(grid.step(this.timeNs, frames));
  }
}
