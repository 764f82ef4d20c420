import {
  type Bounds,
  type Candidate,
  forceCandidates,
  gripperCandidates,
  merged,
  type Series,
  speedCandidates,
} from "../model/candidates";
import { NS_PER_SECOND, type Ns } from "../model/time";
import type { SignalLine } from "./signallanes";
import type { LaneSource, Tile } from "./signals";

/** What a candidate is judged by beyond its tile. */
const CONTEXT_NS = NS_PER_SECOND;
/** A recording of at most so many samples is looked through as a whole; of a longer one, what is seen. */
const WHOLE_VALUES = 6_000_000;
const MOST_TILES_IN_VIEW = 8;

export interface FinderOptions {
  readonly lines: readonly SignalLine[];
  readonly sourceOf: (line: SignalLine) => LaneSource | null;
  /** Runs a little work later, when nothing more urgent is to be done. */
  readonly later: (run: () => void) => void;
  readonly changed: () => void;
}

/** Measured lines; commands only where nothing measured tells of the same. */
export function tellingLines(lines: readonly SignalLine[]): SignalLine[] {
  const telling = lines.filter((line) => line.tells !== null);
  return telling.filter(
    (line) =>
      !line.command || !telling.some((other) => !other.command && other.tells === line.tells),
  );
}

function candidatesOf(line: SignalLine, series: Series, bounds: Bounds): Candidate[] {
  if (line.tells === "gripper") return gripperCandidates(series, bounds, { opens: line.opens });
  if (line.tells === "force") return forceCandidates(series, bounds);
  return speedCandidates(series, bounds);
}

/** The last second before a tile, the tile, and the first second after it, where they are here. */
function around(source: LaneSource, number: number, dimension: number): Series | null {
  const tile = source.exactTileOf(number);
  if (!tile || tile.times.length === 0) return null;
  const parts: [Tile, number, number][] = [[tile, 0, tile.times.length]];
  const before = source.exactTileOf(number - 1);
  if (before) {
    const end = before.times.length;
    parts.unshift([before, before.indexAt(tile.times[0]! - CONTEXT_NS), end]);
  }
  const after = source.exactTileOf(number + 1);
  if (after) parts.push([after, 0, after.indexAt(tile.times.at(-1)! + CONTEXT_NS)]);
  const length = parts.reduce((sum, [, from, to]) => sum + to - from, 0);
  const times = new Float64Array(length);
  const values = new Float32Array(length);
  let at = 0;
  for (const [part, from, to] of parts) {
    times.set(part.times.subarray(from, to), at);
    values.set(part.lows[dimension]!.subarray(from, to), at);
    at += to - from;
  }
  return { times, values };
}

/**
 * Looks for candidate instants in the samples that are here, a tile of a line at a time, and asks
 * for the samples of short recordings, and of what is seen of long ones.
 */
export class CandidateFinder {
  private readonly lines: readonly SignalLine[];
  private readonly found = new Map<string, Map<number, readonly Candidate[]>>();
  private readonly queue = new Map<string, { line: SignalLine; number: number }>();
  private readonly byLines = new Map<string, readonly Candidate[]>();
  private readonly done = new Set<string>();
  /** Lines of which every tile has been looked at. */
  private readonly complete = new Set<string>();
  private running = false;

  constructor(private readonly options: FinderOptions) {
    this.lines = tellingLines(options.lines);
  }

  /** All of them, in the order of time. */
  get all(): readonly Candidate[] {
    return this.of(this.lines, "all");
  }

  /** Those that a lane's lines tell of. */
  of(lines: readonly SignalLine[], id: string): readonly Candidate[] {
    const known = this.byLines.get(id);
    if (known) return known;
    const made = merged(
      lines.flatMap(({ key }) => [...(this.found.get(key)?.values() ?? [])].flat()),
    );
    this.byLines.set(id, made);
    return made;
  }

  /** Lanes were put together anew. */
  forget(): void {
    this.byLines.clear();
  }

  /** Asks for samples: of all of a short recording, of what is seen of a long one. */
  want(fromNs: Ns, toNs: Ns): void {
    for (const line of this.lines) {
      const source = this.complete.has(line.key) ? null : this.options.sourceOf(line);
      if (!source) continue;
      const { dimensions, tile_rows: rows, levels } = source.layout;
      const starts = levels[0]!.starts_ns;
      let [first, last] = [0, starts.length - 1];
      if (starts.length * rows * dimensions > WHOLE_VALUES) {
        first = Math.max(0, starts.findIndex((start) => start > fromNs) - 1);
        while (last > first && starts[last]! > toNs) last -= 1;
        if (last - first >= MOST_TILES_IN_VIEW) continue;
      }
      for (let number = first; number <= last; number += 1) {
        if (this.done.has(`${line.key}/${number}`)) continue;
        if (source.exactTileOf(number)) this.arrived(line.signal.id, number, line);
        else source.wantExact(number);
      }
    }
  }

  /** A tile of samples has come; what lies beside it can be judged better now. */
  arrived(signalId: string, number: number, only?: SignalLine): void {
    const lines = only ? [only] : this.lines.filter((line) => line.signal.id === signalId);
    for (const line of lines) {
      for (const each of [number - 1, number, number + 1]) {
        if (!this.options.sourceOf(line)?.exactTileOf(each)) continue;
        this.queue.set(`${line.key}/${each}`, { line, number: each });
      }
    }
    this.next();
  }

  private next(): void {
    if (this.running || this.queue.size === 0) return;
    this.running = true;
    this.options.later(() => {
      this.running = false;
      const [key, job] = this.queue.entries().next().value ?? [];
      if (key === undefined || !job) return;
      this.queue.delete(key);
      this.look(key, job.line, job.number);
      this.next();
    });
  }

  private look(key: string, line: SignalLine, number: number): void {
    const source = this.options.sourceOf(line);
    const extent = source?.extent(line.dimension);
    const series = source && around(source, number, line.dimension);
    if (!extent || !series) return;
    const starts = source.layout.levels[0]!.starts_ns;
    const [from, to] = [starts[number]!, starts[number + 1] ?? Infinity];
    const own = candidatesOf(line, series, { low: extent[0], high: extent[1] }).filter(
      ({ at }) => (number === 0 || at >= from) && at < to,
    );
    const tiles = this.found.get(line.key) ?? new Map<number, readonly Candidate[]>();
    this.found.set(line.key, tiles);
    tiles.set(number, own);
    if (tiles.size === starts.length) this.complete.add(line.key);
    this.done.add(key);
    this.byLines.clear();
    this.options.changed();
  }
}
