import { NS_PER_MS, NS_PER_SECOND, type Ns } from "./time";

/*
 * Instants that a signal itself tells of, for ticks and for snapping: proposals to look at, never
 * labels. Each function takes one series with ascending times and answers in the order of time.
 * Missing values are NaN; nothing is found across them.
 */

export type CandidateKind =
  | "closing_starts"
  | "closing_ends"
  | "opening_starts"
  | "opening_ends"
  | "moving_starts"
  | "moving_ends"
  | "force_rises"
  | "force_falls"
  | "force_gone"
  | "speed_minimum";

export interface Candidate {
  readonly at: Ns;
  readonly kind: CandidateKind;
}

/** One dimension of a signal: `times` in ns, ascending, and a value for each. */
export interface Series {
  readonly times: ArrayLike<Ns>;
  readonly values: ArrayLike<number>;
}

/** The least and greatest value of the whole recording. */
export interface Bounds {
  readonly low: number;
  readonly high: number;
}

/** Candidates of one kind that lie nearer than this are one. */
export const MERGED_NS = 100 * NS_PER_MS;

function medianOf(values: number[]): number {
  if (values.length === 0) return 0;
  values.sort((a, b) => a - b);
  return values[values.length >> 1]!;
}

// Of more steps the median is hardly another one.
const MOST_STEPS = 1024;

/**
 * Standard deviation of the noise: 1.4826 times the median absolute step between samples, over the
 * root of two. Real steps are few, so the median does not see them.
 */
export function noiseOf(values: ArrayLike<number>): number {
  const every = Math.max(1, Math.ceil(values.length / MOST_STEPS));
  const steps = new Float64Array(MOST_STEPS);
  let count = 0;
  for (let i = 1; i < values.length && count < MOST_STEPS; i += every) {
    const step = Math.abs(values[i]! - values[i - 1]!);
    if (Number.isNaN(step)) continue;
    steps[count] = step;
    count += 1;
  }
  if (count === 0) return 0;
  const median = steps.subarray(0, count).sort()[count >> 1]!;
  return (1.4826 * median) / Math.SQRT2;
}

/** The first index whose time is at least t. */
function indexFrom(times: ArrayLike<Ns>, t: Ns, from: number): number {
  let i = from;
  while (i < times.length && times[i]! < t) i += 1;
  return i;
}

/**
 * Rate of change a second, as the difference over `aroundNs` on either side, or the neighbouring
 * samples where they lie further apart. NaN where a value is missing.
 */
export function slopes({ times, values }: Series, aroundNs: Ns): Float64Array {
  const n = times.length;
  const found = new Float64Array(n).fill(Number.NaN);
  let before = 0;
  let after = 0;
  for (let i = 0; i < n; i += 1) {
    const t = times[i]!;
    while (before < i && times[before]! < t - aroundNs) before += 1;
    while (after < n - 1 && times[after + 1]! <= t + aroundNs) after += 1;
    const a = Math.max(0, Math.min(before, i - 1));
    const b = Math.min(n - 1, Math.max(after, i + 1));
    const seconds = (times[b]! - times[a]!) / NS_PER_SECOND;
    if (seconds > 0) found[i] = (values[b]! - values[a]!) / seconds;
  }
  return found;
}

export interface GripperOptions {
  /** True where larger values open it; null where nobody has said so. */
  readonly opens: boolean | null;
}

const GRIPPER_AROUND_NS = 20 * NS_PER_MS;
// Shares of the gripper's range, a second: a closing hand takes a second or two for all of it.
const MOVING_ON = 0.25;
const MOVING_OFF = 0.1;
const LEAST_TRAVEL = 0.06;
const END_SHARE = 0.01;

interface Movement {
  start: number;
  end: number;
  way: 1 | -1;
}

