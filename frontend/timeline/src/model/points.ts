import type { Label } from "./label";

/**
 * Where in a camera's picture a label lies, as one attribute a camera: `point.<camera>` = "x,y" in
 * whole pixels of the picture as it is stored, from its top left corner, before any rotation.
 */
export interface PicturePoint {
  readonly x: number;
  readonly y: number;
}

const PREFIX = "point.";

export function pointKey(camera: string): string {
  return PREFIX + camera;
}

export function isPointKey(attribute: string): boolean {
  return attribute.startsWith(PREFIX);
}

export function formatPoint({ x, y }: PicturePoint): string {
  return `${Math.floor(x)},${Math.floor(y)}`;
}

/** Null for what is no point. */
export function parsePoint(value: unknown): PicturePoint | null {
  const match = typeof value === "string" ? /^(\d{1,6}),(\d{1,6})$/.exec(value) : null;
  return match ? { x: Number(match[1]), y: Number(match[2]) } : null;
}

export function pointIn(label: Label, camera: string): PicturePoint | null {
  return parsePoint(label.attributes[pointKey(camera)]);
}

/** The cameras in which the label has a point, in the order of the attributes. */
export function camerasOf(label: Label): string[] {
  return Object.keys(label.attributes)
    .filter((key) => isPointKey(key) && parsePoint(label.attributes[key]))
    .map((key) => key.slice(PREFIX.length));
}
