import { describe, expect, test } from "vitest";
import { commandTable } from "../../src/chrome/commands";
import { KeyMap, keyText, namesOf } from "../../src/chrome/keys";
import { CORE } from "../cast";

const press = (key: string, code = "", modifiers: Partial<KeyboardEvent> = {}) => ({
  key,
  code,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  shiftKey: false,
  ...modifiers,
});
const commands = commandTable(CORE.classes);
const keys = new KeyMap(commands);
const found = (...args: Parameters<typeof press>) => keys.find(press(...args), null)?.id;

describe("the command table", () => {
  test("gives no key to two commands", () => {
    const all = commands.flatMap((command) => command.keys);
    expect(new Set(all).size).toBe(all.length);
  });

  test("names every command once", () => {
    expect(new Set(commands.map(({ id }) => id)).size).toBe(commands.length);
    expect(new Set(commands.map(({ name }) => name)).size).toBe(commands.length);
  });

  test("has a command for every class of the schema", () => {
    for (const known of CORE.classes) {
      expect(commands.some((command) => command.id === `mark.${known.id}`)).toBe(true);
    }
  });

  test("refuses a schema whose keys are taken", () => {
    const clash = [{ ...CORE.classes[0]!, key: "b" }];
    expect(() => new KeyMap(commandTable(clash))).toThrow(/B is the key of/);
  });
});

describe("key presses", () => {
  test.each([
    [" ", "Space", {}, "play.toggle"],
    ["ArrowLeft", "ArrowLeft", { shiftKey: true }, "step.back10"],
    ["2", "Digit2", {}, "mark.grasp_closed"],
    ["z", "KeyZ", { ctrlKey: true }, "edit.undo"],
    ["Z", "KeyZ", { metaKey: true, shiftKey: true }, "edit.redo"],
    ["?", "Slash", { shiftKey: true }, "editor.help"],
    ["+", "Equal", { shiftKey: true }, "zoom.in"],
    ["+", "BracketRight", {}, "zoom.in"],
    ["!", "Digit1", { shiftKey: true }, "mark.human_contact"],
    ["Enter", "Enter", { ctrlKey: true }, "episode.submit"],
  ])("%j (%s) %o is %s", (key, code, modifiers, id) => {
    expect(found(key, code, modifiers)).toBe(id);
  });

  test("digits go by their place: AZERTY types & where 1 is printed", () => {
    expect(found("&", "Digit1")).toBe("mark.first_contact");
    expect(found("1", "Numpad1")).toBe("mark.first_contact");
  });

  test("letters go by what is printed: Z is undo on QWERTZ as well", () => {
    expect(found("z", "KeyY", { ctrlKey: true })).toBe("edit.undo");
  });

  test("O waits for a second key", () => {
    expect(keys.prefixOf(press("o"))).toBe("O");
    expect(keys.find(press("s"), "O")?.id).toBe("mark.outcome_success");
    expect(keys.under("O")).toHaveLength(10);
  });

  test("modifiers are written in one order", () => {
    expect(namesOf(press("ArrowUp", "", { shiftKey: true, ctrlKey: true }))[0]).toBe(
      "Ctrl+Shift+ArrowUp",
    );
  });

  test.each([
    ["Shift+ArrowLeft", "Shift+←"],
    ["O S", "O then S"],
    ["+", "+"],
    ["Ctrl+Z", "Ctrl+Z"],
  ])("%s is printed %s", (key, text) => expect(keyText(key)).toBe(text));
});
