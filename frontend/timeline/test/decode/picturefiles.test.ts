import { deflateSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { colourDepth, depthRange } from "../../src/decode/depthcolour";
import { decodePng16, isPng16 } from "../../src/decode/png16";

/** A 16-bit grey PNG, each row with the filter of its number, written by the book. */
function png16(values: readonly (readonly number[])[], interlace = 0): Uint8Array<ArrayBuffer> {
  const width = values[0]!.length;
  const bytes = values.map((row) => row.flatMap((value) => [value >> 8, value & 255]));
  const rows = bytes.map((row, y) => {
    const filter = y % 5;
    const coded = row.map((byte, i) => {
      const left = i < 2 ? 0 : row[i - 2]!;
      const up = bytes[y - 1]?.[i] ?? 0;
      const corner = i < 2 ? 0 : (bytes[y - 1]?.[i - 2] ?? 0);
      const p = left + up - corner;
      const near = [left, up, corner].sort((a, b) => Math.abs(p - a) - Math.abs(p - b))[0]!;
      return (byte - [0, left, up, (left + up) >> 1, near][filter]!) & 255;
    });
    return [filter, ...coded];
  });
  const u32 = (n: number) => [n >>> 24, (n >> 16) & 255, (n >> 8) & 255, n & 255];
  const chunk = (name: string, data: readonly number[]) => [
    ...u32(data.length),
    ...[...name].map((c) => c.charCodeAt(0)),
    ...data,
    ...u32(0),
  ];
  const packed = [...deflateSync(Uint8Array.from(rows.flat()))];
  const half = packed.length >> 1;
  return Uint8Array.from([
    ...[0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a],
    ...chunk("IHDR", [...u32(width), ...u32(values.length), 16, 0, 0, 0, interlace]),
    ...chunk("IDAT", packed.slice(0, half)),
    ...chunk("IDAT", packed.slice(half)),
    ...chunk("IEND", []),
  ]);
}

const values = Array.from({ length: 11 }, (_, y) =>
  Array.from({ length: 7 }, (_, x) => (x * 9001 + y * 12_345 + x * y * 77) % 65_536),
);

describe("a depth picture", () => {
  test("keeps all of its 16 bits, whatever filters its rows have", async () => {
    const file = png16(values);
    expect(isPng16(file)).toBe(true);
    const depth = await decodePng16(file);
    expect([depth.width, depth.height]).toEqual([7, 11]);
    expect(Array.from(depth.values)).toEqual(values.flat());
  });

  test("that is cut off or interlaced is refused", async () => {
    await expect(decodePng16(png16(values, 1))).rejects.toThrow("interlaced");
    const file = png16(values);
    new DataView(file.buffer).setUint32(20, 12);
    await expect(decodePng16(file)).rejects.toThrow("cut off");
  });

  test("is something else than an 8-bit one, or a JPEG", () => {
    const eight = png16(values);
    eight[24] = 8;
    expect(isPng16(eight)).toBe(false);
    expect(isPng16(Uint8Array.from([0xff, 0xd8, 0xff, ...Array(40).fill(0)]))).toBe(false);
  });
});

describe("colours of depth", () => {
  test("near is bright, far is dark, no measurement is black", () => {
    const [near, far, none] = [500, 4000, 0];
    const rgba = colourDepth(Uint16Array.of(near, far, none), [500, 4000]);
    expect(Array.from(rgba)).toEqual([253, 231, 37, 255, 68, 1, 84, 255, 0, 0, 0, 255]);
  });

  test("beyond the range the last colour holds", () => {
    const rgba = colourDepth(Uint16Array.of(1, 65_535), [500, 4000]);
    expect(Array.from(rgba)).toEqual([253, 231, 37, 255, 68, 1, 84, 255]);
  });

  test("strays and holes do not set the range", () => {
    const most = Array.from({ length: 100 }, (_, i) => 1000 + i);
    expect(depthRange(Uint16Array.from([...most, 0, 0, 0, 65_535]))).toEqual([1002, 1098]);
    expect(depthRange(new Uint16Array(4))).toEqual([0, 1]);
  });
});
