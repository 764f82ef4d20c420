import * as bulk from "../model/bulk";
import { type AttributeValue, isTimeless, type Label } from "../model/label";
import {
  type AttributeDefinition,
  className,
  classOf,
  effectorName,
  type LabelClass,
} from "../model/schema";
import { say, sayCount, within } from "../words";
import type { EditorSession } from "./session";

/** Walks and widens the selection, and changes everything in it in one step. */
export class Selecting {
  constructor(private readonly session: EditorSession) {}

  /** The selected labels that are the person's own, in the order they were chosen. */
  get ids(): readonly string[] {
    const { session } = this;
    return [...session.snapshot().selected].filter((id) => session.history.timeline.has(id));
  }

  get labels(): readonly Label[] {
    return this.ids.map((id) => this.session.history.timeline.get(id)!);
  }

  private get timed(): readonly Label[] {
    return this.session.snapshot().labels.filter((label) => !isTimeless(label));
  }

  /** The label before or after the selected one; from the playhead when none is selected. */
  neighbour(step: 1 | -1): Label | undefined {
    const { timed } = this;
    const primary = this.session.primary();
    const place = primary ? timed.findIndex((label) => label.id === primary.id) : -1;
    if (place >= 0) return timed[place + step];
    const { grid, transport } = this.session;
    const now = grid.timeOf(grid.frameAt(transport.timeNs));
    if (step > 0) return timed.find((label) => (label.start_ns ?? 0) >= now) ?? timed[0];
    return timed.findLast((label) => (label.start_ns ?? 0) < now) ?? timed.at(-1);
  }

  /** The label that is next when these are gone: the one after, or else the one before. */
  beyond(label: Label, without: ReadonlySet<string>): Label | undefined {
    const { timed } = this;
    const place = timed.findIndex((each) => each.id === label.id);
    const left = (each: Label) => !without.has(each.id);
    return timed.slice(place + 1).find(left) ?? timed.slice(0, Math.max(0, place)).findLast(left);
  }

  walk(step: 1 | -1): boolean {
    const label = this.neighbour(step);
    if (!label) return false;
    this.session.jumpTo(label.id, label.start_ns);
    this.session.announce(this.session.describe(label));
    return true;
  }

  /** Adds the next or previous label to the selection; going back takes the last one out again. */
  widen(step: 1 | -1): boolean {
    const { session } = this;
    const label = this.neighbour(step);
    if (!label) return false;
    const selected = [...session.snapshot().selected];
    const back = selected.at(-2) === label.id;
    session.selectMany(
      back ? selected.slice(0, -1) : [...selected.filter((id) => id !== label.id), label.id],
    );
    if (label.start_ns !== null) {
      session.transport.pause();
      session.seek(label.start_ns);
      session.stage.view?.reveal(label.start_ns);
    }
    this.tell();
    return true;
  }

  /** Every label of the selected one's class; with none selected, or pressed again, all of them. */
  all(): void {
    const { session } = this;
    const primary = session.primary();
    const alike = this.timed.filter((each) => each.label_class === primary?.label_class);
    const selected = session.snapshot().selected;
    const already = alike.every((label) => selected.has(label.id));
    const chosen = !primary || already ? this.timed : alike;
    const others = chosen.filter((label) => label.id !== primary?.id).map((label) => label.id);
    session.selectMany(primary ? [...others, primary.id] : others);
    this.tell();
  }

  /** From the label that was chosen first to this one, in the order of the list. */
  range(to: Label): void {
    const { session, timed } = this;
    const from = [...session.snapshot().selected][0];
    const [a, b] = [from ?? to.id, to.id].map((id) =>
      timed.findIndex((each) => each.id === id),
    ) as [number, number];
    if (a < 0 || b < 0) {
      session.select(to.id, true);
      return;
    }
    const ids = timed.slice(Math.min(a, b), Math.max(a, b) + 1).map((label) => label.id);
    session.selectMany(a <= b ? ids : ids.reverse());
    this.tell();
  }

  private tell(): void {
    const { size } = this.session.snapshot().selected;
    const primary = this.session.primary();
    const count = sayCount(size, "{count} label selected", "{count} labels selected");
    this.session.announce(primary ? `${count}: ${this.session.describe(primary)}` : count);
  }

  // What all of them become.

  setClass(known: LabelClass): void {
    const { session } = this;
    const diff = bulk.setClassOfAll(session.history.timeline, this.ids, known);
    session.perform(say("Change to {class}", { class: within(known.name) }), diff);
  }

  setClassById(classId: string): void {
    const known = classOf(this.session.schema, classId);
    if (known) this.setClass(known);
  }

  setEffector(effector: string): void {
    const { session } = this;
    const timed = this.labels.filter((label) => !isTimeless(label)).map((label) => label.id);
    const diff = bulk.changeAll(session.history.timeline, timed, { effector });
    const name = effector ? effectorName(session.schema, effector) : say("none");
    session.perform(say("Effector: {name}", { name: within(name) }), diff);
  }

  /** `key` is the attribute's id, or its id and what it is for. */
  setAttribute(attribute: AttributeDefinition, key: string, value: AttributeValue): void {
    const { session } = this;
    const { timeline } = session.history;
    const diff = bulk.setAttributeOfAll(timeline, this.ids, key, value, session.schema);
    session.perform(say("Set {attribute}", { attribute: attribute.name }), diff);
  }

  /** More or fewer frames on either side in which the instant may lie. */
  uncertainty(frames: number): void {
    const { session } = this;
    const { periodNs } = session.grid;
    const label = session.primary();
    if (!label) return;
    const now = Math.round(label.uncertainty_ns / periodNs);
    this.setUncertainty(Math.max(0, now + frames));
  }

  setUncertainty(frames: number): void {
    const { session } = this;
    const most = Math.floor(session.durationNs / session.grid.periodNs);
    const kept = Math.min(Math.max(0, Math.round(frames)), most);
    const uncertainty_ns = Math.round(kept * session.grid.periodNs);
    const timed = this.labels.filter((label) => !isTimeless(label)).map((label) => label.id);
    const diff = bulk.changeAll(session.history.timeline, timed, { uncertainty_ns });
    session.perform(
      sayCount(kept, "Uncertain by {count} frame", "Uncertain by {count} frames"),
      diff,
    );
  }

  shift(frames: number): void {
    const { session } = this;
    const { timeline } = session.history;
    const diff = bulk.shift(timeline, new Set(this.ids), frames, session.grid, session.field);
    const name = sayCount(this.ids.length, "Move {count} label", "Move {count} labels");
    if (!session.perform(name, diff)) session.announce(say("No room to move them"));
  }

  /** What the selected labels are, in a few words. */
  get kinds(): string {
    const names = this.labels.map((label) => className(this.session.schema, label.label_class));
    return [...new Set(names)].join(", ");
  }
}
