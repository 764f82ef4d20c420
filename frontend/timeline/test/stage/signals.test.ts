import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Extents } from "../../src/stage/extent";
import { oneTile, SignalSource, Tile } from "../../src/stage/signals";

/** One series a dimension at level 0, least and then greatest ones above. */
function encode(
  times: readonly number[],
  series: readonly (readonly number[])[],
  level = 0,
): ArrayBuffer {
  const buffer = new ArrayBuffer(20 + times.length * 8 + series.flat().length * 4);
  const view = new DataView(buffer);
  [..."TLSG"].forEach((c, i) => {
    view.setUint8(i, c.charCodeAt(0));
  });
  [2, level, times.length, series.length / (level === 0 ? 1 : 2)].forEach((n, i) => {
    view.setUint32(4 + i * 4, n, true);
  });
  times.forEach((t, i) => {
    view.setBigInt64(20 + i * 8, BigInt(t), true);
  });
  series.flat().forEach((value, i) => {
    view.setFloat32(20 + times.length * 8 + i * 4, value, true);
  });
  return buffer;
}

describe("a tile", () => {
  test("is read dimension by dimension, missing values kept missing", () => {
    const tile = Tile.parse(
      encode(
        [0, 20, 40],
        [
          [1, 2, 3],
          [4, Number.NaN, 6],
        ],
      ),
    );
    expect(Array.from(tile.times)).toEqual([0, 20, 40]);
    expect(Array.from(tile.lows[1]!)).toEqual([4, Number.NaN, 6]);
    expect(tile.highs).toEqual(tile.lows);
  });

  test("of a level above has least and greatest values", () => {
    const tile = Tile.parse(
      encode(
        [0, 80],
        [
          [1, 2],
          [5, 7],
        ],
        1,
      ),
    );
    expect(tile.between(0, 0, 2)).toEqual([1, 7]);
    expect(tile.between(0, 1, 2)).toEqual([2, 7]);
  });

  test.each([
    ["something else", new ArrayBuffer(40), /no signal samples/],
    ["a file cut short", encode([0, 20], [[1, 2]]).slice(0, 30), /30 bytes, 44 announced/],
    ["nothing", new ArrayBuffer(0), /no signal samples/],
  ])("%s is refused", (_, bytes, why) => {
    expect(() => Tile.parse(bytes)).toThrow(why);
  });
});

/** A ramp of `rows` samples 10 ns apart in tiles of 64 rows, levels of 8; all of it fetchable. */
function ramp(rows: number, mostBytes?: number) {
  const tileRows = 64;
  const values = Array.from({ length: rows }, (_, i) => i);
  const levels: number[][] = [values];
  while (levels.at(-1)!.length > tileRows) {
    const below = levels.at(-1)!;
    levels.push(below.filter((_, i) => i % 8 === 0));
  }
  const step = (level: number) => 8 ** level;
  const tile = (level: number, number: number) => {
    const firsts = levels[level]!.slice(number * tileRows, (number + 1) * tileRows);
    const lasts = firsts.map((first) => Math.min(rows - 1, first + step(level) - 1));
    const times = firsts.map((first) => first * 10);
    return Tile.parse(encode(times, level === 0 ? [firsts] : [firsts, lasts], level));
  };
  const layout = {
    dimensions: 1,
    tile_rows: tileRows,
    levels: levels.map((level) => ({
      rows: level.length,
      starts_ns: level.filter((_, i) => i % tileRows === 0).map((first) => first * 10),
    })),
  };
  const wanted: string[] = [];
  const want = (level: number, number: number) => wanted.push(`${level}/${number}`);
  const source = new SignalSource(layout, want, mostBytes);
  return { source, tile, wanted, durationNs: rows * 10 };
}

