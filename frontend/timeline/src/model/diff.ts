import type { Label } from "./label";

/** A change to a set of labels: labels written whole, ids taken away. */
export interface Diff {
  readonly put: readonly Label[];
  readonly remove: readonly string[];
}

export const EMPTY_DIFF: Diff = { put: [], remove: [] };

export function isEmpty(diff: Diff): boolean {
  return diff.put.length === 0 && diff.remove.length === 0;
}

export function changedIds(diff: Diff): Set<string> {
  return new Set([...diff.put.map((label) => label.id), ...diff.remove]);
}

/** The diff without what it says about the given labels. */
export function without(diff: Diff, ids: ReadonlySet<string>): Diff {
  return {
    put: diff.put.filter((label) => !ids.has(label.id)),
    remove: diff.remove.filter((id) => !ids.has(id)),
  };
}
