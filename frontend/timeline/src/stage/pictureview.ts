import type { Box, Size } from "./arrangement";

/*
 * What of a camera's picture is seen. Pictures are counted upright, in the pixels of the video;
 * points of labels in the pixels as they are stored, before the rotation.
 */

export type Rotation = 0 | 90 | 180 | 270;

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** How close, and around which point, as a share of the picture. 1 shows all of it. Immutable. */
export interface PictureView {
  readonly zoom: number;
  readonly x: number;
  readonly y: number;
}

export const WHOLE: PictureView = { zoom: 1, x: 0.5, y: 0.5 };
export const CLOSEST = 16;
export const STEP = 1.25;

/** Where the picture lies in its box: its left and top edge, and screen pixels a picture pixel. */
export interface Placed {
  readonly scale: number;
  readonly left: number;
  readonly top: number;
}

export function isWhole(view: PictureView): boolean {
  return view.zoom === 1;
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), Math.max(low, high));
}

/** The view kept within bounds: no empty edge where there is picture to fill it. */
export function kept(view: PictureView, picture: Size, box: Size): PictureView {
  const zoom = clamp(view.zoom, 1, CLOSEST);
  if (zoom === 1) return WHOLE;
  const scale = fitScale(picture, box) * zoom;
  const half = (room: number, size: number) => Math.min(0.5, room / 2 / Math.max(1, size * scale));
  const [w, h] = [half(box.width, picture.width), half(box.height, picture.height)];
  return { zoom, x: clamp(view.x, w, 1 - w), y: clamp(view.y, h, 1 - h) };
}

function fitScale(picture: Size, box: Size): number {
  return Math.max(1e-6, Math.min(box.width / picture.width, box.height / picture.height));
}

export function placed(view: PictureView, picture: Size, box: Size): Placed {
  const { zoom, x, y } = kept(view, picture, box);
  const scale = fitScale(picture, box) * zoom;
  return {
    scale,
    left: box.width / 2 - x * picture.width * scale,
    top: box.height / 2 - y * picture.height * scale,
  };
}

export function toPicture({ scale, left, top }: Placed, at: Point): Point {
  return { x: (at.x - left) / scale, y: (at.y - top) / scale };
}

export function toScreen({ scale, left, top }: Placed, at: Point): Point {
  return { x: left + at.x * scale, y: top + at.y * scale };
}

/** Closer by a factor (below 1: further away) with the picture under `at` standing still. */
export function zoomedAt(
  view: PictureView,
  picture: Size,
  box: Size,
  at: Point,
  factor: number,
): PictureView {
  const before = placed(view, picture, box);
  const still = toPicture(before, at);
  const zoom = clamp(kept(view, picture, box).zoom * factor, 1, CLOSEST);
  const scale = fitScale(picture, box) * zoom;
  const x = (still.x - (at.x - box.width / 2) / scale) / picture.width;
  const y = (still.y - (at.y - box.height / 2) / scale) / picture.height;
  return kept({ zoom, x, y }, picture, box);
}

/** The picture moved by screen pixels. */
export function pannedBy(
  view: PictureView,
  picture: Size,
  box: Size,
  dx: number,
  dy: number,
): PictureView {
  const { scale } = placed(view, picture, box);
  const from = kept(view, picture, box);
  const x = from.x - dx / scale / picture.width;
  const y = from.y - dy / scale / picture.height;
  return kept({ ...from, x, y }, picture, box);
}

/** The same zoom, moved as little as needed to have a point of the picture well inside. */
export function revealed(view: PictureView, picture: Size, box: Size, at: Point): PictureView {
  const margin = 0.1;
  const screen = toScreen(placed(view, picture, box), at);
  const over = (v: number, room: number) =>
    v < room * margin ? room * margin - v : v > room * (1 - margin) ? room * (1 - margin) - v : 0;
  return pannedBy(view, picture, box, over(screen.x, box.width), over(screen.y, box.height));
}

/** What of the picture is on the screen, in its pixels. */
export function seenOf(view: PictureView, picture: Size, box: Size): Box {
  const place = placed(view, picture, box);
  const a = toPicture(place, { x: 0, y: 0 });
  const b = toPicture(place, { x: box.width, y: box.height });
  const [x, y] = [Math.max(0, a.x), Math.max(0, a.y)];
  return {
    x,
    y,
    width: Math.min(picture.width, b.x) - x,
    height: Math.min(picture.height, b.y) - y,
  };
}

/** The part of the picture that a strip shows: of the picture's own shape, around the same point. */
export function cropOf({ zoom, x, y }: PictureView, picture: Size): Box {
  const share = 1 / clamp(zoom, 1, CLOSEST);
  const from = (centre: number) => clamp(centre - share / 2, 0, 1 - share);
  return {
    x: Math.round(from(x) * picture.width),
    y: Math.round(from(y) * picture.height),
    width: Math.max(1, Math.round(share * picture.width)),
    height: Math.max(1, Math.round(share * picture.height)),
  };
}

export function upright(stored: Size, rotation: Rotation): Size {
  return rotation % 180 === 0 ? stored : { width: stored.height, height: stored.width };
}

/** A point of the upright picture in the pixels as stored; `stored` is their size. */
export function toStored({ x, y }: Point, stored: Size, rotation: Rotation): Point {
  if (rotation === 90) return { x: y, y: stored.height - x };
  if (rotation === 180) return { x: stored.width - x, y: stored.height - y };
  if (rotation === 270) return { x: stored.width - y, y: x };
  return { x, y };
}

export function toUpright({ x, y }: Point, stored: Size, rotation: Rotation): Point {
  if (rotation === 90) return { x: stored.height - y, y: x };
  if (rotation === 180) return { x: stored.width - x, y: stored.height - y };
  if (rotation === 270) return { x: y, y: stored.width - x };
  return { x, y };
}

/** A box of the upright picture in the pixels as stored. */
export function boxToStored(box: Box, stored: Size, rotation: Rotation): Box {
  const a = toStored(box, stored, rotation);
  const b = toStored({ x: box.x + box.width, y: box.y + box.height }, stored, rotation);
  return {
    x: Math.min(a.x, b.x),
    y: Math.min(a.y, b.y),
    width: Math.abs(a.x - b.x),
    height: Math.abs(a.y - b.y),
  };
}
