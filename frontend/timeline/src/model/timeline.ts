import { changedIds, type Diff } from "./diff";
import { compareLabels, isRange, type Label, type RangeLabel, sameLabel } from "./label";
import type { Ns } from "./time";

/** An immutable set of labels, found by id and walked in time order. */
export class Timeline {
  static readonly empty = new Timeline(new Map(), []);

  private constructor(
    private readonly byId: ReadonlyMap<string, Label>,
    readonly labels: readonly Label[],
  ) {}

  static of(labels: Iterable<Label>): Timeline {
    const byId = new Map<string, Label>();
    for (const label of labels) byId.set(label.id, label);
    return new Timeline(byId, [...byId.values()].sort(compareLabels));
  }

  get size(): number {
    return this.byId.size;
  }

  get(id: string): Label | undefined {
    return this.byId.get(id);
  }

  has(id: string): boolean {
    return this.byId.has(id);
  }

  apply(diff: Diff): Timeline {
    const changed = changedIds(diff);
    if (changed.size === 0) return this;
    const byId = new Map(this.byId);
    for (const id of diff.remove) byId.delete(id);
    for (const label of diff.put) byId.set(label.id, label);
    const kept = this.labels.filter((label) => !changed.has(label.id));
    const fresh = [...changed].flatMap((id) => byId.get(id) ?? []).sort(compareLabels);
    return new Timeline(byId, mergeSorted(kept, fresh));
  }

  outcome(): Label | undefined {
    return this.labels.findLast((label) => label.kind === "outcome");
  }

  /** Labels of one class and effector in time order: the lane on which boundaries are shared. */
  track(labelClass: string, effector: string): RangeLabel[] {
    return this.labels.filter(
      (label): label is RangeLabel =>
        label.label_class === labelClass && label.effector === effector && isRange(label),
    );
  }

  /** Every time at which a label starts, ends or happens; sorted, without repetition. */
  edges(): Ns[] {
    const times = new Set<Ns>();
    for (const { start_ns, end_ns } of this.labels) {
      if (start_ns !== null) times.add(start_ns);
      if (end_ns !== null) times.add(end_ns);
    }
    return [...times].sort((a, b) => a - b);
  }
}

function mergeSorted(a: readonly Label[], b: readonly Label[]): Label[] {
  if (b.length === 0) return a.slice();
  const merged: Label[] = [];
  let j = 0;
  for (const label of a) {
    while (j < b.length && compareLabels(b[j]!, label) < 0) merged.push(b[j++]!);
    merged.push(label);
  }
  while (j < b.length) merged.push(b[j++]!);
  return merged;
}

export function diffBetween(from: Timeline, to: Timeline): Diff {
  return {
    put: to.labels.filter((label) => !sameLabel(from.get(label.id), label)),
    remove: from.labels.filter((label) => !to.has(label.id)).map((label) => label.id),
  };
}

/** The diff that takes back `diff`, given the timeline it was applied to. */
export function invert(diff: Diff, before: Timeline): Diff {
  const changed = [...changedIds(diff)];
  return {
    put: changed.flatMap((id) => before.get(id) ?? []),
    remove: changed.filter((id) => !before.has(id)),
  };
}
