import { beforeEach, describe, expect, test } from "vitest";
import { Arrangements } from "../../src/chrome/arrangements";
import { type PreferencePatch, type Preferences, patched } from "../../src/net/preferences";

/** Ada's preferences, wherever she sits. */
let values: Preferences;
let patches: PreferencePatch[];
let browser: Map<string, string>;
let clock: number;

const keeper = {
  get values() {
    return values;
  },
  keep(patch: PreferencePatch) {
    patches.push(patch);
    values = patched(values, patch);
  },
};
const open = () =>
  new Arrangements(keeper, 7, { getItem: (key) => browser.get(key) ?? null }, () => clock);

beforeEach(() => {
  values = patched({}, {});
  patches = [];
  browser = new Map();
  clock = 1_000_000;
});

describe("arrangements", () => {
  test("are there again on another machine, by kind of robot", () => {
    open().setItem("lanes.so101", '{"hidden":["joints"]}');
    expect(values.arrangements).toEqual({
      "lanes.so101": { at: 1000, of: { hidden: ["joints"] } },
    });
    expect(open().getItem("lanes.so101")).toBe('{"hidden":["joints"]}');
    expect(open().getItem("lanes.g1")).toBeNull();
  });

  test("begin with what this browser kept before there was a place for it", () => {
    browser.set("touchline.cameras.7.unitree.g1.front+side", '{"mode":"grid"}');
    browser.set("touchline.cameras.8.unitree.g1.front+side", '{"mode":"large"}');
    const mine = open();
    expect(mine.getItem("cameras.unitree.g1.front+side")).toBe('{"mode":"grid"}');
    mine.setItem("cameras.unitree.g1.front+side", '{"mode":"large"}');
    expect(mine.getItem("cameras.unitree.g1.front+side")).toBe('{"mode":"large"}');
  });

  test("make room for new ones: those not used for longest go", () => {
    const mine = open();
    for (let robot = 0; robot < 30; robot += 1) {
      clock += 1000;
      mine.setItem(`lanes.robot${robot}`, "{}");
    }
    const kept = Object.keys(values.arrangements);
    expect(kept).toHaveLength(24);
    expect(kept).toContain("lanes.robot29");
    expect(kept).not.toContain("lanes.robot5");
    expect(kept).toContain("lanes.robot6");
  });
});
