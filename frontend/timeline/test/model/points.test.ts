import { expect, test } from "vitest";
import { camerasOf, formatPoint, parsePoint, pointIn, pointKey } from "../../src/model/points";
import { label } from "../cast";

test("a point is whole pixels, and comes back as it was written", () => {
  expect(formatPoint({ x: 312.9, y: 200.1 })).toBe("312,200");
  expect(parsePoint("312,200")).toEqual({ x: 312, y: 200 });
});

test.each(["", "3", "3,", "-1,4", "1.5,2", "1, 2", "a,b", null, 7, true])(
  "%j is no point",
  (value) => {
    expect(parsePoint(value)).toBeNull();
  },
);

test("a label has a point in some cameras", () => {
  const attributes = { [pointKey("front")]: "3,4", [pointKey("wrist")]: "no", mode: "drop" };
  const marked = label("a", "first_contact", { attributes });
  expect(pointIn(marked, "front")).toEqual({ x: 3, y: 4 });
  expect(pointIn(marked, "side")).toBeNull();
  expect(camerasOf(marked)).toEqual(["front"]);
});
