import type { Ns } from "../model/time";
import { Extents } from "./extent";

const MAGIC = 0x47534c54; // "TLSG", little-endian
const VERSION = 2;
const HEADER = 20;

/** What the server says of a signal: its levels, and when each of their tiles begins. */
export interface SignalLayout {
  readonly dimensions: number;
  readonly tile_rows: number;
  readonly levels: readonly { readonly rows: number; readonly starts_ns: readonly Ns[] }[];
}

/** A signal short enough for one tile needs no layout from the server. */
export function oneTile(samples: number, dimensions: number, tileRows: number): SignalLayout {
  return { dimensions, tile_rows: tileRows, levels: [{ rows: samples, starts_ns: [0] }] };
}

/** Rows of one level: times in ns, and a dimension's least and greatest value; NaN is missing. */
export class Tile {
  private readonly known = new Map<Float32Array, Extents>();

  constructor(
    readonly level: number,
    readonly times: Float64Array,
    readonly lows: readonly Float32Array[],
    readonly highs: readonly Float32Array[],
  ) {}

  /** @throws Error when the bytes are not what they say they are. */
  static parse(buffer: ArrayBuffer): Tile {
    const view = new DataView(buffer);
    if (buffer.byteLength < HEADER || view.getUint32(0, true) !== MAGIC) {
      throw new Error("These are no signal samples.");
    }
    const [version = 0, level = 0, n = 0, dims = 0] = [4, 8, 12, 16].map((at) =>
      view.getUint32(at, true),
    );
    if (version !== VERSION) {
      throw new Error(`Signal samples of version ${version} are not known here.`);
    }
    const sides = level === 0 ? 1 : 2;
    const needed = HEADER + n * 8 + n * dims * 4 * sides;
    if (buffer.byteLength !== needed) {
      throw new Error(`Signal samples: ${buffer.byteLength} bytes, ${needed} announced.`);
    }
    const times = new Float64Array(n);
    for (let i = 0; i < n; i += 1) times[i] = Number(view.getBigInt64(HEADER + i * 8, true));
    const start = HEADER + n * 8;
    const series = Array.from(
      { length: dims * sides },
      (_, d) => new Float32Array(buffer, start + d * n * 4, n),
    );
    const lows = series.slice(0, dims);
    return new Tile(level, times, lows, sides === 1 ? lows : series.slice(dims));
  }

  get bytes(): number {
    const { length } = this.times;
    return length * (8 + 4 * this.lows.length * (this.level === 0 ? 1 : 2));
  }

  /** The first row not before t. */
  indexAt(t: Ns): number {
    let low = 0;
    let high = this.times.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.times[middle]! < t) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The latest value not after t; NaN before the first one. */
  latest(dimension: number, t: Ns): number {
    const index = this.indexAt(t);
    return this.lows[dimension]?.[this.times[index] === t ? index : index - 1] ?? Number.NaN;
  }

  /** Least and greatest of rows [from, to); [Infinity, -Infinity] where there is no value. */
  between(dimension: number, from: number, to: number): [number, number] {
    const [low] = this.extents(this.lows[dimension]).between(from, to);
    const [, high] = this.extents(this.highs[dimension]).between(from, to);
    return [low, high];
  }

  private extents(values: Float32Array = new Float32Array()): Extents {
    const known = this.known.get(values);
    if (known) return known;
    const made = new Extents(values);
    this.known.set(values, made);
    return made;
  }
}

/** What a lane reads: a recorded signal, or one that is made of recorded ones. */
export interface LaneSource {
  readonly layout: SignalLayout;
  /** Least and greatest value of the whole recording; null until that is known. */
  extent(dimension: number): [number, number] | null;
  /** The latest value not after t; NaN before the first one, and while it is on its way. */
  valueAt(dimension: number, t: Ns): number;
  /** The greatest magnitude within `aroundNs` of t; NaN where there is none, or not yet. */
  peakAt(dimension: number, t: Ns, aroundNs: Ns): number;
  /** What draws [fromNs, toNs] on `width` pixels, in the order of time. */
  pieces(fromNs: Ns, toNs: Ns, width: number): Piece[];
  /** A tile of samples that is here; asks for none. */
  exactTileOf(number: number): Tile | null;
  /** Asks for a tile of samples unless it is here. */
  wantExact(number: number): void;
}

/** A tile, and the stretch of time that it is to be drawn for. */
export interface Piece {
  readonly tile: Tile;
  readonly fromNs: Ns;
  readonly toNs: Ns;
  /** A coarser tile than the one wanted, until that comes. */
  readonly standIn?: true;
}

/** Tiles kept beside the coarsest level; about a minute of 60 dimensions at 1 kHz. */
const MOST_BYTES = 24 * 2 ** 20;
// A line drawn from twice as many rows as there are pixels loses nothing.
const ROWS_A_PIXEL = 2;
const PEAK_LEVEL = 2;

/**
 * One signal of any length: gives for a stretch of time the tiles that draw it, and asks for those
 * it does not have. Until they come, coarser ones stand in.
 */
