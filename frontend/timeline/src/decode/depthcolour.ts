/** Depth in colours: near is bright, far is dark, black is no measurement. */

import { VIRIDIS } from "./viridis";

/** The values that get the brightest and the darkest colour, in the stream's own units. */
export type DepthRange = readonly [near: number, far: number];

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
export function colourDepth(values: Uint16Array, [near, far]: DepthRange): Uint8Array<ArrayBuffer> {
  const rgba = new Uint8Array(values.length * 4);
  const scale = 255 / (far - near);
  for (let i = 0; i < values.length; i += 1) {
    rgba[i * 4 + 3] = 255;
    const value = values[i]!;
    if (value === 0) continue;
    const shade = Math.max(0, Math.min(255, Math.round((far - value) * scale))) * 3;
    rgba[i * 4] = VIRIDIS[shade]!;
    rgba[i * 4 + 1] = VIRIDIS[shade + 1]!;
    rgba[i * 4 + 2] = VIRIDIS[shade + 2]!;
  }
  return rgba;
}
