import type { Label } from "../model/label";
import { merge } from "../model/merge";
import { diffBetween, Timeline } from "../model/timeline";
import type { SaveRequest } from "./api";
import type { Draft, DraftStore } from "./drafts";
import type { LabelSetInfo } from "./payload";

/** Where editing starts: from the page alone, or from what an earlier visit left unsaved. */
export interface Opening {
  readonly labels: readonly Label[];
  readonly base: readonly Label[];
  readonly revision: number;
  readonly flight: SaveRequest | null;
  readonly disputed: readonly string[];
  /** What the page says the server holds, when that is newer than the draft's base. */
  readonly news: { readonly revision: number; readonly labels: readonly Label[] } | null;
  readonly recovered: number;
}

function fromPage(set: LabelSetInfo): Opening {
  const { labels, revision } = set;
  return { labels, base: labels, revision, flight: null, disputed: [], news: null, recovered: 0 };
}

function fromDraft(draft: Draft, set: LabelSetInfo): Opening {
  const changes = diffBetween(Timeline.of(draft.base), Timeline.of(draft.labels));
  return {
    labels: draft.labels,
    base: draft.base,
    revision: draft.base_revision,
    flight: draft.flight,
    disputed: draft.disputed,
    news:
      set.revision > draft.base_revision ? { revision: set.revision, labels: set.labels } : null,
    recovered: changes.put.length + changes.remove.length,
  };
}

/**
 * Looks for drafts of this set: this tab's own, and those of tabs that are gone. The newest is
 * carried on; an older one is merged into it, and stays where it is if it contradicts.
 */
export async function recover(
  set: LabelSetInfo,
  clientId: string,
  living: ReadonlySet<string> | null,
  drafts: DraftStore,
): Promise<Opening> {
  const found = await drafts.ofSet(set.id).catch(() => []);
  const ours = found
    .filter((draft) => draft.client_id === clientId || (living && !living.has(draft.client_id)))
    .sort((a, b) => b.written_at - a.written_at);
  const [newest, ...older] = ours;
  if (!newest) return fromPage(set);
  let labels = Timeline.of(newest.labels);
  const taken = newest.client_id === clientId ? [] : [newest.client_id];
  for (const draft of older) {
    const merged = merge(Timeline.of(draft.base), labels, Timeline.of(draft.labels));
    if (merged.conflicts.length > 0) continue;
    labels = labels.apply(merged.diff);
    taken.push(draft.client_id);
  }
  const carried: Draft = { ...newest, client_id: clientId, labels: labels.labels };
  await drafts.write(carried).catch(() => {});
  for (const client of taken) {
    if (client !== clientId) await drafts.remove(set.id, client).catch(() => {});
  }
  return fromDraft(carried, set);
}
