import { afterEach, describe, expect, test } from "vitest";
import { language, languageFor, reworded, say, sayCount, speak, translated } from "../../src/words";

afterEach(() => speak("en"));

describe("words", () => {
  test("are English until another language is loaded", () => {
    expect(say("Saved")).toBe("Saved");
    expect(sayCount(1, "{count} change", "{count} changes")).toBe("1 change");
    expect(sayCount(0, "{count} change", "{count} changes")).toBe("0 changes");
  });

  test("come from the catalogue of the language", async () => {
    expect(await speak("de-AT")).toBe("de");
    expect(language()).toBe("de");
    expect(say("Saved")).toBe("Gespeichert");
    expect(sayCount(1, "{count} change", "{count} changes")).toBe("1 Änderung");
    expect(sayCount(3, "{count} change", "{count} changes")).toBe("3 Änderungen");
  });

  test("fall back to English, sentence by sentence", async () => {
    await speak("de");
    expect(translated("a class of the project")).toBe("a class of the project");
    await speak("tlh");
    expect(say("Saved")).toBe("Saved");
  });

  test.each([
    ["de", "de"],
    ["DE-ch", "de"],
    ["en-GB", "en"],
    ["", "en"],
    ["constructor", "en"],
  ])("%j is answered in %s", (wish, got) => expect(languageFor(wish)).toBe(got));

  test("fill each hole once, with the value as it is", () => {
    expect(say("Undo: {name}", { name: "{name} and {count}" })).toBe("Undo: {name} and {count}");
    expect(sayCount(2, "{count} of {all}", "{count} of {all}", { all: 5 })).toBe("2 of 5");
  });

  test("find the like of a sentence that was finished elsewhere", async () => {
    await speak("de");
    expect(reworded("There are 7 labels; a set holds 5 at most.")).toBe(
      "Es sind 7 Labels; höchstens 5 gehen in einen Satz.",
    );
    expect(reworded("The video decoder is stuck.")).toBe("Der Video-Decoder steckt fest.");
    expect(reworded("Something that nobody wrote down (7).")).toBe(
      "Something that nobody wrote down (7).",
    );
  });

  test("do not compile with a value too few", () => {
    // @ts-expect-error The hole has no value.
    expect(say("Undo: {name}")).toBe("Undo: {name}");
    // @ts-expect-error There is no such hole.
    expect(say("Undo", { name: "x" })).toBe("Undo");
  });
});
