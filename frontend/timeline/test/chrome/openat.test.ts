import { describe, expect, test } from "vitest";
import { openAt } from "../../src/chrome/openat";

describe("a link into an episode", () => {
  test.each([
    ["?at=1.68", 1_680_000_000],
    ["?camera=front&at=0.000000001", 1],
    ["?at=7", 7_000_000_000],
    ["?at=99", 8_000_000_000],
  ])("%s opens at %d ns", (search, ns) => {
    expect(openAt(search, 8_000_000_000)).toBe(ns);
  });

  test.each(["", "?at=", "?at=-1", "?at=1e3", "?at=x", "?at=1.2.3", "?at=Infinity"])(
    "%s opens at the beginning",
    (search) => {
      expect(openAt(search, 8_000_000_000)).toBeNull();
    },
  );
});
