import { describe, expect, test } from "vitest";
import { drawReach, lineReach, noReach, partsOf, type Raster } from "../../src/stage/signalraster";
import { Tile } from "../../src/stage/signals";

const MS = 1_000_000;

function tileOf(values: number[], stepMs: number): Tile {
  const times = Float64Array.from(values, (_, i) => i * stepMs * MS);
  const series = [Float32Array.from(values)];
  return new Tile(0, times, series, series);
}
const columns = (count: number, ms: number) => ({
  fromNs: 0,
  nsPerColumn: (ms * MS) / count,
  count,
});
const reachOf = (tile: Tile, count: number, ms: number) =>
  lineReach([{ tile, fromNs: 0, toNs: ms * MS }], 0, columns(count, ms), (value) => value);

describe("where a line reaches", () => {
  test("between two samples, in every column on the way", () => {
    const { tops, bottoms } = reachOf(tileOf([0, 10], 100), 10, 100);
    expect([...tops]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect([...bottoms]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  test("of many samples a column, from the least to the greatest, without a gap", () => {
    const values = Array.from({ length: 1_000 }, (_, i) => (i === 505 ? 40 : i < 300 ? 0 : 5));
    const { tops, bottoms } = reachOf(tileOf(values, 1), 10, 1_000);
    expect([tops[5], bottoms[5]]).toEqual([5, 40]);
    expect([tops[3], bottoms[3]]).toEqual([0, 5]);
    for (let x = 1; x < 10; x += 1) {
      expect(bottoms[x]! >= tops[x - 1]! && tops[x]! <= bottoms[x - 1]!).toBe(true);
    }
  });

  test("is nowhere where values are missing or there are none", () => {
    const { tops } = reachOf(tileOf([1, Number.NaN, Number.NaN, 1, 1], 100), 5, 500);
    expect(Number.isNaN(tops[1]!)).toBe(true);
    expect(tops[3]).toBe(1);
    expect(reachOf(tileOf([], 1), 3, 100).tops.every(Number.isNaN)).toBe(true);
  });
});

describe("columns of pixels", () => {
  const blank = (width: number, height: number): Raster => ({
    width,
    height,
    pixels: new Uint8ClampedArray(width * height * 4),
  });
  const pen = { red: 200, green: 100, blue: 0, alpha: 1, width: 2, dash: 0, phase: 0 };
  const alphaAt = ({ pixels, width }: Raster, x: number, y: number) =>
    pixels[(y * width + x) * 4 + 3];

  test("cover what the line covers, in part where it ends within a pixel", () => {
    const raster = blank(1, 6);
    const reach = noReach(1);
    reach.tops[0] = 2.5;
    reach.bottoms[0] = 3;
    drawReach(raster, reach, pen);
    expect([0, 1, 2, 3, 4].map((y) => alphaAt(raster, 0, y))).toEqual([0, 128, 255, 255, 0]);
    expect([...raster.pixels.slice(8, 11)]).toEqual([200, 100, 0]);
  });

  test("never leave the picture, and dashes go by the episode, not by the picture", () => {
    const line = noReach(8);
    line.tops.fill(-5);
    line.bottoms.fill(50);
    const drawn = (phase: number) => {
      const raster = blank(8, 3);
      drawReach(raster, line, { ...pen, dash: 2, phase });
      return Array.from({ length: 8 }, (_, x) => (alphaAt(raster, x, 1) ? 1 : 0)).join("");
    };
    expect(drawn(0)).toBe("11001100");
    expect(drawn(2)).toBe("00110011");
  });
});

test("colours are read as canvases write them", () => {
  expect(partsOf("#56b4e9")).toEqual([0x56, 0xb4, 0xe9]);
});
