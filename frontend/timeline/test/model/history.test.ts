import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Diff } from "../../src/model/diff";
import * as edits from "../../src/model/edits";
import { History } from "../../src/model/history";
import { diffBetween, invert, Timeline } from "../../src/model/timeline";
import { CORE, DURATION, effectors, FRAME, known, label, labelSets, segment, times } from "../cast";

const field: edits.Field = { schema: CORE, durationNs: DURATION, leastNs: FRAME };

type Move = (timeline: Timeline, id: string) => Diff | null;

const pick = fc.nat({ max: 1_000 });
const chosen = (timeline: Timeline, n: number) =>
  timeline.labels[n % Math.max(1, timeline.size)]?.id ?? "";

/** Every kind of edit, aimed at random. */
const moves: fc.Arbitrary<Move> = fc.oneof(
  fc.record({ at: times, hand: effectors }).map<Move>(
    ({ at, hand }) =>
      (_, id) =>
        edits.dropInstant(known("release"), id, at, hand, field),
  ),
  fc
    .record({
      from: times,
      to: times,
      effector: effectors,
      at: fc.constantFrom("instruction", "failure", "recovery"),
    })
    .map<Move>(
      ({ at, ...range }) =>
        (timeline, id) =>
          edits.drawRange(timeline, known(at), id, range, field),
    ),
  fc
    .record({ n: pick, edge: fc.constantFrom("start" as const, "end" as const), to: times })
    .map<Move>(
      ({ n, edge, to }) =>
        (timeline) =>
          edits.moveEdge(timeline, chosen(timeline, n), edge, to, field),
    ),
  fc.record({ n: pick, to: times }).map<Move>(
    ({ n, to }) =>
      (timeline) =>
        edits.moveInstant(timeline, chosen(timeline, n), to, field),
  ),
  fc.record({ n: pick, at: times }).map<Move>(
    ({ n, at }) =>
      (timeline, id) =>
        edits.split(timeline, chosen(timeline, n), at, id, field),
  ),
  pick.map<Move>((n) => (timeline) => edits.mergeWithNext(timeline, chosen(timeline, n))),
  pick.map<Move>((n) => (timeline) => edits.removeLabels(timeline, [chosen(timeline, n)])),
  pick.map<Move>(
    (n) => (timeline) => edits.setAttribute(timeline, chosen(timeline, n), "mode", "drop"),
  ),
  fc
    .constantFrom("outcome_success", "outcome_failure")
    .map<Move>((at) => (timeline, id) => edits.setOutcome(timeline, known(at), id)),
);

function play(history: History, sequence: readonly Move[]): void {
  sequence.forEach((move, i) => {
    const diff = move(history.timeline, `new-${i}`);
    if (diff) history.perform(`step ${i}`, diff);
  });
}

describe("history", () => {
  test("undo all returns the start, redo all returns the end", () => {
    fc.assert(
      fc.property(labelSets, fc.array(moves, { maxLength: 40 }), (labels, sequence) => {
        const start = Timeline.of(labels);
        const history = new History(start);
        play(history, sequence);
        const end = history.timeline;
        while (history.undo() !== null);
        expect(history.timeline.labels).toEqual(start.labels);
        while (history.redo() !== null);
        expect(history.timeline.labels).toEqual(end.labels);
      }),
    );
  });

  test("a gesture is one step, and bailing leaves no trace", () => {
    const start = Timeline.of([segment("a", 0, FRAME * 10)]);
    const history = new History(start);
    history.begin("move the end");
    for (const frame of [11, 12, 13]) {
      history.preview(edits.moveEdge(start, "a", "end", frame * FRAME, field)!);
    }
    expect(history.committed).toBe(start);
    history.commit();
    expect(history.timeline.get("a")?.end_ns).toBe(FRAME * 13);
    expect(history.undo()?.name).toBe("move the end");
    expect(history.timeline.labels).toEqual(start.labels);
    expect(history.undo()).toBeNull();

    history.begin("move the end");
    history.preview(edits.moveEdge(start, "a", "end", FRAME * 20, field)!);
    expect(history.bail()).toBe(true);
    expect(history.timeline.labels).toEqual(start.labels);
    expect(history.redoName).toBe("move the end");
  });

  test("what somebody else changed is not ours to undo", () => {
    const history = new History(Timeline.of([segment("a", 0, FRAME * 10, "lift the block")]));
    history.perform("text", edits.change(history.timeline, "a", { text: "lower the block" })!);
    history.perform("drop", edits.dropInstant(known("slip"), "b", FRAME, "right", field)!);
    const theirs = segment("a", 0, FRAME * 20, "lift the red block");
    history.absorb({ put: [theirs], remove: [] });
    expect(history.undo()?.name).toBe("drop");
    expect(history.undo()).toBeNull();
    expect(history.timeline.labels).toEqual([theirs]);
  });
});

