import * as edits from "../model/edits";
import { expectedClass } from "../model/expected";
import * as gapfree from "../model/gapfree";
import { isRange, isTimeless, type Label } from "../model/label";
import { classesOfKind, classOf, effectorName, type LabelClass } from "../model/schema";
import { formatSeconds, type Ns } from "../model/time";
import { say, within } from "../words";
import { Judging } from "./judging";
import { Proposals } from "./proposals";
import { Selecting } from "./selecting";
import type { EditorSession } from "./session";
import { Words } from "./wordsof";

// Shorter than this a key was tapped, not held.
const TAP_MS = 300;
const TAP_FRAMES = 4;

const newId = () => crypto.randomUUID();
const named = (known: LabelClass) => within(known.name);

/** What commands do to labels: each takes the playhead or the selection and makes one step. */
export class Marking {
  /** Several labels at once. */
  readonly selecting: Selecting;
  /** What is said of the whole episode. */
  readonly judging: Judging;
  readonly words: Words;
  readonly proposals: Proposals;
  private pressedMs = 0;

  constructor(private readonly session: EditorSession) {
    this.selecting = new Selecting(session);
    this.judging = new Judging(session);
    this.words = new Words(session);
    this.proposals = new Proposals(session);
  }

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

  /** The effector that a new label of the class gets. */
  private effectorFor(known: LabelClass): string {
    const { effector, perHand } = this.session.snapshot();
    return known.requires_effector || (perHand && known.kind === "segment") ? effector : "";
  }

  private isGapFree(known: LabelClass | undefined): boolean {
    const { gapFree } = this.session.snapshot();
    return gapFree && known?.kind === "segment" && known.exclusive;
  }

  instant(known: LabelClass): void {
    const { session } = this;
    const id = newId();
    const at = this.snapped(known);
    const diff = edits.dropInstant(known, id, at, session.snapshot().effector, session.field);
    const name = say("Mark {class} at {time} s", { class: named(known), time: formatSeconds(at) });
    session.perform(name, diff, id);
  }

  /**
   * Where a mark of the class lies. Half the tolerance is how far a signal may draw it: what was
   * right within the other half stays right. Two contacts of a hand never share one moment.
   */
  private snapped(known: LabelClass): Ns {
    const { session } = this;
    const { effector } = session.snapshot();
    const at = session.snapMark(this.at, Math.round(known.tolerance_ns / 2));
    const taken = session.history.timeline.labels.some(
      (label) => label.kind === "instant" && label.start_ns === at && label.effector === effector,
    );
    return taken ? this.at : at;
  }

  /** The contact that usually comes next. */
  get expected(): LabelClass | null {
    const { session } = this;
    const { labels } = session.history.timeline;
    return expectedClass(labels, session.schema, this.at, session.snapshot().effector);
  }

  next(): void {
    const known = this.expected;
    if (known) this.instant(known);
    else this.session.announce(say("The schema names no class that comes next"));
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
    this.pressedMs = performance.now();
    session.set({ drawing: { labelClass: known.id, fromNs } });
    const time = formatSeconds(fromNs);
    session.announce(say("Drawing {class} from {time} seconds", { class: named(known), time }));
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
    // Let go where it was pressed, or tapped while it plays: drawing goes on, so that nobody has to
    // hold a key.
    if (!pressedAgain && this.isTap(drawing.fromNs)) return;
    session.set({ drawing: null });
    const range = { from: drawing.fromNs, to: this.boundary };
    const drawn = this.draw(known, range);
    const name = say("Draw {class}", { class: named(known) });
    if (drawn && session.perform(name, drawn.diff, drawn.id)) this.ask(known, drawn.id);
    else session.announce(say("No room for {class} there", { class: named(known) }));
  }

  /** Also by frames: on a busy machine a short press takes long while the picture stands. */
  private isTap(fromNs: Ns): boolean {
    const { grid, transport } = this.session;
    if (this.at === fromNs) return true;
    const shown = Math.abs(grid.frameAt(this.at) - grid.frameAt(fromNs));
    const short = performance.now() - this.pressedMs < TAP_MS || shown < TAP_FRAMES;
    return transport.playing && short;
  }

