import { describe, expect, test } from "vitest";
import { VIRIDIS } from "../../src/decode/viridis";
import {
  heightOf,
  type SpectrogramLayout,
  SpectrogramSource,
  type Strip,
  ticksOf,
} from "../../src/stage/spectrogram";
import { colourSound } from "../../src/stage/spectrogramart";

const MS = 1_000_000;
const S = 1_000 * MS;

/** Ten minutes: 60,000 columns of 10 ms and two levels above them. */
const layout: SpectrogramLayout = {
  start_ns: -5 * MS,
  rate_hz: 16_000,
  least_hz: 50,
  least_db: -80,
  tile_columns: 1024,
  bands_hz: [100, 200, 400, 800, 1600, 3200, 6400],
  levels: [
    { columns: 60_000, column_ns: 10 * MS, first_tile: 0 },
    { columns: 7_500, column_ns: 80 * MS, first_tile: 59 },
    { columns: 938, column_ns: 640 * MS, first_tile: 67 },
  ],
};

function opened(mostTiles?: number) {
  const wanted: number[] = [];
  const source = new SpectrogramSource<string>(layout, (number) => wanted.push(number), mostTiles);
  return { source, wanted };
}

/** Each part as [picture, its first column, how many, where in the strip, over how many]. */
const partsOf = ({ parts }: Strip<string>) =>
  parts.map(({ picture, from, count, at, span }) => [picture, from, count, at, span]);

describe("which pictures draw a stretch", () => {
  test("the whole recording takes the coarsest level, one picture", () => {
    const { source, wanted } = opened();
    source.strip(0, 600 * S, 1_000);
    expect(wanted).toEqual([67]);
    source.add(67, "top");
    const strip = source.strip(0, 600 * S, 1_000);
    expect(strip).toMatchObject({ fromNs: -5 * MS, columnNs: 640 * MS, columns: 938 });
    expect(partsOf(strip)).toEqual([["top", 0, 938, 0, 938]]);
  });

  test("a few seconds take the finest level, and ask for what lies beside them", () => {
    const { source, wanted } = opened();
    source.strip(12 * S, 14 * S, 1_000);
    expect(wanted).toEqual([1, 0, 2]);
  });

  test("a column begins where the layout says, with one more on either side", () => {
    const { source } = opened();
    source.add(1, "second");
    const strip = source.strip(12 * S, 14 * S, 1_000);
    // 12 s lie in column 1200, which begins at 11.995 s.
    expect(strip.fromNs).toBe(11_985 * MS);
    expect(strip.columns).toBe(203);
    expect(partsOf(strip)).toEqual([["second", 1199 - 1024, 203, 0, 203]]);
  });

  test("over an edge between pictures, columns follow one another", () => {
    const { source } = opened();
    source.add(0, "first");
    source.add(1, "second");
    const strip = source.strip(10 * S, 10.5 * S, 1_000);
    expect(partsOf(strip)).toEqual([
      ["first", 999, 25, 0, 25],
      ["second", 0, 28, 25, 28],
    ]);
  });

  test("coarser columns stand in for those on their way", () => {
    const { source } = opened();
    source.add(67, "top");
    const { parts } = source.strip(12 * S, 14 * S, 1_000);
    expect(parts).toHaveLength(1);
    expect(parts[0]).toMatchObject({ picture: "top", at: 0, span: 203 });
    expect(parts[0]!.from).toBeCloseTo(1199 / 64);
    expect(parts[0]!.count).toBeCloseTo(203 / 64);
    source.add(59, "middle");
    expect(source.strip(12 * S, 14 * S, 1_000).parts[0]!.picture).toBe("middle");
  });

  test("before, after and without a recording there is nothing to draw, nor to ask for", () => {
    const { source, wanted } = opened();
    expect(source.strip(-9 * S, -2 * S, 1_000)).toMatchObject({ columns: 0, parts: [] });
    expect(source.strip(700 * S, 707 * S, 1_000)).toMatchObject({ columns: 0, parts: [] });
    expect(wanted).toEqual([]);
  });

  test("the pictures used last are kept, and the coarsest one", () => {
    const { source, wanted } = opened(3);
    for (const number of [67, 0, 1, 2]) source.add(number, `${number}`);
    source.strip(0, 600 * S, 1_000);
    source.strip(12 * S, 14 * S, 1_000);
    expect(wanted).toEqual([0]);
  });
});

describe("frequencies", () => {
  test("lie at their bands' middles", () => {
    expect(heightOf(layout, 800)).toBeCloseTo(3.5 / 7);
    expect(heightOf(layout, 1200)).toBeCloseTo(4 / 7);
    expect([heightOf(layout, 20), heightOf(layout, 20_000)]).toEqual([0, 1]);
  });

  test("are named as far as there is room, none outside the bands", () => {
    const near = ticksOf(layout, 140, 15).map(({ hz }) => hz);
    expect(near).toEqual([4000, 2000, 1000, 500, 250, 125]);
    expect(ticksOf(layout, 140, 35).map(({ hz }) => hz)).toEqual([2000, 500]);
  });
});

test("loud is bright, faint is dark, and where there are no samples nothing is drawn", () => {
  const greys = Array.from({ length: 256 }, (_, grey) => grey);
  const rgba = new Uint8ClampedArray(greys.flatMap((grey) => [grey, grey, grey, 255]));
  colourSound(rgba);
  expect(rgba[3]).toBe(0);
  expect([...rgba.slice(4, 8)]).toEqual([...VIRIDIS.slice(0, 3), 255]);
  expect([...rgba.slice(-4)]).toEqual([253, 231, 37, 255]);
  const bright = greys.slice(1).map((grey) => {
    const [red = 0, green = 0, blue = 0] = rgba.slice(grey * 4);
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  });
  for (let i = 8; i < bright.length; i += 8)
    expect(bright[i]).toBeGreaterThanOrEqual(bright[i - 8]!);
});