function movements(series: Series, range: number): Movement[] {
  const speed = slopes(series, GRIPPER_AROUND_NS);
  const noise = noiseOf(series.values) / (GRIPPER_AROUND_NS / NS_PER_SECOND);
  const on = Math.max(MOVING_ON * range, 5 * noise);
  const off = Math.max(MOVING_OFF * range, 2 * noise);
  const found: Movement[] = [];
  let begun = -1;
  let open: Movement | null = null;
  for (let i = 0; i < speed.length; i += 1) {
    const size = Math.abs(speed[i]!);
    const way = speed[i]! < 0 ? -1 : 1;
    if (open && (!(size >= off) || way !== open.way)) {
      open.end = i;
      found.push(open);
      open = null;
    }
    // Where it left standing still, not where it was fast enough to be sure.
    if (!(size >= off)) begun = -1;
    else if (begun < 0 || (speed[begun]! < 0 ? -1 : 1) !== way) begun = i;
    if (!open && size >= on) open = { start: begun, end: i, way };
  }
  if (open) found.push({ ...open, end: -1 });
  return found;
}

function mergedMovements(series: Series, range: number): Movement[] {
  const { times, values } = series;
  const merged: Movement[] = [];
  for (const each of movements(series, range)) {
    const last = merged.at(-1);
    const near = last && last.end >= 0 && times[each.start]! - times[last.end]! < MERGED_NS;
    if (near && last.way === each.way) last.end = each.end;
    else merged.push(each);
  }
  for (const each of merged) tighten(each, values, END_SHARE * range);
  const travel = ({ start, end }: Movement) =>
    Math.abs(values[end < 0 ? values.length - 1 : end]! - values[start]!);
  return merged.filter((each) => travel(each) >= LEAST_TRAVEL * range);
}

/** A slope begins before the movement and ends after it: by the samples it is measured over. */
function tighten(each: Movement, values: ArrayLike<number>, least: number): void {
  const last = each.end < 0 ? values.length - 1 : each.end;
  const [from, to] = [values[each.start]!, values[last]!];
  while (each.start + 1 < last && Math.abs(values[each.start + 1]! - from) <= least) {
    each.start += 1;
  }
  while (each.end - 1 > each.start && Math.abs(values[each.end - 1]! - to) <= least) each.end -= 1;
}

/**
 * Where a gripper starts to move and where it stops: fully, or because something is in the way.
 * A movement is faster than a quarter of the range a second and goes over 6 % of it at least.
 */
export function gripperCandidates(
  series: Series,
  bounds: Bounds,
  { opens }: GripperOptions,
): Candidate[] {
  const range = bounds.high - bounds.low;
  if (!(range > 0)) return [];
  return mergedMovements(series, range).flatMap(({ start, end, way }) => {
    const name = opens === null ? "moving" : way > 0 === opens ? "opening" : "closing";
    const found: Candidate[] = [{ at: series.times[start]!, kind: `${name}_starts` }];
    if (end >= 0) found.push({ at: series.times[end]!, kind: `${name}_ends` });
    return found;
  });
}

const FORCE_BEFORE_NS = 100 * NS_PER_MS;
const FORCE_HELD_NS = 30 * NS_PER_MS;
const FORCE_SIGMAS = 5;
// Simulated forces have no noise, and nobody sees less than this in a lane.
const LEAST_STEP = 0.03;

/** Forces that push both ways count by their size. */
function sizes(values: ArrayLike<number>, { low, high }: Bounds): Float64Array {
  const signed = low < -0.1 * Math.max(0, high);
  return Float64Array.from(values, (value) => (signed ? Math.abs(value) : value));
}

/** The median of at most nine samples of [from, to), evenly spread. */
function sampledMedian(values: Float64Array, from: number, to: number): number {
  const count = Math.min(9, to - from);
  if (count < 1) return Number.NaN;
  const taken: number[] = [];
  for (let k = 0; k < count; k += 1)
    taken.push(values[from + Math.floor((k * (to - from)) / count)]!);
  return taken.some(Number.isNaN) ? Number.NaN : medianOf(taken);
}

/**
 * For each sample, how far the least (greatest) value of the 30 ms from it on lies above (below)
 * the median of the 100 ms before it; 0 where it lies neither above nor below, or one is missing.
 */