describe("steps kept beside the draft", () => {
  const reopened = (history: History, labels = history.committed.labels) => {
    const again = new History(Timeline.of(labels));
    // As a store gives them back: equal, not the same.
    again.resume(structuredClone(history.kept));
    return again;
  };

  test("after a reload, undo all returns the start and redo all the end", () => {
    fc.assert(
      fc.property(
        labelSets,
        fc.array(moves, { maxLength: 30 }),
        fc.nat({ max: 30 }),
        (labels, sequence, back) => {
          const start = Timeline.of(labels);
          const history = new History(start);
          play(history, sequence);
          const end = history.timeline;
          for (let i = 0; i < back; i += 1) history.undo();
          const again = reopened(history);
          expect(again.undoName).toBe(history.undoName);
          expect(again.redoName).toBe(history.redoName);
          while (again.redo() !== null);
          expect(again.timeline.labels).toEqual(end.labels);
          while (again.undo() !== null);
          expect(again.timeline.labels).toEqual(start.labels);
        },
      ),
    );
  });

  test("what was changed elsewhere meanwhile is as if it had come while the page was open", () => {
    fc.assert(
      fc.property(
        labelSets,
        fc.array(moves, { maxLength: 20 }),
        fc.nat({ max: 20 }),
        fc.array(moves, { maxLength: 5 }),
        (labels, sequence, back, others) => {
          const history = new History(Timeline.of(labels));
          play(history, sequence);
          for (let i = 0; i < back; i += 1) history.undo();
          const kept = history.kept;
          const theirs = new History(history.timeline);
          others.forEach((move, i) => {
            const diff = move(theirs.timeline, `theirs-${i}`);
            if (diff) theirs.perform("elsewhere", diff);
          });
          const again = new History(theirs.timeline);
          again.resume(kept);
          history.absorb(diffBetween(history.timeline, theirs.timeline));
          while (again.undo() !== null);
          while (history.undo() !== null);
          expect(again.timeline.labels).toEqual(history.timeline.labels);
          while (again.redo() !== null);
          while (history.redo() !== null);
          expect(again.timeline.labels).toEqual(history.timeline.labels);
        },
      ),
    );
  });

  test("beyond the limit the oldest half is one step that still leads to the beginning", () => {
    fc.assert(
      fc.property(labelSets, fc.array(moves, { minLength: 20, maxLength: 60 }), (all, sequence) => {
        const start = Timeline.of(all);
        const history = new History(start, () => {}, 30);
        play(history, sequence);
        const end = history.timeline;
        const { steps } = history.kept;
        expect(steps.length).toBeLessThanOrEqual(31);
        while (history.undo() !== null);
        expect(history.timeline.labels).toEqual(start.labels);
        while (history.redo() !== null);
        expect(history.timeline.labels).toEqual(end.labels);
      }),
    );
  });

  test("a settled conflict is a step even where it changes no label", () => {
    const mine = segment("a", 0, FRAME * 10, "mine");
    const history = new History(Timeline.of([mine]));
    const dispute = { id: "a", base: null, theirs: segment("a", 0, FRAME, "theirs") };
    const told: string[] = [];
    history.onTravel = (step, way) => told.push(`${step.settles?.id} ${way}`);
    expect(history.perform("settle", { put: [], remove: [] }, dispute)).toBe(true);
    history.undo();
    history.redo();
    expect(told).toEqual(["a backward", "a forward"]);
    expect(history.timeline.labels).toEqual([mine]);
  });
});

describe("timeline", () => {
  test("stays sorted and equal to one built afresh", () => {
    fc.assert(
      fc.property(labelSets, fc.array(moves, { maxLength: 20 }), (labels, sequence) => {
        const history = new History(Timeline.of(labels));
        play(history, sequence);
        const fresh = Timeline.of([...history.timeline.labels].reverse());
        expect(history.timeline.labels).toEqual(fresh.labels);
      }),
    );
  });

  test("a diff between two timelines takes one to the other, its inverse back", () => {
    fc.assert(
      fc.property(labelSets, labelSets, (a, b) => {
        const [from, to] = [Timeline.of(a), Timeline.of(b)];
        const diff = diffBetween(from, to);
        expect(from.apply(diff).labels).toEqual(to.labels);
        expect(to.apply(invert(diff, from)).labels).toEqual(from.labels);
      }),
    );
  });

  test("walks outcomes last", () => {
    const timeline = Timeline.of([
      label("o", "outcome_success"),
      segment("a", FRAME, FRAME * 2),
      label("i", "slip", { start_ns: 0 }),
    ]);
    expect(timeline.labels.map((each) => each.id)).toEqual(["i", "a", "o"]);
  });
});