  private draw(known: LabelClass, range: { from: Ns; to: Ns }) {
    const { session } = this;
    const { timeline } = session.history;
    const effector = this.effectorFor(known);
    if (this.isGapFree(known)) {
      return gapfree.paint(timeline, { known, effector }, range, newId, session.field);
    }
    const id = newId();
    const diff = edits.drawRange(timeline, known, id, { ...range, effector }, session.field);
    return diff && { diff, id };
  }

  /** True when something was being drawn. */
  drawBail(): boolean {
    if (!this.session.snapshot().drawing) return false;
    this.session.set({ drawing: null });
    this.session.announce(say("Drawing cancelled"));
    return true;
  }

  /** A boundary here: cuts the range under the playhead, or closes the gap up to it. */
  split(): void {
    const target = this.rangeAtPlayhead();
    const known = target
      ? classOf(this.session.schema, target.label_class)
      : this.lowestSegmentClass();
    if (!known) return;
    if (this.isGapFree(known)) this.cutTile(known, target?.effector);
    else if (target) this.splitRange(target, known);
    else this.closeUpTo(known);
  }

  private splitRange(target: Label, known: LabelClass): void {
    const { session } = this;
    const id = newId();
    const diff = edits.split(session.history.timeline, target.id, this.at, id, session.field);
    session.perform(say("Split {class}", { class: named(known) }), diff, id);
  }

  private cutTile(known: LabelClass, effector = this.effectorFor(known)): void {
    const { session } = this;
    const of = { known, effector };
    const cut = gapfree.cut(session.history.timeline, of, this.at, newId, session.field);
    const name = say("Split {class}", { class: named(known) });
    if (!cut || !session.perform(name, cut.diff, cut.rightId)) {
      session.announce(say("There is a boundary already"));
    }
  }

  private closeUpTo(known: LabelClass): void {
    const { session } = this;
    const { timeline } = session.history;
    const id = newId();
    const effector = this.effectorFor(known);
    const before = timeline.track(known.id, effector).filter((each) => each.end_ns <= this.at);
    const from = Math.max(0, ...before.map((each) => each.end_ns));
    const range = { from, to: this.boundary, effector };
    const diff = edits.drawRange(timeline, known, id, range, session.field);
    const time = formatSeconds(this.at);
    const name = say("Close {class} at {time} s", { class: named(known), time });
    if (session.perform(name, diff, id)) this.ask(known, id);
  }

  private lowestSegmentClass(): LabelClass | undefined {
    const known = classesOfKind(this.session.schema, "segment");
    return known.toSorted((a, b) => (a.level ?? 0) - (b.level ?? 0))[0];
  }

  /** The selected range when the playhead is inside it, or else the lowest segment that is. */
  private rangeAtPlayhead(): Label | undefined {
    const { session } = this;
    const inside = (label: Label) =>
      isRange(label) && label.start_ns <= this.at && this.at < label.end_ns;
    const primary = session.primary();
    if (primary && inside(primary) && session.history.timeline.has(primary.id)) return primary;
    const lowest = this.lowestSegmentClass();
    const hand = lowest && this.effectorFor(lowest);
    return session.history.timeline.labels.find(
      (label) =>
        label.label_class === lowest?.id &&
        inside(label) &&
        (!session.snapshot().perHand || label.effector === hand),
    );
  }

  /** Segments tile their track from now on: gaps that are there are closed at once. */
  toggleGapFree(): void {
    const { session } = this;
    const on = !session.snapshot().gapFree;
    session.setMode({ gapFree: on });
    if (!on) {
      session.announce(say("Gaps between segments are allowed"));
      return;
    }
    const { timeline } = session.history;
    const known = this.lowestSegmentClass();
    const hands = new Set(
      timeline.labels.filter((label) => label.label_class === known?.id).map((l) => l.effector),
    );
    const diffs = [...hands].flatMap((effector) =>
      known ? (gapfree.closeGaps(timeline, { known, effector }, newId, session.field) ?? []) : [],
    );
    const put = diffs.flatMap((diff) => diff.put);
    if (put.length > 0) session.perform(say("Close the gaps"), { put, remove: [] });
    session.announce(say("Segments leave no gaps from now on"));
  }

