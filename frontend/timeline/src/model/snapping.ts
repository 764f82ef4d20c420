import type { Candidate } from "./candidates";
import type { FrameGrid } from "./frames";
import { NS_PER_MS, type Ns } from "./time";
import type { Timeline } from "./timeline";

export interface Snap {
  readonly at: Ns;
  readonly to: "edge" | "candidate" | "frame" | "none";
  /** What kind of candidate it is, where it is one. */
  readonly kind?: Candidate["kind"];
}

export interface SnapOptions {
  /** How near an edge or a candidate has to be to win over the nearest frame. */
  readonly reachNs: Ns;
  /** Whether the end of the episode is a place to be: for ends, not for instants. */
  readonly end?: boolean;
  readonly suppressed?: boolean;
  /** In the order of time. */
  readonly candidates?: readonly Candidate[];
}

// Two clocks that tick together differ by their rounding: what is a frame's time is the frame's.
const SAME_NS = NS_PER_MS;

/** Times another label offers to the one being dragged: all edges but its own. */
export function snapEdges(timeline: Timeline, exceptIds: ReadonlySet<string>): Ns[] {
  const others = timeline.labels.filter((label) => !exceptIds.has(label.id));
  return [...new Set(others.flatMap((label) => [label.start_ns, label.end_ns]))]
    .filter((at) => at !== null)
    .sort((a, b) => a - b);
}

/** The first place in a sorted list whose time is not before t. */
export function lowerBound<T>(sorted: readonly T[], t: Ns, timeOf: (item: T) => Ns): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (timeOf(sorted[middle]!) < t) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The nearest item within reach of t; the earlier one of two as near. */
export function nearestOf<T>(
  sorted: readonly T[],
  t: Ns,
  reachNs: Ns,
  timeOf: (item: T) => Ns,
): T | null {
  const next = lowerBound(sorted, t, timeOf);
  let best: T | null = null;
  for (const item of [sorted[next - 1], sorted[next]]) {
    if (item === undefined) continue;
    const distance = Math.abs(timeOf(item) - t);
    const nearer = best === null || distance < Math.abs(timeOf(best) - t);
    if (distance <= reachNs && nearer) best = item;
  }
  return best;
}

const itself = (at: Ns) => at;
const timeOf = (candidate: Candidate) => candidate.at;

/** A candidate's time, or that of the frame it falls together with. */
export function settled(at: Ns, grid: FrameGrid): Ns {
  const frame = grid.nearest(at);
  return Math.abs(frame - at) <= SAME_NS ? frame : Math.round(at);
}

/**
 * Where a mark put down at t goes: onto the nearest edge of another label or candidate within
 * reach, an edge before a candidate at the same place, or else onto a frame.
 */
export function snap(t: Ns, grid: FrameGrid, edges: readonly Ns[], options: SnapOptions): Snap {
  const inside = Math.min(Math.max(0, Math.round(t)), grid.durationNs);
  if (options.suppressed) return { at: inside, to: "none" };
  const last = options.end ? grid.durationNs : grid.durationNs - 1;
  const edge = nearestOf(edges, t, options.reachNs, itself);
  const candidate = nearestOf(options.candidates ?? [], t, options.reachNs, timeOf);
  const away = (at: Ns | undefined) => (at === undefined ? Infinity : Math.abs(at - t));
  if (candidate && away(candidate.at) < away(edge ?? undefined) - SAME_NS) {
    const at = Math.min(Math.max(0, settled(candidate.at, grid)), last);
    return { at, to: "candidate", kind: candidate.kind };
  }
  if (edge !== null && edge <= last) return { at: edge, to: "edge" };
  return { at: grid.nearest(inside, options.end), to: "frame" };
}

/**
 * Where a mark at the playhead lies. At rest it stays within the frame that is seen: a candidate
 * there gives it its exact time. While playing, the nearest candidate within `reachNs` is what the
 * hand was late or early for.
 */
export function snapMark(
  frameNs: Ns,
  grid: FrameGrid,
  candidates: readonly Candidate[],
  reachNs: Ns,
  playing: boolean,
): Snap {
  const here: Snap = { at: frameNs, to: "frame" };
  if (playing) {
    const found = nearestOf(candidates, frameNs, reachNs, timeOf);
    if (!found) return here;
    return { at: within(settled(found.at, grid), grid), to: "candidate", kind: found.kind };
  }
  const next = grid.step(frameNs, 1, true);
  for (let i = lowerBound(candidates, frameNs - SAME_NS, timeOf); i < candidates.length; i += 1) {
    const { at, kind } = candidates[i]!;
    const exact = settled(at, grid);
    if (exact >= next) break;
    if (exact >= frameNs) return { at: exact, to: "candidate", kind };
  }
  return here;
}

const within = (at: Ns, grid: FrameGrid): Ns => Math.min(Math.max(0, at), grid.durationNs - 1);

/** The nearest of the times before or after the playhead's frame, by the frame that shows it. */
export function neighbourTime(
  sorted: readonly Ns[],
  now: Ns,
  grid: FrameGrid,
  way: 1 | -1,
): Ns | null {
  const frame = grid.frameAt(now);
  const i = lowerBound(sorted, grid.timeOf(frame), itself);
  if (way > 0) {
    for (let j = i; j < sorted.length; j += 1) {
      if (grid.frameAt(sorted[j]!) > frame) return sorted[j]!;
    }
    return null;
  }
  return sorted[i - 1] ?? null;
}
