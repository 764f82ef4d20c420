import type { Label } from "../model/label";
import { lowerBound } from "../model/snapping";
import type { Ns } from "../model/time";

const startOf = (label: Label): Ns => label.start_ns ?? 0;

/**
 * The labels of a lane by their time: those in view, and those at a point, without looking at the
 * others. Made once for a lane's labels, which come in the order of their starts.
 */
export class LaneIndex {
  /** The latest end among a label and all before it. */
  private readonly latest: Float64Array;

  constructor(readonly labels: readonly Label[]) {
    this.latest = new Float64Array(labels.length);
    let most = -Infinity;
    labels.forEach((label, i) => {
      most = Math.max(most, label.end_ns ?? startOf(label));
      this.latest[i] = most;
    });
  }

  /** Those that reach into [fromNs, toNs], in the order of time. */
  within(fromNs: Ns, toNs: Ns): Label[] {
    const found: Label[] = [];
    for (let i = this.firstReaching(fromNs); i < this.labels.length; i += 1) {
      const label = this.labels[i]!;
      if (startOf(label) > toNs) break;
      if ((label.end_ns ?? startOf(label)) >= fromNs) found.push(label);
    }
    return found;
  }

  /** The first label with an end, its own or that of one before it, at t or later. */
  private firstReaching(t: Ns): number {
    let low = 0;
    let high = this.latest.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.latest[middle]! < t) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** How many start before t. */
  countBefore(t: Ns): number {
    return lowerBound(this.labels, t, startOf);
  }
}

const made = new WeakMap<readonly Label[], LaneIndex>();

/** The index of a lane's labels, made when it is first asked for. */
export function indexOf(labels: readonly Label[]): LaneIndex {
  const known = made.get(labels);
  if (known) return known;
  const index = new LaneIndex(labels);
  made.set(labels, index);
  return index;
}
