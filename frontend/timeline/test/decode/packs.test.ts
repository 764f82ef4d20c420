import { describe, expect, it } from "vitest";
import { parsePack } from "../../src/decode/packs";

function pack(jpegs: number[][]): ArrayBuffer {
  const head = 8 + 4 * (jpegs.length + 1);
  const total = head + jpegs.reduce((n, jpeg) => n + jpeg.length, 0);
  const bytes = new Uint8Array(total);
  const view = new DataView(bytes.buffer);
  bytes.set([..."TLPK"].map((c) => c.charCodeAt(0)));
  view.setUint32(4, jpegs.length, true);
  let at = head;
  jpegs.forEach((jpeg, i) => {
    view.setUint32(8 + 4 * i, at, true);
    bytes.set(jpeg, at);
    at += jpeg.length;
  });
  view.setUint32(8 + 4 * jpegs.length, at, true);
  return bytes.buffer;
}

describe("parsePack", () => {
  it("gives each picture's bytes", () => {
    const pictures = parsePack(pack([[1, 2, 3], [], [4]])).map((bytes) => [...bytes]);
    expect(pictures).toEqual([[1, 2, 3], [], [4]]);
  });

  it("refuses what is no pack, and one that was cut off", () => {
    const whole = pack([
      [1, 2],
      [3, 4],
    ]);
    const other = whole.slice(0);
    new Uint8Array(other)[0] = 0;
    for (const bad of [new ArrayBuffer(3), other, whole.slice(0, -1), whole.slice(0, 14)]) {
      expect(() => parsePack(bad)).toThrowError(/damaged/);
    }
  });
});
