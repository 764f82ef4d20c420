import { say } from "../words";
import { changedIds, type Diff, isEmpty, together, without } from "./diff";
import { type Label, sameLabel } from "./label";
import type { Dispute } from "./merge";
import { diffBetween, invert, type Timeline } from "./timeline";

export interface Step {
  readonly name: string;
  readonly forward: Diff;
  readonly backward: Diff;
  /** The conflict that this step settled: taking the step back opens it again. */
  readonly settles?: Dispute | undefined;
}

export type Way = "forward" | "backward";

/** The steps behind and ahead, in the order they were made; the first `at` of them are done. */
export interface Steps {
  readonly steps: readonly Step[];
  readonly at: number;
}

// Hours of work; beyond it the oldest half becomes one step, which still leads to the beginning.
const MOST_WEIGHT = 100_000;

const weightOf = (step: Step) => 1 + step.forward.put.length + step.backward.put.length;

/**
 * The labels and the way back. A step is a pair of exact diffs. A gesture (a drag, a held key)
 * sets a mark, shows previews, and ends as one step or, bailed, as if it had never begun.
 */
export class History {
  /** Told of a step that is taken back or done again, before anybody sees the labels. */
  onTravel: (step: Step, way: Way) => void = () => {};
  private past: Step[] = [];
  private future: Step[] = [];
  private weight = 0;
  private mark: { readonly name: string; readonly timeline: Timeline } | null = null;
  private shown: Timeline;

  constructor(
    timeline: Timeline,
    private readonly onChange: () => void = () => {},
    private readonly mostWeight = MOST_WEIGHT,
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

  get kept(): Steps {
    return { steps: [...this.past, ...this.future.toReversed()], at: this.past.length };
  }

  /**
   * Takes up the steps of an earlier visit. Labels that are no longer as those steps left them
   * were changed elsewhere meanwhile, and leave the steps as in `absorb`.
   */
  resume({ steps, at }: Steps): void {
    this.past = steps.slice(0, at);
    this.future = steps.slice(at).toReversed();
    this.withdraw(this.foreign());
    this.onChange();
  }

  perform(name: string, diff: Diff, settles?: Dispute): boolean {
    this.bail();
    return this.push(name, this.shown.apply(diff), settles);
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
    this.withdraw(changedIds(diff));
    if (this.mark) this.mark = { ...this.mark, timeline: this.mark.timeline.apply(diff) };
    this.shown = this.shown.apply(diff);
    this.onChange();
  }

  private push(name: string, next: Timeline, settles?: Dispute): boolean {
    const forward = diffBetween(this.shown, next);
    if (isEmpty(forward) && !settles) return false;
    const step = { name, forward, backward: invert(forward, this.shown), settles };
    this.past.push(step);
    this.weight += weightOf(step);
    if (this.future.length > 0) {
      this.future = [];
      this.weigh();
    }
    if (this.weight > this.mostWeight) this.joinOldest();
    this.shown = next;
    this.onChange();
    return true;
  }

  private travel(from: Step[], to: Step[], way: Way): Step | null {
    this.bail();
    const step = from.pop();
    if (!step) return null;
    to.push(step);
    this.shown = this.shown.apply(step[way]);
    this.onTravel(step, way);
    this.onChange();
    return step;
  }

  /** Steps that say nothing of these labels stay the same objects: nothing to store anew. */
  private withdraw(ids: ReadonlySet<string>): void {
    if (ids.size > 0) {
      const rest = (step: Step): Step => {
        const forward = without(step.forward, ids);
        const backward = without(step.backward, ids);
        const settled = step.settles && ids.has(step.settles.id);
        if (forward === step.forward && backward === step.backward && !settled) return step;
        return { ...step, forward, backward, settles: settled ? undefined : step.settles };
      };
      const some = (step: Step) =>
        !isEmpty(step.forward) || !isEmpty(step.backward) || step.settles !== undefined;
      this.past = this.past.map(rest).filter(some);
      this.future = this.future.map(rest).filter(some);
    }
    this.weigh();
  }

  /** Labels that are not as the nearest step behind or ahead says they are now. */
  private foreign(): Set<string> {
    const found = new Set<string>();
    const look = (steps: readonly Step[], way: Way) => {
      const seen = new Set<string>();
      const check = (id: string, expected: Label | undefined) => {
        if (!seen.has(id) && !sameLabel(expected, this.shown.get(id))) found.add(id);
        seen.add(id);
      };
      for (const step of steps.toReversed()) {
        for (const label of step[way].put) check(label.id, label);
        for (const id of step[way].remove) check(id, undefined);
      }
    };
    look(this.past, "forward");
    look(this.future, "backward");
    return found;
  }

  private weigh(): void {
    const sum = (total: number, step: Step) => total + weightOf(step);
    this.weight = this.future.reduce(sum, this.past.reduce(sum, 0));
  }

  private joinOldest(): void {
    const count = Math.max(2, this.past.length >> 1);
    const oldest = this.past.slice(0, count);
    if (oldest.length < 2) return;
    const joined = {
      name: say("Earlier steps"),
      forward: together(oldest.map((step) => step.forward)),
      backward: together(oldest.map((step) => step.backward).toReversed()),
    };
    this.past = [joined, ...this.past.slice(count)];
    this.weigh();
  }
}
