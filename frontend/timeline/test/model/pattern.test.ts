import { describe, expect, test } from "vitest";
import { expectedClass } from "../../src/model/expected";
import { FrameGrid } from "../../src/model/frames";
import { type Pattern, transferred } from "../../src/model/pattern";
import { Timeline } from "../../src/model/timeline";
import { CORE, CORE_2, DURATION, FRAME, label, segment } from "../cast";

const s = 1_000_000_000;
const onto = {
  schema: CORE_2,
  grid: FrameGrid.fromRate([50, 1], DURATION),
  durationNs: DURATION,
  candidates: [],
  reachNs: 100_000_000,
};
const ids = () => {
  let next = 0;
  return () => {
    next += 1;
    return `new-${next}`;
  };
};
const second = (id: string, labelClass: string, values: object) => ({
  ...label(id, "slip"),
  label_class: labelClass,
  ...values,
});
const pattern: Pattern = {
  durationNs: DURATION / 2,
  labels: [
    segment("a", 0, s, "lift the block"),
    segment("b", s, DURATION / 2, "carry the block"),
    label("c", "grasp_closed", {
      start_ns: s,
      effector: "right",
      attributes: { object: "block", "point.front": "10,20" },
    }),
    label("d", "failure", {
      start_ns: s,
      end_ns: 2 * s,
      attributes: { mode: "drop", detected: 1.5 * s },
    }),
    label("e", "outcome_success"),
    second("f", "tag_light", { kind: "tag" }),
  ],
};

describe("another episode's pattern", () => {
  test("is scaled, on frames, and a boundary stays shared", () => {
    const made = transferred(pattern, Timeline.empty, onto, ids());
    const [a, b] = made.filter((each) => each.kind === "segment");
    expect([a?.start_ns, a?.end_ns, b?.start_ns, b?.end_ns]).toEqual([0, 2 * s, 2 * s, DURATION]);
    expect(a?.text).toBe("lift the block");
    expect(made.every((each) => each.source === "proposal")).toBe(true);
    expect(made.every((each) => each.start_ns! % FRAME === 0)).toBe(true);
  });

  test("leaves outcome, tags and contact points where they belong", () => {
    const made = transferred(pattern, Timeline.empty, onto, ids());
    expect(made.map((each) => each.label_class).sort()).toEqual([
      "failure",
      "grasp_closed",
      "instruction",
      "instruction",
    ]);
    const grasp = made.find((each) => each.label_class === "grasp_closed");
    expect(grasp?.attributes).toEqual({ object: "block" });
  });

  test("takes the times inside labels along", () => {
    const made = transferred(pattern, Timeline.empty, onto, ids());
    const failure = made.find((each) => each.label_class === "failure");
    expect(failure?.attributes).toEqual({ mode: "drop", detected: 3 * s });
  });

  test("is drawn to what this episode's own signals tell of", () => {
    const candidates = [{ at: 2 * s + 3 * FRAME, kind: "closing_ends" as const }];
    const made = transferred(pattern, Timeline.empty, { ...onto, candidates }, ids());
    expect(made.find((each) => each.label_class === "grasp_closed")?.start_ns).toBe(
      2 * s + 3 * FRAME,
    );
  });

  test("does not touch a track that has labels already", () => {
    const own = Timeline.of([segment("mine", 0, s)]);
    const made = transferred(pattern, own, onto, ids());
    expect(made.some((each) => each.label_class === "instruction")).toBe(false);
    expect(made.some((each) => each.label_class === "grasp_closed")).toBe(true);
  });
});

describe("the contact that comes next", () => {
  const following = (...labels: ReturnType<typeof label>[]) =>
    expectedClass(Timeline.of(labels).labels, CORE_2, 5 * s, "right")?.id;

  test("begins with the first contact and follows the schema", () => {
    expect(following()).toBe("first_contact");
    expect(following(label("a", "first_contact", { start_ns: s, effector: "right" }))).toBe(
      "grasp_closed",
    );
    expect(following(label("a", "slip", { start_ns: s, effector: "right" }))).toBe("regrasp");
  });

  test("looks at the playhead and at the hand", () => {
    expect(following(label("a", "lift_off", { start_ns: 6 * s, effector: "right" }))).toBe(
      "first_contact",
    );
    expect(following(label("a", "lift_off", { start_ns: s, effector: "left" }))).toBe(
      "first_contact",
    );
  });

  test("is nothing where the schema says nothing", () => {
    expect(expectedClass([], CORE, s, "right")).toBeNull();
  });
});
