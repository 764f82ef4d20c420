import { describe, expect, test } from "vitest";
import {
  completions,
  filled,
  generalised,
  suggestions,
  texts,
  type Wording,
} from "../../src/model/wording";

const names = ["red block", "white square"];
const usual = ["move above the {0}", "lift the {0}", "lower the {0} onto the {1}"];
const missed = ["move above the {0}", "raise the gripper"];
const fresh: Wording = { sequences: [], phrases: usual, vocabulary: [], names };

describe("instructions without their objects", () => {
  test.each([
    ["Lift the Red Block", "Lift the {0}"],
    ["put the red block on the white square", "put the {0} on the {1}"],
    ["lift the red blocks", "lift the red blocks"],
    ["open the gripper", "open the gripper"],
  ])("%s is %s", (text, phrase) => expect(generalised(text, names)).toBe(phrase));

  test("a longer name is looked for first, and signs are no pattern", () => {
    expect(generalised("lift the cup holder", ["cup", "cup holder"])).toBe("lift the {1}");
    expect(generalised("lift the a.c", ["a.c"])).toBe("lift the {0}");
    expect(generalised("lift the abc", ["a.c"])).toBe("lift the abc");
  });

  test("a phrase about a thing that is not there is none", () => {
    expect(filled("lower the {0} onto the {1}", names)).toBe(
      "lower the red block onto the white square",
    );
    expect(filled("hand over the {2}", names)).toBeNull();
  });
});

describe("what comes next", () => {
  test("the task's usual steps, before anything was written", () => {
    expect(suggestions(null, fresh)[0]).toBe("move above the red block");
    expect(suggestions("move above the red block", fresh)[0]).toBe("lift the red block");
  });

  test("what was written is learned from, and the likelier comes first", () => {
    const wording = { ...fresh, sequences: [missed, missed] };
    expect(suggestions("move above the red block", wording).slice(0, 2)).toEqual([
      "raise the gripper",
      "lift the red block",
    ]);
  });

  test("nothing is offered twice", () => {
    const wording = { ...fresh, vocabulary: ["lift the red block", "push the door"] };
    const offered = suggestions(null, wording);
    expect(new Set(offered).size).toBe(offered.length);
    expect(offered).toContain("push the door");
  });
});

describe("naming them all", () => {
  test("an episode as long as the usual one is named as it", () => {
    expect(texts(["", "", ""], fresh)).toEqual([
      "move above the red block",
      "lift the red block",
      "lower the red block onto the white square",
    ]);
  });

  test("an earlier episode of the same length says how it went", () => {
    expect(texts(["", ""], { ...fresh, sequences: [missed] })).toEqual([
      "move above the red block",
      "raise the gripper",
    ]);
  });

  test("what is written stays, and what does not agree with it is not used", () => {
    expect(texts(["reach out", "", ""], fresh)[0]).toBe("reach out");
    expect(texts(["", "lift the red block", ""], fresh)[2]).toBe(
      "lower the red block onto the white square",
    );
  });

  test("without anything to go by nothing is named", () => {
    expect(texts(["", ""], { sequences: [], phrases: [], vocabulary: [], names: [] })).toEqual([
      "",
      "",
    ]);
  });
});

describe("completing what is typed", () => {
  const offered = ["lift the red block", "lower the gripper", "carry the red block"];

  test.each([
    ["", offered],
    ["l", ["lift the red block", "lower the gripper"]],
    ["red", ["lift the red block", "carry the red block"]],
    ["block carry", ["carry the red block"]],
    ["lower the gripper", []],
    ["push", []],
  ])("%j", (typed, found) => expect(completions(typed, offered)).toEqual(found));
});
