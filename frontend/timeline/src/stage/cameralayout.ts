import { DEPTH_MAPS, type DepthLook, type DepthRange } from "../decode/depthcolour";
import { type Mode, movedTo } from "./arrangement";
import { CLOSEST, type PictureView, WHOLE } from "./pictureview";
import { NARROWEST, type StripChoice, WIDEST } from "./stripchoice";

/** How one camera's picture is shown. 1 is as recorded. */
export interface PictureLook {
  readonly brightness: number;
  readonly contrast: number;
  readonly view: PictureView;
  readonly depth: DepthLook;
}

/** What the annotator has arranged, to be kept for all episodes with the same cameras. Immutable. */
export interface CameraLayout {
  readonly mode: Mode;
  /** All cameras by name, in the order they lie. */
  readonly order: readonly string[];
  readonly large: string;
  readonly strip: StripChoice;
  readonly pictures: Readonly<Record<string, PictureLook>>;
}

/** Where a layout is kept between episodes. */
export interface LayoutStore {
  read(): unknown;
  write(layout: CameraLayout): void;
}

export const AS_RECORDED: PictureLook = {
  brightness: 1,
  contrast: 1,
  view: WHOLE,
  depth: { map: "viridis", range: null },
};
export const LIGHT = { least: 0.25, most: 4 } as const;
const DEFAULT_RADIUS = 4;

export function defaultLayout(cameras: readonly string[], large: string): CameraLayout {
  const strip = { cameras: [], radius: DEFAULT_RADIUS };
  return { mode: "large", order: [...cameras], large, strip, pictures: {} };
}

export function lookOf(layout: CameraLayout, camera: string): PictureLook {
  return layout.pictures[camera] ?? AS_RECORDED;
}

export function withLook(
  layout: CameraLayout,
  camera: string,
  values: Partial<PictureLook>,
): CameraLayout {
  const look = { ...lookOf(layout, camera), ...values };
  return { ...layout, pictures: { ...layout.pictures, [camera]: look } };
}

export function light(value: number): number {
  const rounded = Math.round(value * 100) / 100;
  return Math.min(LIGHT.most, Math.max(LIGHT.least, rounded));
}

/** The camera moved by some places in the order. */
export function movedCamera(layout: CameraLayout, camera: string, by: number): CameraLayout {
  const place = layout.order.indexOf(camera) + by;
  return { ...layout, order: movedTo(layout.order, camera, place) };
}

/** The next camera in the order becomes the large one. */
export function nextLarge(layout: CameraLayout, by: 1 | -1): CameraLayout {
  const { order, large } = layout;
  const place = (order.indexOf(large) + by + order.length) % Math.max(1, order.length);
  return { ...layout, large: order[place] ?? large };
}

type Fields = Readonly<Record<string, unknown>>;

const fields = (value: unknown): Fields =>
  typeof value === "object" && value !== null ? (value as Fields) : {};
const names = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((each): each is string => typeof each === "string") : [];

function number(value: unknown, low: number, high: number, otherwise: number): number {
  const usable = typeof value === "number" && Number.isFinite(value);
  return usable ? Math.min(high, Math.max(low, value)) : otherwise;
}

function readRange(value: unknown): DepthRange | null {
  const [near, far] = Array.isArray(value) ? (value as unknown[]) : [];
  const usable = typeof near === "number" && typeof far === "number" && far > near && near >= 0;
  return usable ? [near, far] : null;
}

function readLook(value: unknown): PictureLook {
  const { brightness, contrast, view, depth } = fields(value);
  const { zoom, x, y } = fields(view);
  const map = DEPTH_MAPS.find((each) => each.id === fields(depth).map)?.id ?? "viridis";
  return {
    brightness: number(brightness, LIGHT.least, LIGHT.most, 1),
    contrast: number(contrast, LIGHT.least, LIGHT.most, 1),
    view: {
      zoom: number(zoom, 1, CLOSEST, 1),
      x: number(x, 0, 1, 0.5),
      y: number(y, 0, 1, 0.5),
    },
    depth: { map, range: readRange(fields(depth).range) },
  };
}

/** What was kept, as far as it fits these cameras; the usual layout for the rest. */
export function readLayout(
  value: unknown,
  cameras: readonly string[],
  large: string,
): CameraLayout {
  const usual = defaultLayout(cameras, large);
  const found = fields(value);
  const known = [...new Set(names(found.order))].filter((name) => cameras.includes(name));
  const strip = fields(found.strip);
  const looks = Object.entries(fields(found.pictures)).filter(([name]) => cameras.includes(name));
  return {
    mode: found.mode === "grid" ? "grid" : "large",
    order: [...known, ...cameras.filter((name) => !known.includes(name))],
    large: cameras.find((name) => name === found.large) ?? usual.large,
    strip: {
      cameras: names(strip.cameras).filter((name) => cameras.includes(name)),
      radius: Math.round(number(strip.radius, NARROWEST, WIDEST, DEFAULT_RADIUS)),
    },
    pictures: Object.fromEntries(looks.map(([name, look]) => [name, readLook(look)])),
  };
}
