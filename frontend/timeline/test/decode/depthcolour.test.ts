import { describe, expect, test } from "vitest";
import { TABLES } from "../../src/decode/colourmaps";
import {
  colourDepth,
  DEPTH_MAPS,
  depthRange,
  rangeWithin,
  valueAt,
} from "../../src/decode/depthcolour";

const picture = {
  position: 0,
  width: 4,
  height: 2,
  values: Uint16Array.from([0, 500, 600, 700, 800, 900, 1000, 0]),
};
const lightness = (map: keyof typeof TABLES, i: number) => {
  const [r, g, b] = TABLES[map].subarray(i * 3, i * 3 + 3);
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
};

describe("depth in colours", () => {
  test.each(DEPTH_MAPS.map((each) => each.id))("%s: near, far, beyond and nothing", (map) => {
    const values = Uint16Array.from([500, 1000, 100, 5000, 0]);
    const rgba = colourDepth(values, [500, 1000], map);
    const colour = (i: number) => [...rgba.subarray(i * 4, i * 4 + 4)];
    const table = TABLES[map];
    expect(colour(0)).toEqual([...table.subarray(255 * 3), 255]);
    expect(colour(1)).toEqual([...table.subarray(0, 3), 255]);
    expect(colour(2)).toEqual(colour(0));
    expect(colour(3)).toEqual(colour(1));
    expect(colour(4)).toEqual([0, 0, 0, 255]);
  });

  test("the maps that are said to be for everyone grow brighter all the way", () => {
    for (const { id, safe } of DEPTH_MAPS) {
      const steps = Array.from({ length: 16 }, (_, i) => lightness(id, i * 17));
      const grows = steps.every((value, i) => i === 0 || value > steps[i - 1]!);
      expect([id, grows]).toEqual([id, safe]);
    }
  });

  test("a value is read at its pixel; nothing outside, and nothing unmeasured", () => {
    expect(valueAt(picture, 2.9, 1)).toBe(1000);
    expect(valueAt(picture, 0, 0)).toBeNull();
    expect(valueAt(picture, 4, 0)).toBeNull();
    expect(valueAt(picture, -0.1, 0)).toBeNull();
  });

  test("colours spread over a part of the picture", () => {
    expect(rangeWithin(picture, { x: 1, y: 0, width: 2, height: 1 })).toEqual([500, 600]);
    expect(rangeWithin(picture, { x: -5, y: -5, width: 50, height: 50 })).toEqual([500, 1000]);
    expect(rangeWithin(picture, { x: 0, y: 0, width: 1, height: 1 })).toEqual([0, 1]);
    expect(depthRange(picture.values)).toEqual([500, 1000]);
  });
});
