import { changedIds, type Diff, isEmpty, without } from "./diff";
import { diffBetween, invert, type Timeline } from "./timeline";

export interface Step {
  readonly name: string;
  readonly forward: Diff;
  readonly backward: Diff;
}

/**
 * The labels and the way back. A step is a pair of exact diffs. A gesture (a drag, a held key)
 * sets a mark, shows previews, and ends as one step or, bailed, as if it had never begun.
 */
export class History {
  private past: Step[] = [];
  private future: Step[] = [];
  private mark: { readonly name: string; readonly timeline: Timeline } | null = null;
  private shown: Timeline;

  constructor(
    timeline: Timeline,
    private readonly onChange: () => void = () => {},
  ) {
    this.shown = timeline;
  }

  /** What is on the screen, previews included. */
  get timeline(): Timeline {
    return this.shown;
  }

  /** What has been decided: never a preview. This is what gets saved. */
  get committed(): Timeline {
    return this.mark?.timeline ?? this.shown;
  }

  get inGesture(): boolean {
    return this.mark !== null;
  }

  get undoName(): string | null {
    return this.past.at(-1)?.name ?? null;
  }

  get redoName(): string | null {
    return this.future.at(-1)?.name ?? null;
  }

  perform(name: string, diff: Diff): boolean {
    this.bail();
    return this.push(name, this.shown.apply(diff));
  }

  begin(name: string): void {
    this.bail();
    this.mark = { name, timeline: this.shown };
  }

  /** Shows the labels as they would be; the diff is relative to the mark. */
  preview(diff: Diff): void {
    if (!this.mark) return;
    this.shown = this.mark.timeline.apply(diff);
    this.onChange();
  }

  commit(): boolean {
    if (!this.mark) return false;
    const { name, timeline } = this.mark;
    const next = this.shown;
    this.mark = null;
    this.shown = timeline;
    const changed = this.push(name, next);
    if (!changed) this.onChange();
    return changed;
  }

  /** Back to the mark. True when there was a gesture to end. */
  bail(): boolean {
    if (!this.mark) return false;
    this.shown = this.mark.timeline;
    this.mark = null;
    this.onChange();
    return true;
  }

  /** The step that was taken back. */
  undo(): Step | null {
    return this.travel(this.past, this.future, "backward");
  }

  redo(): Step | null {
    return this.travel(this.future, this.past, "forward");
  }

  /**
   * Takes in a change made elsewhere. It is no step of ours; and what another has changed is no
   * longer ours to undo, so those labels leave the steps behind and ahead.
   */
  absorb(diff: Diff): void {
    if (isEmpty(diff)) return;
    const theirs = changedIds(diff);
    const rest = (step: Step): Step => ({
      name: step.name,
      forward: without(step.forward, theirs),
      backward: without(step.backward, theirs),
    });
    const some = (step: Step) => !isEmpty(step.forward) || !isEmpty(step.backward);
    this.past = this.past.map(rest).filter(some);
    this.future = this.future.map(rest).filter(some);
    if (this.mark) this.mark = { ...this.mark, timeline: this.mark.timeline.apply(diff) };
    this.shown = this.shown.apply(diff);
    this.onChange();
  }

  private push(name: string, next: Timeline): boolean {
    const forward = diffBetween(this.shown, next);
    if (isEmpty(forward)) return false;
    this.past.push({ name, forward, backward: invert(forward, this.shown) });
    this.future = [];
    this.shown = next;
    this.onChange();
    return true;
  }

  private travel(from: Step[], to: Step[], way: "forward" | "backward"): Step | null {
    this.bail();
    const step = from.pop();
    if (!step) return null;
    to.push(step);
    this.shown = this.shown.apply(step[way]);
    this.onChange();
    return step;
  }
}
