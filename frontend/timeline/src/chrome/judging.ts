import { goalAttribute, goalKey } from "../model/attributes";
import * as edits from "../model/edits";
import { CONSTANTS } from "../model/findings";
import type { AttributeValue, Label } from "../model/label";
import { type AttributeDefinition, classOf, type LabelClass } from "../model/schema";
import { say, within } from "../words";
import type { EditorSession } from "./session";

const newId = () => crypto.randomUUID();

/** The outcome with the task's goals, and the tags: what is said of the whole episode. */
export class Judging {
  constructor(private readonly session: EditorSession) {}

  get chosen(): Label | undefined {
    return this.session.history.timeline.outcome();
  }

  /** One outcome a set. What it says of every goal by itself needs no further key. */
  outcome(known: LabelClass): void {
    const { session } = this;
    const { timeline } = session.history;
    const diff = edits.setOutcome(timeline, known, newId());
    const put = (diff?.put ?? []).map((label) => ({
      ...label,
      attributes: { ...this.carried(known), ...this.implied(known) },
    }));
    const filled = diff && { put, remove: diff.remove };
    session.perform(say("Outcome: {class}", { class: within(known.name) }), filled);
  }

  /** All goals met, or none of them: an outcome that says so has answered them. */
  private implied(known: LabelClass): Label["attributes"] {
    const asked = goalAttribute(known);
    const answer = { all: CONSTANTS.goal_met, none: CONSTANTS.goal_not_met }[
      known.goals as "all" | "none"
    ];
    if (!asked || !answer) return {};
    const { goals } = this.session.task;
    return Object.fromEntries(goals.map((goal) => [goalKey(asked, goal.id), answer]));
  }

  /** What the outcome before said and the new one can say too, unless goals now mean the opposite. */
  private carried(known: LabelClass): Label["attributes"] {
    const before = this.chosen;
    const was = before && classOf(this.session.schema, before.label_class);
    if (!before || !was) return {};
    const kept = edits.keptAttributes(before.attributes, known);
    const goal = goalAttribute(known);
    // After "all" or "none" the answers were implied, not looked at.
    if (!goal || was.goals === "some") return kept;
    return Object.fromEntries(
      Object.entries(kept).filter(([key]) => !key.startsWith(`${goal.id}.`)),
    );
  }

  /** The answer to the goal at this place; the next one when none is given. */
  goal(place: number, answer?: string): void {
    const { session } = this;
    const outcome = this.chosen;
    const known = outcome && classOf(session.schema, outcome.label_class);
    const asked = goalAttribute(known);
    const goal = session.task.goals[place];
    if (!outcome || !asked || !goal) {
      session.announce(goal ? say("Choose an outcome first") : say("The task has no such goal"));
      return;
    }
    const key = goalKey(asked, goal.id);
    const answers = asked.choices.map((choice) => choice.id);
    const now = answers.indexOf(String(outcome.attributes[key] ?? ""));
    const value = answer ?? answers[(now + 1) % answers.length] ?? "";
    const said = asked.choices.find((choice) => choice.id === value)?.name ?? value;
    const diff = edits.setAttribute(session.history.timeline, outcome.id, key, value);
    session.perform(say("{goal}: {answer}", { goal: goal.text, answer: within(said) }), diff);
  }

  /** Something the outcome says beside its class. */
  attribute(
    label: Label,
    attribute: AttributeDefinition,
    key: string,
    value: AttributeValue,
  ): void {
    const { session } = this;
    const diff = edits.setAttribute(session.history.timeline, label.id, key, value);
    session.perform(say("Set {attribute}", { attribute: attribute.name }), diff);
  }

  tagged(known: LabelClass): Label | undefined {
    const { labels } = this.session.history.timeline;
    return labels.find((label) => label.label_class === known.id);
  }

  tag(known: LabelClass): void {
    const { session } = this;
    const label = this.tagged(known);
    const name = { class: within(known.name) };
    if (label) {
      const diff = edits.removeLabels(session.history.timeline, [label.id]);
      session.perform(say("No tag: {class}", name), diff);
      return;
    }
    const put = [edits.newLabel(newId(), known)];
    session.perform(say("Tag: {class}", name), { put, remove: [] });
  }
}
