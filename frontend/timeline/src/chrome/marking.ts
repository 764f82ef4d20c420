import * as edits from "../model/edits";
import { isRange, type Label } from "../model/label";
import { className, classOf, effectorName, type LabelClass } from "../model/schema";
import { formatSeconds, type Ns } from "../model/time";
import type { EditorSession } from "./session";

/** What commands do to labels: each takes the playhead or the selection and makes one step. */
export class Marking {
  constructor(private readonly session: EditorSession) {}

  /** The frame on the screen: a mark lies exactly on it. */
  private get at(): Ns {
    const { grid, transport } = this.session;
    return grid.timeOf(grid.frameAt(transport.timeNs));
  }

  /** A boundary at the playhead; on the last frame that is the end of the episode. */
  private get boundary(): Ns {
    const { grid, durationNs } = this.session;
    return this.at === grid.timeOf(grid.count - 1) ? durationNs : this.at;
  }

  private name(known: LabelClass): string {
    return known.name.toLowerCase();
  }

  instant(known: LabelClass): void {
    const { session } = this;
    const id = crypto.randomUUID();
    const diff = edits.dropInstant(known, id, this.at, session.snapshot().effector, session.field);
    const where = `at ${formatSeconds(this.at)} s`;
    session.perform(`Mark ${this.name(known)} ${where}`, diff, id);
  }

  outcome(known: LabelClass): void {
    const { session } = this;
    const diff = edits.setOutcome(session.history.timeline, known, crypto.randomUUID());
    session.perform(`Outcome: ${this.name(known)}`, diff);
  }

  /** Starts a range at the playhead; a second press, or letting the key go further on, ends it. */
  drawStart(known: LabelClass): void {
    const { session } = this;
    const { drawing } = session.snapshot();
    if (drawing?.labelClass === known.id) {
      this.drawEnd(known, true);
      return;
    }
    const fromNs = this.endOfFailure(known) ?? this.at;
    session.set({ drawing: { labelClass: known.id, fromNs } });
    session.announce(`Drawing ${this.name(known)} from ${formatSeconds(fromNs)} seconds`);
  }

  /** A recovery begins where the failure that is selected has ended. */
  private endOfFailure(known: LabelClass): Ns | null {
    const label = this.session.primary();
    if (!known.follows || label?.label_class !== known.follows || label.end_ns === null)
      return null;
    return label.end_ns <= this.at ? label.end_ns : null;
  }

  /**
   * What was just drawn asks for its text or for what it must have, at once. Only while paused:
   * during playback the hands stay on the keys that mark.
   */
  private ask(known: LabelClass, id: string): void {
    const { session } = this;
    const required = known.attributes.some((attribute) => attribute.required);
    if (session.transport.playing || !(known.requires_text || required)) return;
    session.edit(id);
  }

  drawEnd(known: LabelClass, pressedAgain = false): void {
    const { session } = this;
    const { drawing } = session.snapshot();
    if (drawing?.labelClass !== known.id) return;
    // Let go where it was pressed: drawing goes on, so that nobody has to hold a key.
    if (!pressedAgain && this.at === drawing.fromNs) return;
    session.set({ drawing: null });
    const effector = known.requires_effector ? session.snapshot().effector : "";
    const range = { from: drawing.fromNs, to: this.boundary, effector };
    const id = crypto.randomUUID();
    const { timeline } = session.history;
    const diff = edits.drawRange(timeline, known, id, range, session.field);
    if (session.perform(`Draw ${this.name(known)}`, diff, id)) this.ask(known, id);
    else session.announce(`No room for ${this.name(known)} there`);
  }

  /** True when something was being drawn. */
  drawBail(): boolean {
    if (!this.session.snapshot().drawing) return false;
    this.session.set({ drawing: null });
    this.session.announce("Drawing cancelled");
    return true;
  }

  /** A boundary here: cuts the range under the playhead, or closes the gap up to it. */
  split(): void {
    const { session } = this;
    const { timeline } = session.history;
    const target = this.rangeAtPlayhead();
    const id = crypto.randomUUID();
    if (target) {
      const diff = edits.split(timeline, target.id, this.at, id, session.field);
      session.perform(
        `Split ${className(session.schema, target.label_class).toLowerCase()}`,
        diff,
        id,
      );
      return;
    }
    const known = session.schema.classes.find((each) => each.kind === "segment");
    if (!known) return;
    const effector = known.requires_effector ? session.snapshot().effector : "";
    const before = timeline.track(known.id, effector).filter((each) => each.end_ns <= this.at);
    const from = Math.max(0, ...before.map((each) => each.end_ns));
    const range = { from, to: this.boundary, effector };
    const diff = edits.drawRange(timeline, known, id, range, session.field);
    const name = `Close ${this.name(known)} at ${formatSeconds(this.at)} s`;
    if (session.perform(name, diff, id)) this.ask(known, id);
  }

  /** The selected range when the playhead is inside it, or else a segment that is. */
  private rangeAtPlayhead(): Label | undefined {
    const { session } = this;
    const inside = (label: Label) =>
      isRange(label) && label.start_ns <= this.at && this.at < label.end_ns;
    const primary = session.primary();
    if (primary && inside(primary) && session.history.timeline.has(primary.id)) return primary;
    return session.history.timeline.labels.find(
      (label) => label.kind === "segment" && inside(label),
    );
  }

