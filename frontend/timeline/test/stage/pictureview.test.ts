import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  boxToStored,
  CLOSEST,
  cropOf,
  kept,
  type PictureView,
  pannedBy,
  placed,
  type Rotation,
  revealed,
  seenOf,
  toPicture,
  toScreen,
  toStored,
  toUpright,
  upright,
  WHOLE,
  zoomedAt,
} from "../../src/stage/pictureview";

const picture = { width: 640, height: 480 };
const box = { width: 500, height: 300 };
const at = fc.record({
  x: fc.double({ min: 0, max: 500, noNaN: true }),
  y: fc.double({ min: 0, max: 300, noNaN: true }),
});
const factor = fc.double({ min: 0.2, max: 8, noNaN: true });
const views = fc
  .array(fc.tuple(at, factor), { maxLength: 4 })
  .map((steps) =>
    steps.reduce<PictureView>((view, [p, by]) => zoomedAt(view, picture, box, p, by), WHOLE),
  );

describe("a picture's view", () => {
  test("never shows an empty edge where there is picture to fill it", () => {
    fc.assert(
      fc.property(views, fc.integer(), fc.integer(), (view, dx, dy) => {
        const moved = pannedBy(view, picture, box, dx % 3000, dy % 3000);
        expect(moved.zoom).toBeGreaterThanOrEqual(1);
        expect(moved.zoom).toBeLessThanOrEqual(CLOSEST);
        const { scale, left, top } = placed(moved, picture, box);
        const [right, bottom] = [left + picture.width * scale, top + picture.height * scale];
        if (picture.width * scale > box.width) {
          expect(left).toBeLessThanOrEqual(1e-6);
          expect(right).toBeGreaterThanOrEqual(box.width - 1e-6);
        } else expect(left).toBeCloseTo(box.width - right);
        if (picture.height * scale > box.height) {
          expect(top).toBeLessThanOrEqual(1e-6);
          expect(bottom).toBeGreaterThanOrEqual(box.height - 1e-6);
        } else expect(top).toBeCloseTo(box.height - bottom);
      }),
    );
  });

  test("zooms with the pixel under the pointer standing still, away from the edges", () => {
    const close = zoomedAt(WHOLE, picture, box, { x: 250, y: 150 }, 6);
    const pointer = { x: 200, y: 170 };
    const before = toPicture(placed(close, picture, box), pointer);
    const after = toPicture(
      placed(zoomedAt(close, picture, box, pointer, 1.7), picture, box),
      pointer,
    );
    expect(after.x).toBeCloseTo(before.x);
    expect(after.y).toBeCloseTo(before.y);
  });

  test("zoomed out again shows the whole picture in the middle", () => {
    const back = zoomedAt(
      zoomedAt(WHOLE, picture, box, { x: 10, y: 10 }, 5),
      picture,
      box,
      { x: 400, y: 200 },
      0.1,
    );
    expect(back).toEqual(WHOLE);
    expect(placed(back, picture, box)).toEqual({ scale: 300 / 480, left: 50, top: 0 });
  });

  test("screen and picture are each other's inverse", () => {
    fc.assert(
      fc.property(views, at, (view, point) => {
        const place = placed(view, picture, box);
        const back = toScreen(place, toPicture(place, point));
        expect(back.x).toBeCloseTo(point.x);
        expect(back.y).toBeCloseTo(point.y);
      }),
    );
  });

  test("follows a cursor that leaves what is seen", () => {
    const close = zoomedAt(WHOLE, picture, box, { x: 250, y: 150 }, 8);
    const far = { x: 600, y: 400 };
    const screen = toScreen(placed(revealed(close, picture, box, far), picture, box), far);
    expect(screen.x).toBeGreaterThan(0);
    expect(screen.x).toBeLessThanOrEqual(box.width);
    expect(screen.y).toBeGreaterThan(0);
    expect(screen.y).toBeLessThanOrEqual(box.height);
    expect(kept(close, picture, box)).toEqual(close);
  });
});

describe("what of a picture is seen", () => {
  test("is all of it, or the part that fills the box", () => {
    expect(seenOf(WHOLE, picture, box)).toEqual({ x: 0, y: 0, ...picture });
    const close = zoomedAt(WHOLE, picture, box, { x: 250, y: 150 }, 4);
    const seen = seenOf(close, picture, box);
    expect(seen).toEqual({ x: 220, y: 180, width: 200, height: 120 });
  });
});

describe("the strip's part of a picture", () => {
  test("is all of it, or of its shape and inside it", () => {
    expect(cropOf(WHOLE, picture)).toEqual({ x: 0, y: 0, ...picture });
    expect(cropOf({ zoom: 4, x: 0.5, y: 0.5 }, picture)).toEqual({
      x: 240,
      y: 180,
      width: 160,
      height: 120,
    });
    expect(cropOf({ zoom: 4, x: 0.99, y: 0 }, picture)).toMatchObject({ x: 480, y: 0 });
  });
});

describe("stored and upright pixels", () => {
  const rotation = fc.constantFrom<Rotation[]>(0, 90, 180, 270);
  test("turn into each other and back", () => {
    fc.assert(
      fc.property(rotation, fc.nat(639), fc.nat(479), (turn, x, y) => {
        const there = toUpright({ x, y }, picture, turn);
        const size = upright(picture, turn);
        expect(there.x).toBeGreaterThanOrEqual(0);
        expect(there.x).toBeLessThanOrEqual(size.width);
        expect(there.y).toBeLessThanOrEqual(size.height);
        expect(toStored(there, picture, turn)).toEqual({ x, y });
      }),
    );
  });

  test("a quarter turn clockwise puts the lower left corner up left", () => {
    expect(toUpright({ x: 0, y: 480 }, picture, 90)).toEqual({ x: 0, y: 0 });
    expect(toUpright({ x: 640, y: 0 }, picture, 270)).toEqual({ x: 0, y: 0 });
    expect(boxToStored({ x: 0, y: 0, width: 48, height: 64 }, picture, 90)).toEqual({
      x: 0,
      y: 432,
      width: 64,
      height: 48,
    });
  });
});
