import { describe, expect, test } from "vitest";
import { VOCABULARY_OF_COMMANDS } from "../../src/chrome/commands";
import type { Catalogue, Sentence } from "../../src/words";
import german from "../../src/words/de.json";
import { readJson } from "../cast";
import { bare, plurals, sentences, sources, unreadable } from "./sources";

const catalogue: Catalogue = german;
const rules = readJson<{ rules: { message: string }[] }>("annotation/labels/rules.json").rules;
const holes = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((hole) => hole[1]).sort();
const forms = (sentence: Sentence) =>
  typeof sentence === "string" ? [sentence] : [sentence.one, sentence.other];

describe("the German catalogue", () => {
  test("has every sentence that the sources say", () => {
    const missing = [...sentences(), ...plurals()]
      .filter(({ text }) => !(text in catalogue))
      .map(({ file, text }) => `${file}: ${text}`);
    expect(missing).toEqual([]);
  });

  test("has every command, every group and every rule", () => {
    const wanted = [...VOCABULARY_OF_COMMANDS, ...rules.map((rule) => rule.message)];
    expect(wanted.filter((text) => !(text in catalogue))).toEqual([]);
  });

  test("loses no placeholder and invents none", () => {
    const wrong = Object.entries(catalogue).flatMap(([text, sentence]) =>
      forms(sentence)
        // "one" may say the number in a word.
        .filter((form) => {
          const [wanted, got] = [holes(text), holes(form)];
          const spare = wanted.filter((hole) => hole !== "count");
          return (
            `${got}` !== `${wanted}` && !(typeof sentence === "object" && `${got}` === `${spare}`)
          );
        })
        .map((form) => `${text} → ${form}`),
    );
    expect(wrong).toEqual([]);
  });

  test("counts in one and in many where the sources do", () => {
    const flat = plurals().filter(({ text }) => typeof catalogue[text] !== "object");
    expect(flat.map(({ file, text }) => `${file}: ${text}`)).toEqual([]);
  });

  test("has nothing that nobody says", () => {
    // A template's values and a sentence's holes are one and the same gap here.
    const gaps = (text: string) => text.replace(/\$\{[\w.\s-]+\}|\{\w+\}/g, "{}");
    const code = sources.map((each) => gaps(each.code)).join("\n");
    const said = new Set([...VOCABULARY_OF_COMMANDS, ...rules.map((rule) => rule.message)]);
    const quoted = (text: string) => [JSON.stringify(gaps(text)), `\`${gaps(text)}\``];
    const stale = Object.keys(catalogue).filter(
      (text) => !said.has(text) && !quoted(text).some((each) => code.includes(each)),
    );
    expect(stale).toEqual([]);
  });

  test("can be checked: sentences are written where they are said", () => {
    expect(unreadable()).toEqual([]);
    expect(sentences().length).toBeGreaterThan(100);
  });

  test("can reach every word that people read", () => {
    expect(bare()).toEqual([]);
  });
});
