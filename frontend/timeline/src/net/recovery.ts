import type { Steps } from "../model/history";
import type { Label } from "../model/label";
import { type Dispute, merge } from "../model/merge";
import { diffBetween, Timeline } from "../model/timeline";
import type { SaveRequest } from "./api";
import { changesIn, type Draft, type DraftStore, type KeptSteps, type StepsChange } from "./drafts";
import type { LabelSetInfo } from "./payload";

/** Where editing starts: from the page alone, or from what an earlier visit left unsaved. */
export interface Opening {
  readonly labels: readonly Label[];
  readonly base: readonly Label[];
  readonly revision: number;
  readonly flight: SaveRequest | null;
  readonly disputed: readonly Dispute[];
  /** What the page says the server holds, when that is newer than the draft's base. */
  readonly news: { readonly revision: number; readonly labels: readonly Label[] } | null;
  readonly recovered: number;
  /** The way back from here. */
  readonly steps: Steps | null;
  /** The steps as they are stored under this tab's own name. */
  readonly stored: Steps | null;
}

export interface Tab {
  readonly clientId: string;
  readonly userId: string;
  /** The tabs that are open; null where the browser cannot tell. */
  readonly living: ReadonlySet<string> | null;
}

type Work = Omit<Opening, "steps" | "stored">;

function fromPage(set: LabelSetInfo): Work {
  const { labels, revision } = set;
  return { labels, base: labels, revision, flight: null, disputed: [], news: null, recovered: 0 };
}

function fromDraft(draft: Draft, set: LabelSetInfo): Work {
  const { base, base_revision: revision, flight, disputed } = draft;
  return {
    labels: labelsOf(draft).labels,
    base,
    revision,
    flight,
    disputed,
    news: set.revision > revision ? { revision: set.revision, labels: set.labels } : null,
    recovered: changesIn(draft),
  };
}

export function labelsOf(draft: Draft): Timeline {
  return Timeline.of(draft.base).apply(draft.diff);
}

/**
 * Looks for work on this set: this tab's own, and that of tabs that are gone. The newest draft is
 * carried on; an older one is merged into it, and stays where it is if it contradicts. The steps
 * back are those of the same tab.
 */
export async function recover(set: LabelSetInfo, tab: Tab, drafts: DraftStore): Promise<Opening> {
  const { clientId, userId, living } = tab;
  const ours = (each: { client_id: string; user_id: string }) =>
    (each.user_id === userId || each.user_id === "") &&
    (each.client_id === clientId || (living !== null && !living.has(each.client_id)));
  const found = (await drafts.ofSet(set.id).catch(() => [])).filter(ours);
  const ways = (await drafts.stepsOf(set.id).catch(() => [])).filter(ours);
  const [newest, ...older] = found.sort((a, b) => b.written_at - a.written_at);
  const from = newest ?? ways[0];
  const way = from && ways.find((each) => each.client_id === from.client_id);
  if (!from) return { ...fromPage(set), steps: null, stored: null };
  const { draft, taken } = newest ? join(newest, older) : { draft: null, taken: [] };
  const ownDraft = draft && { ...draft, client_id: clientId, user_id: userId };
  // Under this tab's name first, and only then away from the others: twice is better than never.
  if (from.client_id !== clientId || taken.length > 0) {
    const change = way && from.client_id !== clientId ? whole(way, clientId) : null;
    await drafts.keep({ set_id: set.id, client_id: clientId }, ownDraft, change).catch(() => {});
  }
  for (const client of [...taken, from.client_id]) {
    if (client !== clientId) await drafts.remove(set.id, client).catch(() => {});
  }
  const work = ownDraft ? fromDraft(ownDraft, set) : fromPage(set);
  return { ...work, steps: way ?? null, stored: way ?? null };
}

function join(newest: Draft, older: readonly Draft[]): { draft: Draft; taken: string[] } {
  const base = Timeline.of(newest.base);
  let labels = labelsOf(newest);
  const taken: string[] = [];
  for (const draft of older) {
    const merged = merge(Timeline.of(draft.base), labels, labelsOf(draft));
    if (merged.conflicts.length > 0) continue;
    labels = labels.apply(merged.diff);
    taken.push(draft.client_id);
  }
  return { draft: { ...newest, diff: diffBetween(base, labels) }, taken };
}

/** All steps of another tab, to be stored under this one's name. */
function whole({ steps, ...way }: KeptSteps, clientId: string): StepsChange {
  return { ...way, client_id: clientId, from: 0, put: steps, count: steps.length };
}
