import { describe, expect, it } from "vitest";
import { type ByteRange, EncodedRows, firstFetchEnd, planRanges } from "../../src/decode/blocks";
import { index } from "./fixtures";

const { table } = index(100, 10);
const none = () => false;

function bytes({ start, end }: ByteRange): Uint8Array {
  return Uint8Array.from({ length: end - start }, (_, i) => (start + i) % 251);
}

describe("planRanges", () => {
  it("asks for contiguous rows at once, around those that are held", () => {
    const plan = planRanges(table, 0, 10, (row) => row === 4);
    expect(plan).toEqual([
      { from: 0, to: 4, start: 0, end: 40 },
      { from: 5, to: 10, start: 50, end: 100 },
    ]);
  });

  it("asks twice over a wide gap in the file, and once over a narrow one", () => {
    const off = Float64Array.from(table.off, (at, row) => (row < 5 ? at : at + 1_000_000));
    expect(planRanges({ ...table, off }, 0, 10, none)).toHaveLength(2);
    const near = Float64Array.from(table.off, (at, row) => (row < 5 ? at : at + 100));
    expect(planRanges({ ...table, off: near }, 0, 10, none)).toHaveLength(1);
  });
});

describe("firstFetchEnd", () => {
  it("takes six rows while they are small", () => {
    expect(firstFetchEnd(table, 0, 1)).toBe(6);
    expect(firstFetchEnd(table, 0, 9)).toBe(9);
    expect(firstFetchEnd(table, 98, 99)).toBe(100);
    const size = new Uint32Array(100).fill(100_000);
    expect(firstFetchEnd({ ...table, size }, 0, 1)).toBe(2);
  });
});

describe("EncodedRows", () => {
  it("gives each row its own bytes and fetches nothing twice", async () => {
    const asked: ByteRange[] = [];
    const rows = new EncodedRows(table, async (range) => {
      asked.push(range);
      return bytes(range);
    });
    await Promise.all([rows.need(10, 13), rows.need(10, 12), rows.need(14, 15)]);
    expect(asked).toHaveLength(2);
    expect([...rows.chunk(12)!]).toEqual([...bytes({ from: 0, to: 0, start: 120, end: 130 })]);
    expect(rows.chunk(40)).toBeNull();
    expect(rows.bytesFetched).toBe(asked.reduce((n, r) => n + r.end - r.start, 0));
  });

  it("lets the least recently used segments go first", async () => {
    const rows = new EncodedRows(table, async (range) => bytes(range), 150);
    await rows.need(0, 6);
    await rows.need(10, 16);
    rows.chunk(0);
    await rows.need(20, 26);
    expect([rows.has(0, 6), rows.has(10, 16), rows.has(20, 26)]).toEqual([true, false, true]);
  });

  it("asks again for what an aborted prefetch did not bring", async () => {
    const rows = new EncodedRows(table, (range, priority, signal) => {
      if (priority === "high") return Promise.resolve(bytes(range));
      return new Promise((_, reject) =>
        signal.addEventListener("abort", () => reject(signal.reason)),
      );
    });
    const background = rows.prefetch(0, 30).catch(() => "aborted");
    const needed = rows.need(3, 5);
    rows.abortPrefetchOutside(60, 90);
    await needed;
    expect(await background).toBe("aborted");
    expect(rows.has(3, 5)).toBe(true);
  });

  it("hands a failure to whoever needs the rows", async () => {
    const rows = new EncodedRows(table, async () => {
      throw new Error("no network");
    });
    await expect(rows.need(0, 3)).rejects.toThrow("no network");
  });
});
