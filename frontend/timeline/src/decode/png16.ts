/** Grey PNGs of 16 bits, which images in browsers would cut down to 8 (W3C PNG, third edition). */

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const IHDR = 0x49484452;
const IDAT = 0x49444154;
const GREY = 0;
const BYTES = 2;

export interface Depth {
  readonly width: number;
  readonly height: number;
  /** Row by row; 0 is no measurement. */
  readonly values: Uint16Array;
}

export function isPng16(data: Uint8Array): boolean {
  return (
    data.length > 28 &&
    SIGNATURE.every((byte, i) => data[i] === byte) &&
    data[24] === 16 &&
    data[25] === GREY
  );
}

/** @throws Error for a picture that is cut off, interlaced or damaged. */
export async function decodePng16(data: Uint8Array<ArrayBuffer>): Promise<Depth> {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const [width, height] = [view.getUint32(16), view.getUint32(20)];
  if (view.getUint32(12) !== IHDR || data[28] !== 0) throw new Error("an interlaced depth picture");
  const parts: Uint8Array<ArrayBuffer>[] = [];
  for (let at = 8; at + 12 <= data.length; ) {
    const length = view.getUint32(at);
    if (view.getUint32(at + 4) === IDAT) parts.push(data.subarray(at + 8, at + 8 + length));
    at += 12 + length;
  }
  const stream = new Blob(parts).stream().pipeThrough(new DecompressionStream("deflate"));
  const raw = new Uint8Array(await new Response(stream).arrayBuffer());
  const stride = width * BYTES;
  if (raw.length !== height * (stride + 1)) throw new Error("a depth picture that is cut off");
  return { width, height, values: unfiltered(raw, width, height) };
}

/** Undo the row filters in place and read the values, which are big-endian. */
function unfiltered(raw: Uint8Array, width: number, height: number): Uint16Array {
  const stride = width * BYTES;
  const values = new Uint16Array(width * height);
  for (let y = 0; y < height; y += 1) {
    const row = y * (stride + 1) + 1;
    const above = y === 0 ? -1 : row - stride - 1;
    const filter = raw[row - 1]!;
    for (let i = 0; i < stride; i += 1) {
      const left = i < BYTES ? 0 : raw[row + i - BYTES]!;
      const up = above < 0 ? 0 : raw[above + i]!;
      const corner = above < 0 || i < BYTES ? 0 : raw[above + i - BYTES]!;
      raw[row + i] = raw[row + i]! + predicted(filter, left, up, corner);
    }
    for (let x = 0; x < width; x += 1) {
      values[y * width + x] = (raw[row + 2 * x]! << 8) | raw[row + 2 * x + 1]!;
    }
  }
  return values;
}

function predicted(filter: number, left: number, up: number, corner: number): number {
  switch (filter) {
    case 0:
      return 0;
    case 1:
      return left;
    case 2:
      return up;
    case 3:
      return (left + up) >> 1;
    case 4: {
      const guess = left + up - corner;
      const [a, b, c] = [Math.abs(guess - left), Math.abs(guess - up), Math.abs(guess - corner)];
      if (a <= b && a <= c) return left;
      return b <= c ? up : corner;
    }
    default:
      throw new Error(`a depth picture with the row filter ${filter}`);
  }
}
