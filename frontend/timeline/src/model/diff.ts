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

/** The diff without what it says about the given labels; itself when it says nothing of them. */
export function without(diff: Diff, ids: ReadonlySet<string>): Diff {
  const put = diff.put.filter((label) => !ids.has(label.id));
  const remove = diff.remove.filter((id) => !ids.has(id));
  const same = put.length === diff.put.length && remove.length === diff.remove.length;
  return same ? diff : { put, remove };
}

/** The one diff that does what these do one after the other. */
export function together(diffs: readonly Diff[]): Diff {
  const last = new Map<string, Label | null>();
  for (const diff of diffs) {
    for (const label of diff.put) last.set(label.id, label);
    for (const id of diff.remove) last.set(id, null);
  }
  const put: Label[] = [];
  const remove: string[] = [];
  for (const [id, label] of last) {
    if (label) put.push(label);
    else remove.push(id);
  }
  return { put, remove };
}
