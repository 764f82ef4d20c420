import { describe, expect, test } from "vitest";
import { bound } from "../../src/chrome/bindings";
import { commandTable } from "../../src/chrome/commands";
import { KeyMap } from "../../src/chrome/keys";
import { type Layout, layoutOf } from "../../src/chrome/layouts";
import { CORE } from "../cast";

const table = commandTable(CORE.classes);
const maps = Object.fromEntries(
  (["qwerty", "qwertz", "azerty"] as const).map((layout) => [
    layout,
    new KeyMap(bound(table, {}, layout)),
  ]),
) as Record<Layout, KeyMap>;

type Modifiers = { shift?: true; ctrl?: true; alt?: true; altGraph?: true };

const press = (key: string, code: string, held: Modifiers = {}) => ({
  key,
  code,
  ctrlKey: held.ctrl ?? false,
  metaKey: false,
  altKey: held.alt ?? false,
  shiftKey: held.shift ?? false,
  getModifierState: (name: string) => name === "AltGraph" && (held.altGraph ?? false),
});

// What Chromium reports for each key on the three keyboards, as recorded from them.
const SHIFT = { shift: true } as const;
// On Windows AltGr comes as Ctrl and Alt as well, elsewhere alone.
const ALTGR = { altGraph: true } as const;
const ALTGR_WINDOWS = { altGraph: true, ctrl: true, alt: true } as const;
const CASES: [Layout, string, string, Modifiers, string][] = [
  ["qwerty", "1", "Digit1", {}, "mark.first_contact"],
  ["qwerty", "6", "Digit6", {}, "mark.slip"],
  ["qwerty", "!", "Digit1", SHIFT, "mark.human_contact"],
  ["qwerty", "[", "BracketLeft", {}, "mark.start"],
  ["qwerty", "]", "BracketRight", {}, "mark.end"],
  ["qwerty", ".", "Period", {}, "label.next"],
  ["qwerty", ",", "Comma", {}, "label.previous"],
  ["qwerty", "+", "Equal", SHIFT, "zoom.in"],
  ["qwerty", "-", "Minus", {}, "zoom.out"],
  ["qwerty", "?", "Slash", SHIFT, "editor.help"],
  ["qwerty", "q", "KeyQ", {}, "mark.instruction"],
  ["qwerty", "z", "KeyZ", { ctrl: true }, "edit.undo"],

  ["qwertz", "1", "Digit1", {}, "mark.first_contact"],
  ["qwertz", "!", "Digit1", SHIFT, "mark.human_contact"],
  ["qwertz", "ö", "Semicolon", {}, "mark.start"],
  ["qwertz", "ä", "Quote", {}, "mark.end"],
  ["qwertz", "[", "Digit8", ALTGR, "mark.start"],
  ["qwertz", "[", "Digit8", ALTGR_WINDOWS, "mark.start"],
  ["qwertz", "]", "Digit9", ALTGR_WINDOWS, "mark.end"],
  ["qwertz", "[", "Digit5", { alt: true }, "mark.start"], // a Mac's Option
  ["qwertz", ".", "Period", {}, "label.next"],
  ["qwertz", ",", "Comma", {}, "label.previous"],
  ["qwertz", "+", "BracketRight", {}, "zoom.in"],
  ["qwertz", "-", "Slash", {}, "zoom.out"],
  ["qwertz", "?", "Minus", SHIFT, "editor.help"],
  ["qwertz", "z", "KeyY", { ctrl: true }, "edit.undo"],
  ["qwertz", "y", "KeyZ", { ctrl: true }, "edit.redo"],

  ["azerty", "&", "Digit1", {}, "mark.first_contact"],
  ["azerty", "-", "Digit6", {}, "mark.slip"],
  ["azerty", "1", "Digit1", SHIFT, "mark.human_contact"],
  ["azerty", "à", "Digit0", {}, "zoom.fit"],
  ["azerty", "ù", "Quote", {}, "mark.start"],
  ["azerty", "*", "Backslash", {}, "mark.end"],
  ["azerty", "[", "Digit5", ALTGR_WINDOWS, "mark.start"],
  ["azerty", "]", "Minus", ALTGR, "mark.end"],
  ["azerty", ";", "Comma", {}, "label.next"],
  ["azerty", ".", "Comma", SHIFT, "label.next"],
  ["azerty", ",", "KeyM", {}, "label.previous"],
  ["azerty", "+", "Equal", SHIFT, "zoom.in"],
  ["azerty", "=", "Equal", {}, "zoom.in"],
  ["azerty", ")", "Minus", {}, "zoom.out"],
  ["azerty", "-", "NumpadSubtract", {}, "zoom.out"],
  ["azerty", ")", "Minus", { alt: true }, "picture.further"],
  ["azerty", "=", "Equal", { alt: true }, "picture.closer"],
  ["azerty", "?", "KeyM", SHIFT, "editor.help"],
  ["azerty", "m", "Semicolon", {}, "mark.merge"],
  ["azerty", "q", "KeyA", {}, "mark.instruction"],
  ["azerty", "z", "KeyW", { ctrl: true }, "edit.undo"],
];

describe("three keyboards", () => {
  test.each(CASES)("%s: %j (%s) %o is %s", (layout, key, code, held, id) =>
    expect(maps[layout].find(press(key, code, held), null)?.id).toBe(id),
  );

  test("each shows first what it can type without AltGr", () => {
    const first = (layout: Layout, id: string) =>
      bound(table, {}, layout).find((each) => each.id === id)?.keys[0];
    expect(first("qwerty", "mark.start")).toBe("[");
    expect(first("qwertz", "mark.start")).toBe("Ö");
    expect(first("azerty", "mark.start")).toBe("Ù");
    expect(first("azerty", "zoom.in")).toBe("=");
    expect(first("azerty", "zoom.out")).toBe(")");
  });

  test("every digit of the row marks on each of them", () => {
    const rows: Record<Layout, string> = {
      qwerty: "123456789",
      qwertz: "123456789",
      azerty: "&é\"'(-è_ç",
    };
    for (const [layout, row] of Object.entries(rows) as [Layout, string][]) {
      const found = [...row].map(
        (key, i) => maps[layout].find(press(key, `Digit${i + 1}`), null)?.id,
      );
      expect(found).toEqual(
        [..."123456789"].map((key) => `mark.${CORE.classes.find((each) => each.key === key)?.id}`),
      );
    }
  });

  test("letters go by their place where no Latin one is printed", () => {
    expect(maps.qwerty.find(press("й", "KeyQ"), null)?.id).toBe("mark.instruction");
    expect(maps.qwerty.find(press("я", "KeyZ", { ctrl: true }), null)?.id).toBe("edit.undo");
    expect(maps.qwerty.find(press("ñ", "Semicolon"), null)).toBeUndefined();
  });

  test.each([
    ["KeyQ", "a", "azerty"],
    ["KeyA", "Q", "azerty"],
    ["KeyY", "z", "qwertz"],
    ["KeyZ", "y", "qwertz"],
    ["KeyQ", "q", "qwerty"],
    ["KeyY", "y", "qwerty"],
    ["KeyW", "w", null],
    ["Digit1", "&", null],
  ])("%s typing %s gives away %s", (code, key, layout) => {
    expect(layoutOf({ code, key })).toBe(layout);
  });
});
