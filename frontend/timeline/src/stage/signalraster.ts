import type { Ns } from "../model/time";
import type { Piece, Tile } from "./signals";

/*
 * Lines of samples as columns of pixels. A browser's own strokes take a second for an hour of sixty
 * lines; a column of a line is a run of pixels, whatever is behind it.
 */

/** What is drawn on: RGBA, as canvases have it. */
export interface Raster {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8ClampedArray;
}

/** Where the columns lie in time. */
export interface Columns {
  readonly fromNs: Ns;
  readonly nsPerColumn: Ns;
  readonly count: number;
}

/** From where to where a line reaches in each column; NaN where it is not. */
export interface Reach {
  readonly tops: Float32Array;
  readonly bottoms: Float32Array;
}

export function noReach(count: number): Reach {
  return {
    tops: new Float32Array(count).fill(Number.NaN),
    bottoms: new Float32Array(count).fill(Number.NaN),
  };
}

function widen({ tops, bottoms }: Reach, column: number, a: number, b: number): void {
  const [top, bottom] = a < b ? [a, b] : [b, a];
  // Comparisons with NaN are false: the first reach of a column is taken as it is.
  if (!(tops[column]! <= top)) tops[column] = top;
  if (!(bottoms[column]! >= bottom)) bottoms[column] = bottom;
}

/** A straight line from one sample to the next, in every column that it crosses. */
function segment(reach: Reach, x0: number, y0: number, x1: number, y1: number): void {
  const last = reach.tops.length - 1;
  const [first, end] = [Math.max(0, Math.floor(x0)), Math.min(last, Math.floor(x1))];
  const slope = x1 > x0 ? (y1 - y0) / (x1 - x0) : 0;
  for (let column = first; column <= end; column += 1) {
    const [from, to] = [Math.max(x0, column), Math.min(x1, column + 1)];
    widen(reach, column, y0 + (from - x0) * slope, x1 > x0 ? y0 + (to - x0) * slope : y1);
  }
}

/** Fewer samples than columns, or not many more: each is joined to the one before. */
function sparse(
  reach: Reach,
  { fromNs, nsPerColumn }: Columns,
  tile: Tile,
  dimension: number,
  [first, last]: readonly [number, number],
  yOf: (value: number) => number,
): void {
  const [lows, highs] = [tile.lows[dimension]!, tile.highs[dimension]!];
  let [x0, y0] = [Number.NaN, Number.NaN];
  for (let i = first; i < last; i += 1) {
    const x = (tile.times[i]! - fromNs) / nsPerColumn;
    const [low, high] = [yOf(lows[i]!), yOf(highs[i]!)];
    const y = (low + high) / 2;
    if (!Number.isNaN(y)) {
      if (!Number.isNaN(y0)) segment(reach, x0, y0, x, y);
      const column = Math.floor(x);
      if (column >= 0 && column < reach.tops.length) widen(reach, column, low, high);
    }
    [x0, y0] = [x, y];
  }
}

/** Many samples a column: from their least to their greatest, and on to the column before. */
function dense(
  reach: Reach,
  { fromNs, nsPerColumn }: Columns,
  tile: Tile,
  dimension: number,
  [from, to]: readonly [number, number],
  [left, right]: readonly [number, number],
  yOf: (value: number) => number,
): void {
  const { tops, bottoms } = reach;
  let begin = from;
  for (let column = left; column < right; column += 1) {
    const end = Math.min(to, tile.indexAt(fromNs + (column + 1) * nsPerColumn));
    const [low, high] = tile.between(dimension, begin, Math.max(end, begin + 1));
    begin = end;
    if (!(low <= high)) continue;
    const [a, b] = [yOf(high), yOf(low)];
    let [top, bottom] = a < b ? [a, b] : [b, a];
    if (column > 0 && bottoms[column - 1]! < top) top = bottoms[column - 1]!;
    if (column > 0 && tops[column - 1]! > bottom) bottom = tops[column - 1]!;
    widen(reach, column, top, bottom);
  }
}

/** Where a line reaches in each column. */
export function lineReach(
  pieces: readonly Piece[],
  dimension: number,
  columns: Columns,
  yOf: (value: number) => number,
): Reach {
  const reach = noReach(columns.count);
  pieces.forEach(({ tile, fromNs, toNs }, place) => {
    // The line comes in from the sample before and leaves to the one after.
    const first = Math.max(0, tile.indexAt(fromNs) - 1);
    const more = place === pieces.length - 1 ? 1 : 0;
    const last = Math.min(tile.times.length, tile.indexAt(toNs) + more);
    const at = (t: Ns) => (t - columns.fromNs) / columns.nsPerColumn;
    const left = Math.max(0, Math.floor(at(fromNs)));
    const right = Math.min(columns.count, Math.ceil(at(toNs)));
    if (last - first <= (right - left) * 2) {
      sparse(reach, columns, tile, dimension, [first, last], yOf);
    } else dense(reach, columns, tile, dimension, [first, last], [left, right], yOf);
  });
  return reach;
}

export interface Pen {
  readonly red: number;
  readonly green: number;
  readonly blue: number;
  /** 0 to 1. */
  readonly alpha: number;
  /** In rows. */
  readonly width: number;
  /** Columns drawn and left out in turn; 0 for a line without gaps. */
  readonly dash: number;
  /** The number of the first column, so that dashes stay where they are when the view moves. */
  readonly phase: number;
}

export function drawReach({ width, height, pixels }: Raster, reach: Reach, pen: Pen): void {
  const half = pen.width / 2;
  for (let x = 0; x < width; x += 1) {
    const top = reach.tops[x]!;
    if (Number.isNaN(top)) continue;
    if (pen.dash > 0 && Math.floor((x + pen.phase) / pen.dash) % 2 !== 0) continue;
    const from = top - half;
    const to = reach.bottoms[x]! + half;
    const end = Math.min(height, Math.ceil(to));
    for (let y = Math.max(0, Math.floor(from)); y < end; y += 1) {
      const covered = Math.min(y + 1, to) - Math.max(y, from);
      if (covered > 0) blend(pixels, (y * width + x) * 4, pen, covered * pen.alpha);
    }
  }
}

function blend(pixels: Uint8ClampedArray, at: number, pen: Pen, alpha: number): void {
  const below = (pixels[at + 3]! / 255) * (1 - alpha);
  const whole = alpha + below;
  const share = alpha / whole;
  pixels[at] = pixels[at]! + (pen.red - pixels[at]!) * share;
  pixels[at + 1] = pixels[at + 1]! + (pen.green - pixels[at + 1]!) * share;
  pixels[at + 2] = pixels[at + 2]! + (pen.blue - pixels[at + 2]!) * share;
  pixels[at + 3] = whole * 255;
}

/** "#56b4e9" as its three parts. */
export function partsOf(colour: string): readonly [number, number, number] {
  const number = Number.parseInt(colour.slice(1), 16);
  return [number >> 16, (number >> 8) & 255, number & 255];
}
