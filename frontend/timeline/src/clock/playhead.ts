/** Arithmetic of the playhead: integer nanoseconds on the episode clock, half-open ranges. */

export interface LoopRange {
  readonly startNs: number;
  /** Exclusive. */
  readonly endNs: number;
}

export const SLOWEST = 0.1;
export const FASTEST = 8;
const NS_PER_MS = 1_000_000;

/** A rate the clock can play: 0.1 to 8 times, either way; 0 and what is no number give 1. */
export function playableRate(rate: number): number {
  if (!Number.isFinite(rate) || rate === 0) return 1;
  const size = Math.min(FASTEST, Math.max(SLOWEST, Math.abs(rate)));
  return rate < 0 ? -size : size;
}

/** The nearest integer instant of an episode of that length. */
export function withinEpisode(tNs: number, durationNs: number): number {
  if (!Number.isFinite(tNs)) return 0;
  return Math.max(0, Math.min(Math.round(tNs), Math.max(1, Math.round(durationNs)) - 1));
}

/** The stretch from `reachNs` before an instant to as much after it, within the episode. */
export function around(tNs: number, reachNs: number, durationNs: number): LoopRange {
  return {
    startNs: withinEpisode(tNs - reachNs, durationNs),
    endNs: Math.min(Math.round(durationNs), Math.round(tNs + reachNs)),
  };
}

export interface Advance {
  readonly tNs: number;
  /** The end (or the start, backwards) was reached and there is no loop to go on with. */
  readonly ended: boolean;
}

/** Where the playhead is after `elapsedMs` of wall time at a rate. */
export function advance(
  tNs: number,
  elapsedMs: number,
  rate: number,
  durationNs: number,
  loop: LoopRange | null,
): Advance {
  const to = tNs + Math.round(elapsedMs * NS_PER_MS * rate);
  if (loop) return { tNs: withinEpisode(wrap(tNs, to, loop), durationNs), ended: false };
  const kept = withinEpisode(to, durationNs);
  return { tNs: kept, ended: kept !== to };
}

/** Frames closer together than a screen shows them are left out, or playing would fall behind. */
const CLOSE_NS = 15_000_000;

/**
 * Playing at up to real time leaves out no frame of the camera that is stepped by: where `toNs` lies
 * beyond the next one, that one's time. What is left of the way is made up for by and by.
 */
export function oneByOne(
  fromNs: number,
  toNs: number,
  camera: { readonly timesNs: ArrayLike<number>; positionAt(tNs: number): number },
): number {
  const [from, to] = [camera.positionAt(fromNs), camera.positionAt(toNs)];
  if (Math.abs(to - from) < 2) return toNs;
  const way = Math.sign(to - from);
  const next = camera.timesNs[from + way]!;
  if (Math.abs(next - camera.timesNs[from]!) < CLOSE_NS) return toNs;
  return way > 0 ? next : Math.max(next, camera.timesNs[from]! - 1);
}

/** Crossing the range's end in the direction of travel leads to its other end. */
function wrap(from: number, to: number, loop: LoopRange): number {
  const length = loop.endNs - loop.startNs;
  if (to >= from) {
    if (to < loop.endNs) return to;
    return loop.startNs + ((to - loop.endNs) % length);
  }
  if (to >= loop.startNs) return to;
  return loop.endNs - 1 - ((loop.startNs - 1 - to) % length);
}
