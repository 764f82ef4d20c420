import type { DepthInfo, DepthRange } from "./depthcolour";
import { FrameError } from "./errors";

/** The frame index as served: rows in decode order, `order` in presentation order. */
export interface FrameIndexJson {
  readonly schema_version: number;
  readonly stream_id: string;
  readonly camera: string;
  readonly sha256: string;
  readonly codec: string;
  readonly description: string | null;
  readonly width: number;
  readonly height: number;
  readonly rotation: 0 | 90 | 180 | 270;
  readonly time_base: readonly [number, number];
  readonly offset_ns: number;
  /** Of a camera whose clock drifts: every frame's time on the episode clock, as corrected. */
  readonly times_ns?: readonly number[];
  readonly off: readonly number[];
  readonly size: readonly number[];
  readonly pts: readonly number[];
  readonly key: readonly number[];
  readonly order: readonly number[];
  readonly frames: number;
  /** Of a depth camera: its near and far value in its own units, as soon as they are known. */
  readonly depth_range?: DepthRange | null;
  /** Of a depth camera: metres a unit, where the recording says. */
  readonly depth_unit_m?: number | null;
  readonly url: string;
}

/** What decoding needs to know of each row; typed arrays, so that it goes to a worker cheaply. */
export interface RowTable {
  /** Byte offset and size in the file, by row. */
  readonly off: Float64Array;
  readonly size: Uint32Array;
  /** The first row that has to be decoded to see a row: its key frame, in the order of decoding. */
  readonly startRow: Int32Array;
  readonly key: Uint8Array;
  /** Rank of the row by presentation among ALL rows, hidden ones included: unique, ascending in time. */
  readonly rank: Int32Array;
  readonly rowOfRank: Int32Array;
  /** Presentation position of a row, -1 for a row that is decoded and never shown. */
  readonly positionOfRow: Int32Array;
  readonly order: Int32Array;
  /** The most rows that come before a row in the file and after it on the screen: 0 without B-frames. */
  readonly reorder: number;
}

const SCHEMA_VERSION = 1;
const NS = 1_000_000_000n;

/**
 * times_ns[i] = offset_ns + round_half_up((pts[i] - pts[0]) * num * 1e9 / den), exact.
 *
 * `pts` in presentation order, in units of num/den seconds; the result is in ns on the episode clock.
 */
export function exactTimesNs(
  pts: readonly number[],
  timeBase: readonly [number, number],
  offsetNs: number,
): Float64Array {
  const times = new Float64Array(pts.length);
  const [num, den] = [BigInt(timeBase[0]), BigInt(timeBase[1])];
  const first = BigInt(pts[0] ?? 0);
  const offset = BigInt(offsetNs);
  for (let i = 0; i < pts.length; i += 1) {
    const twice = (BigInt(pts[i]!) - first) * num * NS * 2n + den;
    times[i] = Number(offset + twice / (2n * den));
  }
  return times;
}

/** The largest i with times[i] <= t, kept within [0, n - 1]: the frame on the screen at t. */
export function positionAt(timesNs: Float64Array, tNs: number): number {
  let low = 0;
  let high = timesNs.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (timesNs[middle]! <= tNs) low = middle;
    else high = middle - 1;
  }
  return Math.max(0, low);
}

function refuse(camera: string, what: string): never {
  throw new FrameError("index", `The frame index of camera ${camera} is broken: ${what}.`);
}

function check(json: FrameIndexJson): void {
  const camera = String(json.camera);
  if (json.schema_version !== SCHEMA_VERSION) refuse(camera, `version ${json.schema_version}`);
  const rows = json.off.length;
  for (const name of ["size", "pts", "key"] as const) {
    if (json[name].length !== rows) refuse(camera, `${json[name].length} of ${rows} in ${name}`);
  }
  if (json.frames < 1 || json.order.length !== json.frames)
    refuse(camera, "frames and order differ");
  if (json.key[0] !== 1) refuse(camera, "the first row is no key frame");
  const [num, den] = json.time_base;
  if (!(num > 0 && den > 0)) refuse(camera, `time base ${num}/${den}`);
  if (json.off.concat(json.size, json.pts).some((n) => !Number.isSafeInteger(n))) {
    refuse(camera, "a number that is no safe integer");
  }
}