  merge(): void {
    const { session } = this;
    const primary = session.primary();
    const label = primary && isRange(primary) ? primary : this.rangeAtPlayhead();
    if (!label) return;
    const diff = edits.mergeWithNext(session.history.timeline, label.id);
    if (!session.perform("Merge with the next", diff, label.id))
      session.announce("Nothing to merge with");
  }

  /** Puts an edge of the selection, or a selected instant, at the playhead. */
  setEdge(edge: edits.Edge): void {
    const { session } = this;
    const label = session.primary();
    if (!label) return;
    const { timeline } = session.history;
    if (label.kind === "instant") {
      this.move(label.id, this.at);
      return;
    }
    const to = edge === "end" ? this.boundary : this.at;
    const diff = edits.moveEdge(timeline, label.id, edge, to, session.field);
    session.perform(`Set the ${edge} to ${formatSeconds(to)} s`, diff);
  }

  /** Moves a selected instant, or the edge nearest to the playhead, by whole frames. */
  nudge(frames: number): void {
    const { session } = this;
    const label = session.primary();
    if (!label || label.start_ns === null) return;
    const { grid } = session;
    if (label.kind === "instant") {
      this.move(label.id, grid.step(label.start_ns, frames));
    } else if (isRange(label)) {
      const nearStart =
        Math.abs(this.at - label.start_ns) <= Math.abs(this.boundary - label.end_ns);
      const edge = nearStart ? "start" : "end";
      const to = grid.step(nearStart ? label.start_ns : label.end_ns, frames, true);
      this.setTime(label.id, edge, to);
      session.seek(Math.min(to, session.durationNs - 1));
      return;
    }
    const moved = session.find(label.id);
    if (moved?.start_ns != null) session.seek(moved.start_ns);
  }

  private move(id: string, to: Ns): void {
    const { session } = this;
    const diff = edits.moveInstant(session.history.timeline, id, to, session.field);
    session.perform(`Move to ${formatSeconds(to)} s`, diff);
  }

  setTime(id: string, edge: edits.Edge, to: Ns): void {
    const { session } = this;
    const label = session.history.timeline.get(id);
    if (label?.kind === "instant") {
      this.move(id, to);
      return;
    }
    const diff = edits.moveEdge(session.history.timeline, id, edge, to, session.field);
    session.perform(`Set the ${edge} to ${formatSeconds(to)} s`, diff);
  }

  setClass(id: string, classId: string): void {
    const { session } = this;
    const known = classOf(session.schema, classId);
    if (!known) return;
    const diff = edits.setClass(session.history.timeline, id, known);
    session.perform(`Change to ${this.name(known)}`, diff);
  }

  setText(id: string, text: string): void {
    const diff = edits.change(this.session.history.timeline, id, { text });
    this.session.perform("Edit the text", diff);
  }

  setEffector(id: string, effector: string): void {
    const name = effector ? effectorName(this.session.schema, effector) : "none";
    const diff = edits.change(this.session.history.timeline, id, { effector });
    this.session.perform(`Effector: ${name.toLowerCase()}`, diff);
  }

  setAttribute(id: string, attribute: string, value: string | number | boolean | null): void {
    const diff = edits.setAttribute(this.session.history.timeline, id, attribute, value);
    this.session.perform(`Set ${attribute}`, diff);
  }

  /** The next effector: of the selected label, and for marks to come. */
  cycleEffector(): void {
    const { session } = this;
    const ids = session.schema.effectors.map((effector) => effector.id);
    const primary = session.primary();
    const own = primary && session.history.timeline.has(primary.id) ? primary : null;
    const current = own?.effector || session.snapshot().effector;
    const next = ids[(ids.indexOf(current) + 1) % ids.length] ?? "";
    if (own && own.kind !== "outcome") this.setEffector(own.id, next);
    session.set({ effector: next });
    session.announce(`Effector: ${effectorName(session.schema, next)}`);
  }

  remove(): void {
    const { session } = this;
    const ids = [...session.snapshot().selected];
    const next = this.neighbour(1);
    const diff = edits.removeLabels(session.history.timeline, ids);
    if (!diff) return;
    const what = ids.length === 1 ? "Delete the label" : `Delete ${ids.length} labels`;
    session.perform(what, diff, next?.id ?? null);
  }

  /** The label before or after the selected one; from the playhead when none is selected. */
  neighbour(step: 1 | -1): Label | undefined {
    const { session } = this;
    const { labels, primary } = session.snapshot();
    const timed = labels.filter((label) => label.kind !== "outcome");
    if (primary) return timed[timed.indexOf(primary) + step];
    if (step > 0) return timed.find((label) => (label.start_ns ?? 0) >= this.at) ?? timed[0];
    return timed.findLast((label) => (label.start_ns ?? 0) < this.at) ?? timed.at(-1);
  }

  walk(step: 1 | -1): boolean {
    const { session } = this;
    const label = this.neighbour(step);
    if (!label) return false;
    session.jumpTo(label.id, label.start_ns);
    session.announce(session.describe(label));
    return true;
  }
}
