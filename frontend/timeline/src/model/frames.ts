import { NS_PER_SECOND, type Ns } from "./time";

/**
 * The frame times of the reference camera, and the end of the episode: the grid on which labels
 * are put. Frame i is on the screen from its time until the next one's.
 */
export class FrameGrid {
  constructor(
    readonly times: ArrayLike<Ns>,
    readonly durationNs: Ns,
  ) {}

  /** A grid from the nominal rate, used until the camera's own frame times are known. */
  static fromRate(rate: readonly [number, number], durationNs: Ns): FrameGrid {
    const [num, den] = rate;
    const times: Ns[] = [];
    if (num > 0 && den > 0) {
      const at = (i: number) => Math.floor((i * den * NS_PER_SECOND) / num + 0.5);
      for (let i = 0; at(i) < durationNs; i += 1) times.push(at(i));
    }
    return new FrameGrid(times.length > 0 ? times : [0], durationNs);
  }

  get count(): number {
    return this.times.length;
  }

  /** The frame on the screen at t: the last one that is not later, kept within the episode. */
  frameAt(t: Ns): number {
    let low = 0;
    let high = this.times.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.times[middle]! <= t) low = middle;
      else high = middle - 1;
    }
    return Math.max(0, low);
  }

  timeOf(frame: number): Ns {
    const index = Math.min(Math.max(0, Math.trunc(frame)), this.times.length - 1);
    return this.times[index] ?? 0;
  }

  /** The frame time nearest to t; with `end`, the end of the episode counts as one. */
  nearest(t: Ns, end = false): Ns {
    const before = this.frameAt(t);
    const candidates = [this.timeOf(before), this.timeOf(before + 1)];
    if (end) candidates.push(this.durationNs);
    return candidates.reduce((best, at) => (Math.abs(at - t) < Math.abs(best - t) ? at : best));
  }

  /** The boundary `frames` steps from t on the grid that ends with the end of the episode. */
  step(t: Ns, frames: number, end = false): Ns {
    const last = this.times.length - 1;
    const from = end && t >= this.durationNs ? last + 1 : this.frameAt(t);
    const to = Math.max(0, from + frames);
    if (to > last) return end ? this.durationNs : this.timeOf(last);
    return this.timeOf(to);
  }

  /** The usual distance between two frames. */
  get periodNs(): Ns {
    const n = this.times.length;
    return n > 1 ? Math.round((this.timeOf(n - 1) - this.timeOf(0)) / (n - 1)) : this.durationNs;
  }
}
