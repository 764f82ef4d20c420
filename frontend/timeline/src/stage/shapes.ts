/**
 * One shape a class, so that colour is never the only difference. Path data in a box from -8 to 8,
 * drawn by canvases and by the label list alike.
 */
const PATHS: Readonly<Record<string, string>> = {
  circle: "M-6 0A6 6 0 1 0 6 0A6 6 0 1 0 -6 0Z",
  square: "M-5.5 -5.5H5.5V5.5H-5.5Z",
  triangle: "M0 -6.5L6.5 5.5H-6.5Z",
  triangle_down: "M0 6.5L6.5 -5.5H-6.5Z",
  diamond: "M0 -7.5L6.5 0L0 7.5L-6.5 0Z",
  chevron_left: "M4 -7L-4.5 0L4 7L7 4.5L1.5 0L7 -4.5Z",
  chevron_right: "M-4 -7L4.5 0L-4 7L-7 4.5L-1.5 0L-7 -4.5Z",
  hexagon: "M-3.5 -6.2H3.5L7 0L3.5 6.2H-3.5L-7 0Z",
  star: "M0 -7.5L2.1 -2.6L7.3 -2.2L3.3 1.2L4.6 6.4L0 3.6L-4.6 6.4L-3.3 1.2L-7.3 -2.2L-2.1 -2.6Z",
  plus: "M-2 -7H2V-2H7V2H2V7H-2V2H-7V-2H-2Z",
  cross: "M-6.5 -4L-4 -6.5L0 -2.5L4 -6.5L6.5 -4L2.5 0L6.5 4L4 6.5L0 2.5L-4 6.5L-6.5 4L-2.5 0Z",
  ring: "M-7 0A7 7 0 1 0 7 0A7 7 0 1 0 -7 0ZM-3.5 0A3.5 3.5 0 1 1 3.5 0A3.5 3.5 0 1 1 -3.5 0Z",
  bar: "M-7 -4H7V4H-7Z",
  hatch: "M-7 5V1L-1 -5H3ZM-1 5L7 -3V1L3 5Z",
  dots: "M-7 -2A2 2 0 1 1 -3 -2A2 2 0 1 1 -7 -2ZM-2 3A2 2 0 1 1 2 3A2 2 0 1 1 -2 3ZM3 -2A2 2 0 1 1 7 -2A2 2 0 1 1 3 -2Z",
  check: "M-7 0.5L-4.5 -2L-2 0.5L4.5 -6L7 -3.5L-2 5.5Z",
  half: "M-6.5 0A6.5 6.5 0 1 0 6.5 0A6.5 6.5 0 1 0 -6.5 0ZM0 -4.5A4.5 4.5 0 1 1 0 4.5Z",
  dash: "M-7 -2H7V2H-7Z",
  question:
    "M-4.5 -3.5C-4.5 -6 -2.5 -7.5 0 -7.5C3 -7.5 5 -5.8 5 -3.3C5 -0.7 1.5 0 1.5 2.5H-1.5C-1.5 -1 2 -1.3 2 -3.3C2 -4.3 1.2 -5 0 -5C-1.2 -5 -1.8 -4.4 -1.8 -3.5ZM-1.7 4.2H1.7V7.5H-1.7Z",
};

export function shapePath(shape: string): string {
  return PATHS[shape] ?? PATHS.circle!;
}

const cache = new Map<string, Path2D>();

export function shapeOnCanvas(shape: string): Path2D {
  const known = cache.get(shape);
  if (known) return known;
  const path = new Path2D(shapePath(shape));
  cache.set(shape, path);
  return path;
}