  togglePerHand(): void {
    const { session } = this;
    const on = !session.snapshot().perHand;
    session.setMode({ perHand: on });
    session.announce(on ? say("Segments for each effector") : say("Segments for the whole robot"));
  }

  merge(): void {
    const { session } = this;
    const primary = session.primary();
    const label = primary && isRange(primary) ? primary : this.rangeAtPlayhead();
    if (!label) return;
    const diff = edits.mergeWithNext(session.history.timeline, label.id);
    if (!session.perform(say("Merge with the next"), diff, label.id))
      session.announce(say("Nothing to merge with"));
  }

  /** Puts an edge of the selection, or a selected instant, at the playhead. */
  setEdge(edge: edits.Edge): void {
    const label = this.session.primary();
    if (label) this.setTime(label.id, edge, edge === "end" ? this.boundary : this.at);
  }

  /** The time attribute of the selected label (of a failure: when it was detected) to the playhead. */
  setInnerTime(): void {
    const { session } = this;
    const label = session.primary();
    const known = label && classOf(session.schema, label.label_class);
    const attribute = known?.attributes.find((each) => each.type === "time");
    if (!attribute || !label) {
      session.announce(say("Select a failure: its detection is put here"));
      return;
    }
    this.selecting.setAttribute(attribute, attribute.id, this.at);
  }

  /** Moves a selected instant, or the edge nearest to the playhead, by whole frames. */
  nudge(frames: number): void {
    const { session } = this;
    if (this.selecting.ids.length > 1) {
      this.selecting.shift(frames);
      return;
    }
    const label = session.primary();
    if (!label || label.start_ns === null) return;
    const { grid } = session;
    if (label.kind === "instant") {
      this.setTime(label.id, "start", grid.step(label.start_ns, frames));
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

  setTime(id: string, edge: edits.Edge, to: Ns): void {
    const { session } = this;
    const { timeline } = session.history;
    const time = formatSeconds(to);
    if (timeline.get(id)?.kind === "instant") {
      const diff = edits.moveInstant(timeline, id, to, session.field);
      session.perform(say("Move to {time} s", { time }), diff);
      return;
    }
    const diff = edits.moveEdge(timeline, id, edge, to, session.field);
    const name =
      edge === "start"
        ? say("Set the start to {time} s", { time })
        : say("Set the end to {time} s", { time });
    session.perform(name, diff);
  }

  setText(id: string, text: string): void {
    const diff = edits.change(this.session.history.timeline, id, { text });
    this.session.perform(say("Edit the text"), diff);
  }

  /** The next effector: of the selected labels, and for marks to come. */
  cycleEffector(): void {
    const { session } = this;
    const ids = session.schema.effectors.map((effector) => effector.id);
    const primary = session.primary();
    const own = primary && session.history.timeline.has(primary.id) ? primary : null;
    const current = own?.effector || session.snapshot().effector;
    const next = ids[(ids.indexOf(current) + 1) % ids.length] ?? "";
    if (own && !isTimeless(own)) this.selecting.setEffector(next);
    session.set({ effector: next });
    session.announce(say("Effector: {name}", { name: effectorName(session.schema, next) }));
  }

  remove(): void {
    const { session } = this;
    const { timeline } = session.history;
    const ids = new Set(this.selecting.ids);
    const last = session.primary();
    const next = last && this.selecting.beyond(last, ids);
    const tiles = [...ids].some((id) => {
      const label = timeline.get(id);
      return label && this.isGapFree(classOf(session.schema, label.label_class));
    });
    const diff = tiles ? gapfree.removeTiles(timeline, ids) : edits.removeLabels(timeline, ids);
    const name =
      ids.size === 1 ? say("Delete the label") : say("Delete {count} labels", { count: ids.size });
    session.perform(name, diff, next?.id ?? null);
  }
}