export class SignalSource implements LaneSource {
  // In the order of their last use.
  private readonly tiles = new Map<string, Tile>();
  private held = 0;

  constructor(
    readonly layout: SignalLayout,
    private readonly want: (level: number, number: number) => void,
    private readonly mostBytes = MOST_BYTES,
  ) {}

  get top(): number {
    return this.layout.levels.length - 1;
  }

  add(number: number, tile: Tile): void {
    const key = `${tile.level}/${number}`;
    if (this.tiles.has(key)) return;
    this.tiles.set(key, tile);
    this.held += tile.bytes;
    for (const [old, { level, bytes }] of this.tiles) {
      if (this.held <= this.mostBytes) break;
      // The coarsest level gives the scale and stands in for all others; the newest was asked for.
      if (level === this.top || old === key) continue;
      this.tiles.delete(old);
      this.held -= bytes;
    }
  }

  /** The tile that all others can be told from roughly; null until it is here. */
  coarsest(): Tile | null {
    return this.tiles.get(`${this.top}/0`) ?? null;
  }

  extent(dimension: number): [number, number] | null {
    const tile = this.coarsest();
    return tile ? tile.between(dimension, 0, tile.times.length) : null;
  }

  /** The tile of samples that holds t, asked for when it is not here. */
  exactTile(t: Ns): Tile | null {
    const number = this.tileAt(0, t);
    return number < 0 ? null : this.tile(0, number);
  }

  exactTileOf(number: number): Tile | null {
    return this.tiles.get(`0/${number}`) ?? null;
  }

  wantExact(number: number): void {
    if (!this.tiles.has(`0/${number}`)) this.want(0, number);
  }

  valueAt(dimension: number, t: Ns): number {
    return this.exactTile(t)?.latest(dimension, t) ?? Number.NaN;
  }

  /** The greatest magnitude within `aroundNs` of t; NaN where there is none, or not yet. */
  peakAt(dimension: number, t: Ns, aroundNs: Ns): number {
    // A few milliseconds of sound a row: while it plays, seconds pass between one tile and the next.
    const level = Math.min(PEAK_LEVEL, this.top);
    const tile = this.tile(level, Math.max(0, this.tileAt(level, t)));
    if (!tile) return Number.NaN;
    const from = tile.indexAt(t - aroundNs);
    const [low, high] = tile.between(dimension, from, tile.indexAt(t + aroundNs));
    return low <= high ? Math.max(-low, high) : Number.NaN;
  }

  /** What draws [fromNs, toNs] on `width` pixels, in the order of time. */
  pieces(fromNs: Ns, toNs: Ns, width: number): Piece[] {
    const level = this.levelFor(fromNs, toNs, width);
    const { starts_ns: starts } = this.layout.levels[level]!;
    const first = Math.max(0, this.tileAt(level, fromNs));
    const last = Math.max(first, this.tileAt(level, toNs));
    const found: Piece[] = [];
    for (let number = first; number <= last; number += 1) {
      const start = number === first ? fromNs : starts[number]!;
      const end = number === last ? toNs : starts[number + 1]!;
      const tile = this.tile(level, number);
      const other = tile ? null : this.standIn(level, start);
      if (tile) found.push({ tile, fromNs: start, toNs: end });
      else if (other) found.push({ tile: other, fromNs: start, toNs: end, standIn: true });
    }
    // Neighbours, so that panning finds them here.
    for (const number of [first - 1, last + 1]) {
      if (number >= 0 && number < starts.length) this.tile(level, number);
    }
    return found;
  }

  private levelFor(fromNs: Ns, toNs: Ns, width: number): number {
    const { levels, tile_rows } = this.layout;
    const level = levels.findIndex(({ starts_ns: starts }) => {
      const first = starts[0] ?? 0;
      // The last tile counts as a full one; what matters is the order of magnitude.
      const spread = (starts.at(-1) ?? 0) - first;
      if (starts.length === 1) return true;
      const rows = ((toNs - fromNs) / spread) * (starts.length - 1) * tile_rows;
      return rows <= width * ROWS_A_PIXEL * 2;
    });
    return level < 0 ? this.top : level;
  }

  private standIn(level: number, t: Ns): Tile | null {
    for (let coarser = level + 1; coarser <= this.top; coarser += 1) {
      const tile = this.tiles.get(`${coarser}/${Math.max(0, this.tileAt(coarser, t))}`);
      if (tile) return tile;
    }
    return null;
  }

  /** The tile that holds t; -1 before the first one. */
  private tileAt(level: number, t: Ns): number {
    const { starts_ns: starts } = this.layout.levels[level]!;
    let low = 0;
    let high = starts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (starts[middle]! <= t) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  private tile(level: number, number: number): Tile | null {
    const key = `${level}/${number}`;
    const tile = this.tiles.get(key);
    if (!tile) {
      this.want(level, number);
      return null;
    }
    this.tiles.delete(key);
    this.tiles.set(key, tile);
    return tile;
  }
}