function startRows(json: FrameIndexJson): Int32Array {
  const starts = new Int32Array(json.off.length);
  const keys: number[] = [];
  for (let row = 0; row < starts.length; row += 1) {
    if (json.key[row] === 1) keys.push(row);
    // A picture shown before its key frame (open GOP) needs the group before as well.
    let nearest = keys.length - 1;
    while (nearest > 0 && json.pts[keys[nearest]!]! > json.pts[row]!) nearest -= 1;
    starts[row] = keys[nearest]!;
  }
  return starts;
}

function reorderDepth(rank: Int32Array): number {
  let depth = 0;
  let highest = -1;
  for (let row = 0; row < rank.length; row += 1) {
    if (rank[row]! > highest) {
      highest = rank[row]!;
      continue;
    }
    let later = 0;
    for (let i = row - 1; i >= 0 && i > row - 64; i -= 1) if (rank[i]! > rank[row]!) later += 1;
    depth = Math.max(depth, later);
  }
  return depth;
}

function rowTable(json: FrameIndexJson): RowTable {
  const rows = json.off.length;
  const rowOfRank = Int32Array.from({ length: rows }, (_, row) => row);
  rowOfRank.sort((a, b) => json.pts[a]! - json.pts[b]! || a - b);
  const rank = new Int32Array(rows);
  rowOfRank.forEach((row, i) => {
    rank[row] = i;
  });
  const positionOfRow = new Int32Array(rows).fill(-1);
  json.order.forEach((row, position) => {
    if (!(row >= 0 && row < rows)) refuse(json.camera, `row ${row} of ${rows} in order`);
    if (positionOfRow[row] !== -1) refuse(json.camera, `row ${row} twice in order`);
    positionOfRow[row] = position;
  });
  return {
    off: Float64Array.from(json.off),
    size: Uint32Array.from(json.size),
    startRow: startRows(json),
    key: Uint8Array.from(json.key),
    rank,
    rowOfRank,
    positionOfRow,
    order: Int32Array.from(json.order),
    reorder: reorderDepth(rank),
  };
}

/** The byte index of one camera in one episode. Immutable. */
export class FrameIndex {
  private constructor(
    readonly streamId: string,
    readonly camera: string,
    readonly codec: string,
    readonly description: Uint8Array | null,
    readonly width: number,
    readonly height: number,
    readonly rotation: 0 | 90 | 180 | 270,
    /** Null for a camera in colour. */
    readonly depth: DepthInfo | null,
    readonly url: string,
    readonly timesNs: Float64Array,
    readonly table: RowTable,
  ) {}

  /** @throws FrameError of kind "index" when the JSON contradicts itself. */
  static parse(json: FrameIndexJson): FrameIndex {
    check(json);
    const table = rowTable(json);
    const pts = json.order.map((row) => json.pts[row]!);
    const timesNs = json.times_ns
      ? Float64Array.from(json.times_ns)
      : exactTimesNs(pts, json.time_base, json.offset_ns);
    if (timesNs.length !== pts.length) {
      refuse(json.camera, `it has ${timesNs.length} times for ${pts.length} frames`);
    }
    for (let i = 1; i < timesNs.length; i += 1) {
      if (timesNs[i]! < timesNs[i - 1]!) refuse(json.camera, `frame ${i} is before frame ${i - 1}`);
    }
    const description = json.description ? decodeBase64(json.description) : null;
    return new FrameIndex(
      json.stream_id,
      json.camera,
      json.codec,
      description,
      json.width,
      json.height,
      json.rotation,
      depthOf(json),
      json.url,
      timesNs,
      table,
    );
  }

  get frames(): number {
    return this.timesNs.length;
  }

  positionAt(tNs: number): number {
    return positionAt(this.timesNs, tNs);
  }
}

function depthOf({ depth_range, depth_unit_m }: FrameIndexJson): DepthInfo | null {
  if (depth_range === undefined && depth_unit_m === undefined) return null;
  return { range: depth_range ?? null, unitM: depth_unit_m ?? null };
}

function decodeBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
}
