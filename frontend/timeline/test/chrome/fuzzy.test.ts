import { describe, expect, test } from "vitest";
import { ranked, score } from "../../src/chrome/fuzzy";

const NAMES = [
  "Play or pause",
  "Next label",
  "Next label edge",
  "Previous label",
  "One frame back",
  "Merge with the next segment",
  "Zoom to the selected label",
  "Übergang öffnen",
];
const found = (query: string) => ranked(query, NAMES, (name) => name);

describe("finding a command by what is typed", () => {
  test.each([
    ["merge", "Merge with the next segment"],
    ["nl", "Next label"], // the first letters of its words
    ["nle", "Next label edge"], // … and how one goes on
    ["lab prev", "Previous label"], // words in any order
    ["pau", "Play or pause"],
    ["ubergang", "Übergang öffnen"], // without its accents
    ["zom", "Zoom to the selected label"], // a letter missing
    ["mrege", undefined], // letters in the wrong order are another word
  ])("%j finds %j first", (query, first) => expect(found(query)[0]).toBe(first));

  test("with nothing typed all are there, in their order", () => {
    expect(found("  ")).toEqual(NAMES);
  });

  test("the start of a word is worth more than the middle of one", () => {
    expect(score("back", "One frame back")!).toBeGreaterThan(score("ack", "One frame back")!);
    expect(found("next")).toEqual(["Next label", "Next label edge", "Merge with the next segment"]);
  });

  test("every word must fit somewhere", () => {
    expect(found("next back")).toEqual([]);
  });
});
