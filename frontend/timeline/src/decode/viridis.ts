// Five points of viridis (Smith and van der Walt, CC0), from far to near: even to the eye, and
// told apart by every kind of colour vision.
const POINTS = [
  [68, 1, 84],
  [59, 82, 139],
  [33, 145, 140],
  [94, 201, 98],
  [253, 231, 37],
] as const;

/** 256 colours from dark to bright, three bytes each. */
export const VIRIDIS = Uint8Array.from({ length: 256 * 3 }, (_, i) => {
  const at = (Math.floor(i / 3) / 255) * (POINTS.length - 1);
  const from = Math.min(POINTS.length - 2, Math.floor(at));
  const [a, b] = [POINTS[from]![i % 3]!, POINTS[from + 1]![i % 3]!];
  return Math.round(a + (b - a) * (at - from));
});
