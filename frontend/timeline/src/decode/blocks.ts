import type { RowTable } from "./index";

/** Rows fetched together once an episode is open: 1 s at 30 fps. */
export const BLOCK_ROWS = 30;
/** Rows fetched with the first picture of a place nothing is known of yet. */
export const FIRST_ROWS = 6;
/** The first fetch is lengthened to FIRST_ROWS only while that costs less than this. */
const FIRST_BYTES = 128 * 1024;
/** Rows that lie further apart than this in the file are fetched by two requests. */
const GAP_BYTES = 64 * 1024;

/** Bytes [start, end) that hold the rows [from, to). */
export interface ByteRange {
  readonly from: number;
  readonly to: number;
  readonly start: number;
  readonly end: number;
}

/** The requests for the rows [from, to) that are not held: contiguous rows, one request. */
export function planRanges(
  table: RowTable,
  from: number,
  to: number,
  held: (row: number) => boolean,
): ByteRange[] {
  const ranges: ByteRange[] = [];
  let open: { from: number; to: number; start: number; end: number } | null = null;
  for (let row = from; row < to; row += 1) {
    if (held(row)) {
      open = null;
      continue;
    }
    const start = table.off[row]!;
    const end = start + table.size[row]!;
    if (open && start >= open.end && start - open.end <= GAP_BYTES) {
      open.to = row + 1;
      open.end = end;
    } else {
      open = { from: row, to: row + 1, start, end };
      ranges.push(open);
    }
  }
  return ranges;
}

/** Where the first fetch for the rows [from, to) ends: at least FIRST_ROWS rows if they are small. */
export function firstFetchEnd(table: RowTable, from: number, to: number): number {
  let end = to;
  let extra = 0;
  while (end < from + FIRST_ROWS && end < table.size.length) {
    extra += table.size[end]!;
    if (extra > FIRST_BYTES) break;
    end += 1;
  }
  return end;
}

export type FetchBytes = (
  range: ByteRange,
  priority: "high" | "low",
  signal: AbortSignal,
) => Promise<Uint8Array>;

interface Segment {
  readonly range: ByteRange;
  readonly bytes: Uint8Array;
}

interface Flight {
  readonly range: ByteRange;
  readonly done: Promise<void>;
  readonly controller: AbortController;
  readonly low: boolean;
}

/** The encoded rows of one camera: fetched in blocks, kept up to a limit, least recently used out first. */
export class EncodedRows {
  bytesFetched = 0;
  requests = 0;
  private readonly segmentOfRow: (Segment | undefined)[];
  /** In order of use, oldest first. */
  private readonly segments = new Set<Segment>();
  private readonly flights = new Set<Flight>();
  private held = 0;
  private readonly wholeBytes: number;

  constructor(
    private readonly table: RowTable,
    private readonly fetchBytes: FetchBytes,
    private readonly limitBytes = 64 * 1024 * 1024,
  ) {
    this.segmentOfRow = new Array(table.size.length);
    this.wholeBytes = table.size.reduce((sum, size) => sum + size, 0);
  }

  /** Something is missing of rows that would fit all together. */
  get mayBeWhole(): boolean {
    return this.wholeBytes <= this.limitBytes / 2 && this.held < this.wholeBytes;
  }

  has(from: number, to: number): boolean {
    for (let row = from; row < to; row += 1) if (!this.segmentOfRow[row]) return false;
    return true;
  }

  /** A row's bytes, a view that stays valid after eviction; null when they are not held. */
  chunk(row: number): Uint8Array | null {
    const segment = this.segmentOfRow[row];
    if (!segment) return null;
    this.segments.delete(segment);
    this.segments.add(segment);
    const start = this.table.off[row]! - segment.range.start;
    return segment.bytes.subarray(start, start + this.table.size[row]!);
  }

  /** Resolves when the rows [from, to) are held. Joins requests already under way. @throws FrameError */
  async need(from: number, to: number): Promise<void> {
    while (!this.has(from, to)) {
      const end = firstFetchEnd(this.table, from, to);
      const flying = [...this.flights].filter((f) => f.range.from < to && f.range.to > from);
      const ranges = planRanges(this.table, from, end, (row) => this.heldOrFlying(row));
      const started = ranges.map((range) => this.fetch(range, false).done);
      // A joined prefetch may be aborted by a jump elsewhere: then the loop asks again.
      const joined = flying.map((f) => (f.low ? f.done.catch(() => {}) : f.done));
      await Promise.all([...started, ...joined]);
    }
  }

  /** Fetch the missing rows of [from, to) in the background; false when there is nothing to fetch. */
  async prefetch(from: number, to: number): Promise<boolean> {
    const last = Math.min(to, this.table.size.length);
    const ranges = planRanges(this.table, Math.max(0, from), last, (r) => this.heldOrFlying(r));
    for (const range of ranges) await this.fetch(range, true).done;
    return ranges.length > 0;
  }

  /** Stop background requests that do not touch the rows [from, to). */
  abortPrefetchOutside(from: number, to: number): void {
    for (const flight of this.flights) {
      const apart = flight.range.to <= from || flight.range.from >= to;
      if (flight.low && apart) flight.controller.abort();
    }
  }

  close(): void {
    for (const flight of this.flights) flight.controller.abort();
    this.segments.clear();
    this.segmentOfRow.fill(undefined);
    this.held = 0;
  }

  private heldOrFlying(row: number): boolean {
    if (this.segmentOfRow[row]) return true;
    for (const { range } of this.flights) if (row >= range.from && row < range.to) return true;
    return false;
  }

  private fetch(range: ByteRange, low: boolean): Flight {
    const controller = new AbortController();
    const run = async () => {
      try {
        controller.signal.throwIfAborted();
        const priority = low ? "low" : "high";
        const bytes = await this.fetchBytes(range, priority, controller.signal);
        if (!controller.signal.aborted) this.keep({ range, bytes });
      } finally {
        this.flights.delete(flight);
      }
    };
    this.requests += 1;
    const flight: Flight = { range, low, controller, done: Promise.resolve().then(run) };
    this.flights.add(flight);
    return flight;
  }

  private keep(segment: Segment): void {
    this.bytesFetched += segment.bytes.byteLength;
    this.held += segment.bytes.byteLength;
    this.segments.add(segment);
    for (let row = segment.range.from; row < segment.range.to; row += 1) {
      this.segmentOfRow[row] = segment;
    }
    for (const oldest of this.segments) {
      if (this.held <= this.limitBytes || oldest === segment) break;
      this.drop(oldest);
    }
  }

  private drop(segment: Segment): void {
    this.segments.delete(segment);
    this.held -= segment.bytes.byteLength;
    for (let row = segment.range.from; row < segment.range.to; row += 1) {
      if (this.segmentOfRow[row] === segment) this.segmentOfRow[row] = undefined;
    }
  }
}
