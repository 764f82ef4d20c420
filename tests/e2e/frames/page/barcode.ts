/** Reads the numbers burnt into test pictures; the geometry is the generator's own. */
import spec from "../../../fixtures/barcode.json";

export type Picture = VideoFrame | ImageBitmap;

/** camera and frame, or null when the cells hold no number. */
export type Shown = readonly [camera: number, frame: number] | null;

interface Pixels {
  readonly data: Uint8ClampedArray;
  readonly width: number;
  readonly height: number;
}

const canvas = new OffscreenCanvas(1, 1);
const context = canvas.getContext("2d", { willReadFrequently: true })!;

/** The picture turned upright, as RGBA. */
export function upright(image: Picture, rotation: number): Pixels {
  const [w, h] =
    "displayWidth" in image
      ? [image.displayWidth, image.displayHeight]
      : [image.width, image.height];
  const turned = rotation % 180 !== 0;
  canvas.width = turned ? h : w;
  canvas.height = turned ? w : h;
  context.setTransform(1, 0, 0, 1, canvas.width / 2, canvas.height / 2);
  context.rotate((rotation * Math.PI) / 180);
  context.drawImage(image, -w / 2, -h / 2, w, h);
  const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
  return { data, width: canvas.width, height: canvas.height };
}

function luma({ data, width }: Pixels, left: number, top: number, right: number, bottom: number) {
  let sum = 0;
  let count = 0;
  for (let y = Math.floor(top); y < Math.max(bottom, top + 1); y += 1) {
    for (let x = Math.floor(left); x < Math.max(right, left + 1); x += 1) {
      const at = 4 * (y * width + x);
      sum += 0.299 * data[at]! + 0.587 * data[at + 1]! + 0.114 * data[at + 2]!;
      count += 1;
    }
  }
  return sum / count;
}

function bits(pixels: Pixels): number[] {
  const wide = (spec.width * pixels.width) / spec.columns;
  const high = (spec.height * pixels.height) / spec.rows;
  const inset = (1 - spec.central_part) / 2;
  return Array.from({ length: spec.rows * spec.columns }, (_, cell) => {
    const left = spec.x * pixels.width + (cell % spec.columns) * wide + wide * inset;
    const top = spec.y * pixels.height + Math.floor(cell / spec.columns) * high + high * inset;
    const right = left + wide * spec.central_part;
    const bottom = top + high * spec.central_part;
    return luma(pixels, left, top, right, bottom) >= spec.threshold ? 1 : 0;
  });
}

function checksum(values: Record<string, number>): number {
  const { constant, modulus, terms } = spec.checksum;
  const sum = terms.reduce(
    (total, term) => total + ((values[term.field]! >> term.shift) & term.mask) * term.factor,
    constant,
  );
  return sum % modulus;
}

export function readBarcode(image: Picture, rotation: number): Shown {
  const cells = bits(upright(image, rotation));
  const values: Record<string, number> = {};
  let at = 0;
  for (const field of spec.fields) {
    values[field.name] = cells.slice(at, at + field.bits).reduce((n, bit) => 2 * n + bit, 0);
    at += field.bits;
  }
  if (values.checksum !== checksum(values)) return null;
  return [values.camera!, values.frame!];
}
