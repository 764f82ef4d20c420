import { type Diff, EMPTY_DIFF } from "./diff";
import { type Label, sameLabel } from "./label";
import type { Timeline } from "./timeline";

/** A label that both sides changed, in different ways. Absent: that side removed it. */
export interface Conflict {
  readonly id: string;
  readonly base: Label | undefined;
  readonly mine: Label | undefined;
  readonly theirs: Label | undefined;
}

/** What a conflict has to remember besides the labels themselves; null where a side has none. */
export interface Dispute {
  readonly id: string;
  readonly base: Label | null;
  readonly theirs: Label | null;
}

export type Choice = "mine" | "theirs" | "both";

export interface Merge {
  /** Takes `mine` to the merged labels. Conflicting labels stay as they are in `mine`. */
  readonly diff: Diff;
  readonly conflicts: readonly Conflict[];
}

/** Three-way merge, label by label. The side that left a label alone gives way to the other. */
export function merge(base: Timeline, mine: Timeline, theirs: Timeline): Merge {
  const put: Label[] = [];
  const remove: string[] = [];
  const conflicts: Conflict[] = [];
  const ids = new Set([base, mine, theirs].flatMap((side) => side.labels.map((each) => each.id)));
  for (const id of ids) {
    const [was, here, there] = [base.get(id), mine.get(id), theirs.get(id)];
    if (sameLabel(here, there) || sameLabel(was, there)) continue;
    if (!sameLabel(was, here)) conflicts.push({ id, base: was, mine: here, theirs: there });
    else if (there) put.push(there);
    else remove.push(id);
  }
  const nothing = put.length === 0 && remove.length === 0;
  return { diff: nothing ? EMPTY_DIFF : { put, remove }, conflicts };
}

/** The change that settles a dispute. Both: mine stays as a label of its own beside theirs. */
export function settlement(
  dispute: Dispute,
  mine: Label | undefined,
  choice: Choice,
  newId: string,
): Diff {
  if (choice === "mine") return EMPTY_DIFF;
  const copy = choice === "both" && mine ? [{ ...mine, id: newId }] : [];
  const { id, theirs } = dispute;
  if (theirs) return { put: [theirs, ...copy], remove: [] };
  return { put: copy, remove: mine ? [id] : [] };
}
