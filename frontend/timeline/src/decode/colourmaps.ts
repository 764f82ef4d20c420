import { VIRIDIS } from "./viridis";

/*
 * Colour maps beside viridis, as a few points from far to near joined by straight lines. Cividis
 * (Nuñez, Anderton and Renslow, CC0) is even to the eye too. Turbo (Mikhailov, Apache-2.0) shows more
 * steps, and is told apart by normal colour vision only.
 */
const CIVIDIS = [
  [0, 34, 78],
  [61, 78, 107],
  [124, 123, 120],
  [187, 174, 107],
  [254, 232, 56],
] as const;
const TURBO = [
  [48, 18, 59],
  [70, 107, 227],
  [40, 187, 236],
  [49, 241, 153],
  [163, 253, 61],
  [237, 208, 58],
  [251, 128, 34],
  [208, 47, 5],
  [122, 4, 3],
] as const;
const GREY = [
  [24, 24, 24],
  [255, 255, 255],
] as const;

type Points = readonly (readonly [number, number, number])[];

/** 256 colours from far to near, three bytes each. */
function table(points: Points): Uint8Array {
  return Uint8Array.from({ length: 256 * 3 }, (_, i) => {
    const at = (Math.floor(i / 3) / 255) * (points.length - 1);
    const from = Math.min(points.length - 2, Math.floor(at));
    const [a, b] = [points[from]![i % 3]!, points[from + 1]![i % 3]!];
    return Math.round(a + (b - a) * (at - from));
  });
}

export type DepthMap = "viridis" | "cividis" | "turbo" | "grey";

export const TABLES: Readonly<Record<DepthMap, Uint8Array>> = {
  viridis: VIRIDIS,
  cividis: table(CIVIDIS),
  turbo: table(TURBO),
  grey: table(GREY),
};
