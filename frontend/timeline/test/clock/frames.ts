/** Animation frames by hand, and cameras that decode when told to. */
import { vi } from "vitest";
import type { ClockCamera } from "../../src/clock/clock";

export class Frames {
  now = 0;
  private queue: [id: number, run: (now: number) => void][] = [];
  private nextId = 1;

  install(): void {
    vi.stubGlobal("requestAnimationFrame", (run: (now: number) => void) => {
      this.queue.push([this.nextId, run]);
      this.nextId += 1;
      return this.nextId - 1;
    });
    vi.stubGlobal("cancelAnimationFrame", (id: number) => {
      this.queue = this.queue.filter(([other]) => other !== id);
    });
  }

  get waiting(): number {
    return this.queue.length;
  }

  /** Run animation frames over `ms` of time, and all promises that are due. */
  async pass(ms: number, step = 10): Promise<void> {
    for (const end = this.now + ms; this.now < end; ) {
      this.now += step;
      const due = this.queue;
      this.queue = [];
      for (const [, run] of due) run(this.now);
      for (let i = 0; i < 10; i += 1) await Promise.resolve();
    }
  }
}

export interface FakePicture {
  readonly camera: string;
  readonly position: number;
}

export class FakeCamera implements ClockCamera<FakePicture> {
  readonly timesNs: Float64Array;
  /** Nothing is decoded until `deliver`. */
  slow = false;
  rate = 0;
  readonly asked: number[] = [];
  readonly shownAt: number[] = [];
  private readonly waiting: { position: number; resolve: (p: FakePicture | null) => void }[] = [];
  private failing: Error | null = null;

  constructor(
    readonly name: string,
    frames: number,
    periodNs: number,
    offsetNs = 0,
  ) {
    this.timesNs = Float64Array.from({ length: frames }, (_, i) => offsetNs + i * periodNs);
  }

  positionAt(tNs: number): number {
    return Math.max(
      0,
      this.timesNs.findLastIndex((time) => time <= tNs),
    );
  }

  cached(position: number): FakePicture | null {
    return this.slow ? null : { camera: this.name, position };
  }

  frame(position: number): Promise<FakePicture | null> {
    this.asked.push(position);
    if (this.failing) return Promise.reject(this.failing);
    if (!this.slow) return Promise.resolve({ camera: this.name, position });
    return new Promise((resolve) => this.waiting.push({ position, resolve }));
  }

  show(position: number): void {
    this.shownAt.push(position);
  }

  setPlaying(rate: number): void {
    this.rate = rate;
  }

  fail(error: Error | null): void {
    this.failing = error;
  }

  async deliver(): Promise<void> {
    for (const { position, resolve } of this.waiting.splice(0)) {
      resolve({ camera: this.name, position });
    }
    for (let i = 0; i < 10; i += 1) await Promise.resolve();
  }
}
