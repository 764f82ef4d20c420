import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bound, clashes, isBindable, isReserved } from "../../src/chrome/bindings";
import { commandTable } from "../../src/chrome/commands";
import { KeyMap } from "../../src/chrome/keys";
import { CORE } from "../cast";

const table = commandTable(CORE.classes);
const keysOf = (id: string, own: Record<string, string[]>) =>
  bound(table, own, "qwerty").find((command) => command.id === id)?.keys;

describe("a person's own keys", () => {
  test("replace those that the command came with", () => {
    const map = new KeyMap(bound(table, { "play.toggle": ["F13", "Pad1"] }, "qwerty"));
    expect(map.named(["F13"], null)?.id).toBe("play.toggle");
    expect(map.named(["Pad1"], null)?.id).toBe("play.toggle");
    expect(map.named(["Space"], null)).toBeUndefined();
  });

  test("may be none at all", () => {
    expect(keysOf("mark.merge", { "mark.merge": [] })).toEqual([]);
  });

  test("win over another command's, which keeps its other keys", () => {
    const own = { "mark.merge": ["="] };
    expect(keysOf("mark.merge", own)).toEqual(["="]);
    expect(keysOf("zoom.in", own)).toEqual(["+"]);
  });

  test("win over a first key of two: what began with it can be chosen by hand only", () => {
    const own = { "mark.merge": ["O"] };
    expect(keysOf("mark.outcome_success", own)).toEqual([]);
    expect(new KeyMap(bound(table, own, "qwerty")).prefixOf(press("o"))).toBeUndefined();
  });

  test("win over what a keyboard would add", () => {
    const ö = bound(table, { "mark.merge": ["Ö"] }, "qwertz");
    expect(ö.find((command) => command.id === "mark.start")?.keys).toEqual(["["]);
  });

  test("of a class that this schema does not have are let lie", () => {
    expect(bound(table, { "mark.nobody": ["F13"] }, "qwerty")).toEqual(bound(table, {}, "qwerty"));
  });

  test("never break the map, whatever they are", () => {
    const ids = fc.constantFrom(...table.map((command) => command.id), "mark.nobody");
    const keys = fc.constantFrom(
      "A",
      "O",
      "O S",
      "O O",
      "Space",
      "Ctrl+Z",
      "F13",
      "Pad1",
      "Ö",
      "=",
    );
    const owns = fc.dictionary(ids, fc.array(keys, { maxLength: 3 }), { maxKeys: 12 });
    const layouts = fc.constantFrom("qwerty" as const, "qwertz" as const, "azerty" as const);
    fc.assert(
      fc.property(owns, layouts, (own, layout) => {
        expect(() => new KeyMap(bound(table, own, layout))).not.toThrow();
      }),
    );
  });
});

describe("a key that is wanted", () => {
  const clash = (id: string, key: string) =>
    clashes(table, id, key).map(({ command }) => command.id);

  test.each([
    ["M", ["mark.merge"]],
    ["O S", ["mark.outcome_success"]],
    ["M X", ["mark.merge"]],
    ["F24", []],
    ["Space", []],
  ])("%s is taken by %j", (key, ids) => expect(clash("play.toggle", key)).toEqual(ids));

  test("that begins others is taken by all of them", () => {
    expect(clash("play.toggle", "O")).toHaveLength(10);
  });

  test.each(["Ctrl+W", "Ctrl+T", "F5", "Escape", "Tab", "Ctrl+1"])("%s is the browser's", (key) =>
    expect(isReserved(key)).toBe(true),
  );

  test.each(["F13", "F24", "MediaPlayPause", "AudioVolumeUp", "Pad12", "Ctrl+K", "Ö"])(
    "%s can be had",
    (key) => expect([isReserved(key), isBindable(key)]).toEqual([false, true]),
  );

  test.each(["Shift", "Control", "Dead", "AltGraph"])("%s alone cannot", (key) =>
    expect(isBindable(key)).toBe(false),
  );
});

function press(key: string) {
  return { key, code: "", ctrlKey: false, metaKey: false, altKey: false, shiftKey: false };
}
