import { describe, expect, test } from "vitest";
import {
  AS_RECORDED,
  defaultLayout,
  lookOf,
  movedCamera,
  nextLarge,
  readLayout,
  withLook,
} from "../../src/stage/cameralayout";
import {
  NARROWEST,
  nextRows,
  rowsOf,
  stripSizes,
  toggledRow,
  WIDEST,
  widened,
} from "../../src/stage/stripchoice";

const cameras = ["front", "side", "wrist"];
const usual = defaultLayout(cameras, "front");

describe("a kept layout", () => {
  test("comes back as it was written", () => {
    const made = withLook(
      { ...movedCamera(usual, "wrist", -2), mode: "grid", large: "side" },
      "wrist",
      {
        brightness: 1.3,
        view: { zoom: 3, x: 0.4, y: 0.6 },
        depth: { map: "turbo", range: [300, 900] },
      },
    );
    expect(made.order).toEqual(["wrist", "front", "side"]);
    expect(readLayout(JSON.parse(JSON.stringify(made)), cameras, "front")).toEqual(made);
  });

  test.each([null, 7, "grid", [], { order: "front" }, { pictures: { front: { view: 3 } } }])(
    "that is damaged (%j) leaves the usual one",
    (value) => {
      const read = readLayout(value, cameras, "front");
      expect({ ...read, pictures: {} }).toEqual(usual);
      expect(lookOf(read, "front")).toEqual(AS_RECORDED);
    },
  );

  test("of other cameras keeps what it can", () => {
    const read = readLayout({ order: ["side", "top", "side"], large: "top" }, cameras, "front");
    expect(read.order).toEqual(["side", "front", "wrist"]);
    expect(read.large).toBe("front");
  });

  test("keeps impossible numbers within bounds", () => {
    const look = {
      brightness: 99,
      contrast: Number.NaN,
      view: { zoom: -3, x: 8 },
      depth: { range: [9, 2] },
    };
    expect(lookOf(readLayout({ pictures: { front: look } }, cameras, "front"), "front")).toEqual({
      brightness: 4,
      contrast: 1,
      view: { zoom: 1, x: 1, y: 0.5 },
      depth: { map: "viridis", range: null },
    });
  });

  test("goes round the cameras in their order", () => {
    expect(nextLarge(usual, 1).large).toBe("side");
    expect(nextLarge(usual, -1).large).toBe("wrist");
  });
});

describe("the contact strip", () => {
  const choice = { cameras: [], radius: 4 };

  test("reaches three to seven frames", () => {
    expect(widened(choice, 9).radius).toBe(WIDEST);
    expect(widened(choice, -9).radius).toBe(NARROWEST);
  });

  test("shows the large camera, then each other one, then all", () => {
    const seen: (readonly string[])[] = [];
    let now = choice as { cameras: readonly string[]; radius: number };
    for (let i = 0; i < 4; i += 1) {
      seen.push(rowsOf(now, cameras, "side"));
      now = { ...now, cameras: nextRows(now, cameras, "side") };
    }
    expect(seen).toEqual([["side"], ["front"], ["wrist"], cameras]);
    expect(now.cameras).toEqual([]);
    expect(nextRows(choice, ["only"], "only")).toEqual([]);
  });

  test("has a row at least", () => {
    expect(toggledRow(choice, "wrist", cameras, "front")).toEqual(["front", "wrist"]);
    expect(toggledRow({ ...choice, cameras: ["wrist"] }, "wrist", cameras, "front")).toEqual([
      "wrist",
    ]);
    expect(rowsOf({ ...choice, cameras: ["gone"] }, cameras, "front")).toEqual(["front"]);
  });

  test("is higher the fewer frames it shows, and never more than half of the room", () => {
    const [narrow] = stripSizes(3, [4 / 3], 1000, 800);
    const [wide] = stripSizes(7, [4 / 3], 1000, 800);
    expect(narrow).toBeGreaterThan(wide! * 1.7);
    const rows = stripSizes(3, [4 / 3, 4 / 3, 4 / 3, 4 / 3], 1000, 480);
    expect(rows.reduce((sum, each) => sum + each, 0)).toBeLessThanOrEqual(244);
  });
});
