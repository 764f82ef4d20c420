import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Extents } from "../../src/stage/extent";
import { Samples } from "../../src/stage/signals";

function encode(times: readonly number[], series: readonly (readonly number[])[]): ArrayBuffer {
  const buffer = new ArrayBuffer(16 + times.length * 8 + series.flat().length * 4);
  const view = new DataView(buffer);
  [..."TLSG"].forEach((c, i) => {
    view.setUint8(i, c.charCodeAt(0));
  });
  [1, times.length, series.length].forEach((n, i) => {
    view.setUint32(4 + i * 4, n, true);
  });
  times.forEach((t, i) => {
    view.setBigInt64(16 + i * 8, BigInt(t), true);
  });
  series.flat().forEach((value, i) => {
    view.setFloat32(16 + times.length * 8 + i * 4, value, true);
  });
  return buffer;
}

describe("samples", () => {
  const samples = Samples.parse(
    encode(
      [0, 20, 40],
      [
        [1, 2, 3],
        [4, Number.NaN, 6],
      ],
    ),
  );

  test("are read dimension by dimension, missing values kept missing", () => {
    expect(Array.from(samples.times)).toEqual([0, 20, 40]);
    expect(Array.from(samples.series[1]!)).toEqual([4, Number.NaN, 6]);
  });

  test("the value at a time is the latest sample's, never a later one's", () => {
    expect([-1, 0, 19, 20, 99].map((t) => samples.valueAt(0, t))).toEqual([Number.NaN, 1, 1, 2, 3]);
  });

  test.each([
    ["something else", new ArrayBuffer(40), /no signal samples/],
    ["a file cut short", encode([0, 20], [[1, 2]]).slice(0, 30), /30 bytes, 40 announced/],
    ["nothing", new ArrayBuffer(0), /no signal samples/],
  ])("%s is refused", (_, bytes, why) => {
    expect(() => Samples.parse(bytes)).toThrow(why);
  });
});

test("extents agree with a plain search", () => {
  const value = fc.oneof(
    { weight: 9, arbitrary: fc.float({ noNaN: true }) },
    fc.constant(Number.NaN),
  );
  fc.assert(
    fc.property(fc.array(value, { maxLength: 300 }), fc.nat(320), fc.nat(320), (values, a, b) => {
      const series = Float32Array.from(values);
      const [from, to] = [Math.min(a, b), Math.max(a, b)];
      const plain = Array.from(series.slice(from, to)).filter((each) => !Number.isNaN(each));
      const expected = [Math.min(...plain), Math.max(...plain)];
      const found = new Extents(series).between(from, to);
      expect(found.map((each) => each + 0)).toEqual(expected.map((each) => each + 0));
    }),
  );
});