describe("a long signal", () => {
  test("asks for what a view needs and shows a coarser level meanwhile", () => {
    const { source, tile, wanted } = ramp(10_000);
    source.add(0, tile(source.top, 0));
    const pieces = source.pieces(20_000, 21_000, 100);
    expect(pieces.map((piece) => piece.tile.level)).toEqual([source.top, source.top]);
    expect(wanted).toContain("0/31");
    expect(wanted).toContain("0/32");
    for (const number of [31, 32]) source.add(number, tile(0, number));
    const sharp = source.pieces(20_000, 21_000, 100);
    expect(sharp.map((piece) => piece.tile.level)).toEqual([0, 0]);
    expect(sharp.map(({ fromNs, toNs }) => [fromNs, toNs])).toEqual([
      [20_000, 20_480],
      [20_480, 21_000],
    ]);
  });

  test("draws the whole recording from few rows", () => {
    const { source, tile, durationNs } = ramp(50_000);
    source.add(0, tile(source.top, 0));
    const pieces = source.pieces(0, durationNs, 100);
    const rows = pieces.reduce((sum, piece) => sum + piece.tile.times.length, 0);
    expect(rows).toBeLessThanOrEqual(400);
    expect(source.extent(0)).toEqual([0, 49_999]);
  });

  test("gives the exact value at a time, and none before its tile is here", () => {
    const { source, tile, wanted } = ramp(10_000);
    source.add(0, tile(source.top, 0));
    expect(source.valueAt(0, 20_005)).toBeNaN();
    expect(wanted.at(-1)).toBe("0/31");
    source.add(31, tile(0, 31));
    expect(source.valueAt(0, 20_005)).toBe(2000);
    expect(source.valueAt(0, 20_010)).toBe(2001);
    expect(source.valueAt(0, -1)).toBeNaN();
  });

  test("gives the greatest magnitude around a time from a level of few tiles", () => {
    const { source, tile, wanted } = ramp(10_000);
    expect(source.top).toBe(3);
    source.add(0, tile(source.top, 0));
    expect(source.peakAt(0, 20_000, 1_000)).toBeNaN();
    expect(wanted).toEqual(["2/0"]);
    source.add(0, tile(2, 0));
    // Rows of 64 samples: the last one that begins before 21,000 ends with sample 2111.
    expect(source.peakAt(0, 20_000, 1_000)).toBe(2111);
    expect(source.peakAt(0, -9_000, 1_000)).toBeNaN();
    const falling = new SignalSource(oneTile(2, 1, 4096), () => {});
    falling.add(0, Tile.parse(encode([0, 10], [[-7, 3]])));
    expect(falling.peakAt(0, 5, 10)).toBe(7);
  });

  test("covers every view without a gap", () => {
    const { source, tile, durationNs } = ramp(9000);
    for (let level = 0; level <= source.top; level += 1) {
      const { starts_ns: starts } = source.layout.levels[level]!;
      starts.forEach((_, number) => {
        source.add(number, tile(level, number));
      });
    }
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: durationNs - 2 }),
        fc.integer({ min: 1, max: durationNs }),
        fc.integer({ min: 50, max: 2000 }),
        (fromNs, span, width) => {
          const toNs = Math.min(durationNs, fromNs + span);
          const pieces = source.pieces(fromNs, toNs, width);
          expect(pieces[0]!.fromNs).toBe(fromNs);
          expect(pieces.at(-1)!.toNs).toBe(toNs);
          pieces.slice(1).forEach((piece, i) => {
            expect(piece.fromNs).toBe(pieces[i]!.toNs);
          });
        },
      ),
    );
  });

  test("keeps a bounded amount, and its coarsest level always", () => {
    const { source, tile, wanted } = ramp(10_000, 4000);
    source.add(0, tile(source.top, 0));
    for (let number = 0; number < 20; number += 1) source.add(number, tile(0, number));
    expect(source.extent(0)).toEqual([0, 9999]);
    expect(source.valueAt(0, 19 * 640)).toBe(19 * 64);
    expect(source.valueAt(0, 0)).toBeNaN();
    expect(wanted).toEqual(["0/0"]);
  });

  test("of one tile has that tile for every view", () => {
    const source = new SignalSource(oneTile(3, 1, 4096), () => {});
    source.add(0, Tile.parse(encode([5, 20, 40], [[1, 2, 3]])));
    expect(source.pieces(10, 30, 800)).toHaveLength(1);
    expect([-1, 5, 19, 20, 99].map((t) => source.valueAt(0, t))).toEqual([Number.NaN, 1, 1, 2, 3]);
  });
});

test("extents agree with a plain search", () => {
  const value = fc.oneof(
    { weight: 9, arbitrary: fc.float({ noNaN: true }) },
    fc.constant(Number.NaN),
  );
  fc.assert(
    fc.property(fc.array(value, { maxLength: 300 }), fc.nat(320), fc.nat(320), (values, a, b) => {
      const series = Float32Array.from(values);
      const [from, to] = [Math.min(a, b), Math.max(a, b)];
      const plain = Array.from(series.slice(from, to)).filter((each) => !Number.isNaN(each));
      const expected = [Math.min(...plain), Math.max(...plain)];
      const found = new Extents(series).between(from, to);
      expect(found.map((each) => each + 0)).toEqual(expected.map((each) => each + 0));
    }),
  );
});
