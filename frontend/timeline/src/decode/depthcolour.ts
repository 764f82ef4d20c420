/** Depth in colours: near is bright (in turbo red), far is dark, black is no measurement. */

import { phrase } from "../words";
import { type DepthMap, TABLES } from "./colourmaps";

export type { DepthMap } from "./colourmaps";

/** The values that get the brightest and the darkest colour, in the stream's own units. */
export type DepthRange = readonly [near: number, far: number];

/** How a depth camera is coloured; without a range, by what the recording or its first picture says. */
export interface DepthLook {
  readonly map: DepthMap;
  readonly range: DepthRange | null;
}

/** What is known of a depth camera before any picture. */
export interface DepthInfo {
  readonly range: DepthRange | null;
  /** Metres a unit, where the recording says. */
  readonly unitM: number | null;
}

/** One picture's values, upright or not as it is stored; 0 is no measurement. */
export interface DepthPicture {
  readonly position: number;
  readonly width: number;
  readonly height: number;
  readonly values: Uint16Array;
}

/** The maps to choose from, and whether people with any colour vision tell their steps apart. */
export const DEPTH_MAPS: readonly {
  readonly id: DepthMap;
  readonly name: string;
  readonly safe: boolean;
}[] = [
  { id: "viridis", name: phrase("Viridis"), safe: true },
  { id: "cividis", name: phrase("Cividis"), safe: true },
  { id: "grey", name: phrase("Grey"), safe: true },
  { id: "turbo", name: phrase("Turbo"), safe: false },
];

const SHARE = 0.02;

/** From the 2nd to the 98th hundredth of what was measured; strays do not flatten the picture. */
export function depthRange(values: Uint16Array): DepthRange {
  const measured = values.filter((value) => value > 0).sort();
  if (measured.length === 0) return [0, 1];
  const near = measured[Math.floor((measured.length - 1) * SHARE)]!;
  const far = measured[Math.ceil((measured.length - 1) * (1 - SHARE))]!;
  return [near, Math.max(far, near + 1)];
}

/** RGBA, four bytes a value. */
export function colourDepth(
  values: Uint16Array,
  [near, far]: DepthRange,
  map: DepthMap = "viridis",
): Uint8Array<ArrayBuffer> {
  const colours = TABLES[map];
  const rgba = new Uint8Array(values.length * 4);
  const scale = 255 / (far - near);
  for (let i = 0; i < values.length; i += 1) {
    rgba[i * 4 + 3] = 255;
    const value = values[i]!;
    if (value === 0) continue;
    const shade = Math.max(0, Math.min(255, Math.round((far - value) * scale))) * 3;
    rgba[i * 4] = colours[shade]!;
    rgba[i * 4 + 1] = colours[shade + 1]!;
    rgba[i * 4 + 2] = colours[shade + 2]!;
  }
  return rgba;
}

/** The value at a pixel; null outside, and where nothing was measured. */
export function valueAt(picture: DepthPicture, x: number, y: number): number | null {
  const [column, row] = [Math.floor(x), Math.floor(y)];
  if (column < 0 || row < 0 || column >= picture.width || row >= picture.height) return null;
  return picture.values[row * picture.width + column] || null;
}

/** The range of what is seen: a box of the picture in its own pixels. */
export function rangeWithin(
  { values, width, height }: DepthPicture,
  box: { x: number; y: number; width: number; height: number },
): DepthRange {
  const seen: Uint16Array[] = [];
  const [left, right] = [Math.max(0, Math.floor(box.x)), Math.min(width, box.x + box.width)];
  const bottom = Math.min(height, box.y + box.height);
  for (let y = Math.max(0, Math.floor(box.y)); y < bottom; y += 1) {
    seen.push(values.subarray(y * width + left, y * width + Math.ceil(right)));
  }
  const all = new Uint16Array(seen.reduce((sum, row) => sum + row.length, 0));
  seen.reduce((at, row) => {
    all.set(row, at);
    return at + row.length;
  }, 0);
  return depthRange(all);
}
