import fc from "fast-check";
import { expect, test } from "vitest";
import { arrange, type Box, fitted, movedTo } from "../../src/stage/arrangement";

const aspect = fc.double({ min: 0.5, max: 2.4, noNaN: true });
const cameras = fc.array(aspect, { minLength: 1, maxLength: 8 });
const room = fc.record({
  width: fc.integer({ min: 300, max: 2000 }),
  height: fc.integer({ min: 160, max: 1200 }),
});
const overlap = (a: Box, b: Box) =>
  Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x) > 1e-6 &&
  Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y) > 1e-6;
const shown = (ratio: number, box: Box) => fitted(ratio, box).width;

test("every camera has a box of its own inside the room, whatever the layout", () => {
  fc.assert(
    fc.property(cameras, room, fc.nat(7), fc.boolean(), (aspects, size, pick, grid) => {
      const large = pick % aspects.length;
      const boxes = arrange(grid ? "grid" : "large", aspects, large, size);
      expect(boxes).toHaveLength(aspects.length);
      for (const [i, box] of boxes.entries()) {
        expect(box.width).toBeGreaterThan(0);
        expect(box.height).toBeGreaterThan(0);
        expect(box.x).toBeGreaterThanOrEqual(0);
        expect(box.x + box.width).toBeLessThanOrEqual(size.width + 1e-6);
        expect(box.y + box.height).toBeLessThanOrEqual(size.height + 1e-6);
        expect(boxes.slice(i + 1).some((other) => overlap(box, other))).toBe(false);
      }
    }),
  );
});

test("the large camera's picture is the largest", () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 8 }), room, fc.nat(7), (count, size, pick) => {
      const aspects = new Array<number>(count).fill(4 / 3);
      const large = pick % count;
      const boxes = arrange("large", aspects, large, size);
      const own = shown(4 / 3, boxes[large]!);
      for (const box of boxes) expect(own).toBeGreaterThanOrEqual(shown(4 / 3, box) * 0.999);
    }),
  );
});

test("two cameras of a wide room lie side by side at full height", () => {
  const [a, b] = arrange("large", [4 / 3, 4 / 3], 0, { width: 1050, height: 330 });
  expect([a?.height, b?.height]).toEqual([330, 330]);
  expect(fitted(4 / 3, b!).height).toBeCloseTo(330);
});

test("a grid of six in a wide room has three columns", () => {
  const boxes = arrange("grid", new Array<number>(6).fill(4 / 3), 0, { width: 1000, height: 500 });
  expect(new Set(boxes.map((box) => box.x)).size).toBe(3);
});

test("a camera moved to another's place leaves the others in order", () => {
  expect(movedTo(["a", "b", "c", "d"], "d", 1)).toEqual(["a", "d", "b", "c"]);
  expect(movedTo(["a", "b", "c"], "a", 9)).toEqual(["b", "c", "a"]);
  expect(movedTo(["a", "b"], "x", 0)).toEqual(["a", "b"]);
});
