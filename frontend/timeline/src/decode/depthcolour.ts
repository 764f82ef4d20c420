/** Depth in colours: near is bright, far is dark, black is no measurement. */

/** The values that get the brightest and the darkest colour, in the stream's own units. */
export type DepthRange = readonly [near: number, far: number];

// Five points of viridis (Smith and van der Walt, CC0), from far to near: even to the eye, and
// told apart by every kind of colour vision.
const POINTS = [
  [68, 1, 84],
  [59, 82, 139],
  [33, 145, 140],
  [94, 201, 98],
  [253, 231, 37],
] as const;
const SHARE = 0.02;

const TABLE = Uint8Array.from({ length: 256 * 3 }, (_, i) => {
  const at = (Math.floor(i / 3) / 255) * (POINTS.length - 1);
  const from = Math.min(POINTS.length - 2, Math.floor(at));
  const [a, b] = [POINTS[from]![i % 3]!, POINTS[from + 1]![i % 3]!];
  return Math.round(a + (b - a) * (at - from));
});

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
    rgba[i * 4] = TABLE[shade]!;
    rgba[i * 4 + 1] = TABLE[shade + 1]!;
    rgba[i * 4 + 2] = TABLE[shade + 2]!;
  }
  return rgba;
}
