import { BLOCK_ROWS } from "./blocks";
import type { RowTable } from "./index";
import type { RingWindow } from "./protocol";

/** Positions [first, last] to be decoded in one run. */
export interface Job {
  readonly kind: "seek" | "strip" | "fill" | "settle";
  readonly first: number;
  readonly last: number;
}

/** Forward runs are cut here, so that a seek never waits behind more than these. */
const RUN = 8;

/** The run of wanted positions that begins at the lowest one, at most RUN long. */
export function forwardRun(from: number, to: number, wanted: (p: number) => boolean): Job | null {
  let first = from;
  while (first <= to && !wanted(first)) first += 1;
  if (first > to) return null;
  let last = first;
  while (last < to && last - first < RUN - 1 && wanted(last + 1)) last += 1;
  return { kind: "fill", first, last };
}

/**
 * The run that ends at the highest wanted position and begins where its group of pictures does:
 * the group is decoded once for all of them.
 */
export function backwardRun(
  table: RowTable,
  from: number,
  to: number,
  wanted: (p: number) => boolean,
): Job | null {
  let last = to;
  while (last >= from && !wanted(last)) last -= 1;
  if (last < from) return null;
  const key = table.startRow[table.order[last]!]!;
  let first = last;
  while (first > from && wanted(first - 1) && table.order[first - 1]! >= key) first -= 1;
  return { kind: "fill", first, last };
}

/** What to decode next so that the window is full, in the direction of travel first. */
export function nextFill(
  table: RowTable,
  window: RingWindow,
  wanted: (p: number) => boolean,
): Job | null {
  const low = Math.max(0, window.centre - window.before);
  const high = Math.min(table.order.length - 1, window.centre + window.after);
  const ahead = () => forwardRun(window.centre, high, wanted);
  const behind = () => backwardRun(table, low, window.centre, wanted);
  if (window.rate > 0) return ahead();
  if (window.rate < 0) return behind();
  return ahead() ?? behind();
}

/** Rows to feed for a job: from where, to where, given the decoder may go on from its state. */
export interface RowRun {
  readonly start: number;
  readonly end: number;
}

/** The rows of a job, counted from the key frame its earliest row needs. */
export function rowsOf(table: RowTable, job: Job): RowRun & { readonly lowest: number } {
  let start = Number.POSITIVE_INFINITY;
  let lowest = Number.POSITIVE_INFINITY;
  let end = -1;
  for (let position = job.first; position <= job.last; position += 1) {
    const row = table.order[position]!;
    start = Math.min(start, table.startRow[row]!);
    lowest = Math.min(lowest, row);
    end = Math.max(end, row);
  }
  return { start, lowest, end };
}

/** Blocks to hold encoded around a row, most urgent first. */
export function blocksAround(row: number, rows: number, rate: number): number[] {
  const block = Math.floor(row / BLOCK_ROWS);
  const steps = rate < 0 ? [0, -1, -2, 1] : [0, 1, 2, -1];
  const last = Math.floor((rows - 1) / BLOCK_ROWS);
  return steps.map((step) => block + step).filter((b) => b >= 0 && b <= last);
}

/** All blocks, from that of a row outwards. */
export function blocksOutward(row: number, rows: number): number[] {
  const middle = Math.floor(row / BLOCK_ROWS);
  const blocks = Array.from({ length: Math.ceil(rows / BLOCK_ROWS) }, (_, block) => block);
  return blocks.sort((a, b) => Math.abs(a - middle) - Math.abs(b - middle));
}