function steps(times: ArrayLike<Ns>, force: Float64Array): Float64Array {
  const n = force.length;
  const found = new Float64Array(n);
  let first = 0;
  for (let i = 0; i < n; i += 1) {
    while (first < i && times[first]! < times[i]! - FORCE_BEFORE_NS) first += 1;
    // Two samples at least: one alone may be a spike.
    const end = Math.max(Math.min(n, i + 2), indexFrom(times, times[i]! + FORCE_HELD_NS, i));
    let low = Infinity;
    let high = -Infinity;
    for (let j = i; j < end; j += 1) {
      low = Math.min(low, force[j]!);
      high = Math.max(high, force[j]!);
    }
    if (end - i < 2 || Number.isNaN(low)) continue;
    const before = sampledMedian(force, first, i);
    if (low > before) found[i] = low - before;
    else if (high < before) found[i] = high - before;
  }
  return found;
}

/**
 * Where a force steps up or down: by more than 5 sigma of its noise and 3 % of its range, held for
 * 30 ms (two samples at least). `force_gone` is where a fall has come down to the quiet level.
 */
export function forceCandidates(series: Series, bounds: Bounds): Candidate[] {
  const { times } = series;
  const force = sizes(series.values, bounds);
  const top = Math.max(Math.abs(bounds.low), Math.abs(bounds.high));
  const quiet = bounds.low > 0 ? bounds.low : 0;
  const threshold = Math.max(FORCE_SIGMAS * noiseOf(force), LEAST_STEP * (top - quiet));
  if (!(threshold > 0)) return [];
  const step = steps(times, force);
  const found: Candidate[] = [];
  let way = 0;
  let falling = false;
  for (let i = 0; i < step.length; i += 1) {
    const now = Math.abs(step[i]!) > threshold ? Math.sign(step[i]!) : 0;
    if (now !== 0 && now !== way) {
      found.push({ at: times[i]!, kind: now > 0 ? "force_rises" : "force_falls" });
      falling = now < 0;
    }
    if (falling && force[i]! <= quiet + threshold) {
      found.push({ at: times[i]!, kind: "force_gone" });
      falling = false;
    }
    way = now;
  }
  return merged(found);
}

// Shares of the greatest speed.
const VALLEY_DEPTH = 0.12;
const AT_REST = 0.04;
const LONG_REST_NS = 600 * NS_PER_MS;

/**
 * Where a speed is least between two movements that rise above it by 12 % of the greatest speed.
 * A rest longer than 0.6 s has two: where it begins and where it ends.
 */
export function speedCandidates({ times, values }: Series, bounds: Bounds): Candidate[] {
  const depth = VALLEY_DEPTH * bounds.high;
  const rest = AT_REST * bounds.high;
  if (!(depth > 0)) return [];
  const found: Candidate[] = [];
  let peak = -Infinity;
  let low = -1;
  let falling = false;
  for (let i = 0; i < times.length; i += 1) {
    const value = values[i]!;
    if (Number.isNaN(value)) continue;
    if (!falling) {
      peak = Math.max(peak, value);
      if (value > peak - depth) continue;
      falling = true;
      low = i;
    }
    if (value < values[low]!) low = i;
    if (value > values[low]! + depth) {
      found.push(...valley(times, values, low, rest));
      falling = false;
      peak = value;
    }
  }
  return found;
}

function valley(
  times: ArrayLike<Ns>,
  values: ArrayLike<number>,
  low: number,
  rest: number,
): Candidate[] {
  const level = values[low]! + rest;
  let [from, to] = [low, low];
  while (from > 0 && values[from - 1]! <= level) from -= 1;
  while (to < times.length - 1 && values[to + 1]! <= level) to += 1;
  const ends = times[to]! - times[from]! > LONG_REST_NS ? [from, to] : [low];
  return ends.map((i) => ({ at: times[i]!, kind: "speed_minimum" }));
}

/** In time order, and of one kind only the first of those that lie close together. */
export function merged(candidates: readonly Candidate[]): Candidate[] {
  const last = new Map<CandidateKind, Ns>();
  return [...candidates]
    .sort((a, b) => a.at - b.at)
    .filter(({ at, kind }) => {
      const before = last.get(kind);
      const alone = before === undefined || at - before >= MERGED_NS;
      if (alone) last.set(kind, at);
      return alone;
    });
}
