import { History } from "../model/history";
import { Timeline } from "../model/timeline";
import { EditorApi } from "./api";
import { changesIn, type Draft, type DraftStore, openDrafts } from "./drafts";
import { labelsOf } from "./recovery";
import { SaveQueue } from "./savequeue";
import { editorTakenDown, livingClients, whileHolding } from "./tabs";

/** Work of this person that is in this browser and not on the server. */
export interface KeptWork {
  readonly draft: Draft;
  readonly changes: number;
  /** A tab that is open now has it, and sends it as soon as it can. */
  readonly open: boolean;
}

const addressOf = (setId: string) => `/api/v1/annotation-sets/${setId}/labels`;

/** One try to send what a tab that is gone has left; nothing is lost by failing. */
async function sendDraft(draft: Draft, drafts: DraftStore): Promise<void> {
  const { set_id, client_id, user_id, about, base, base_revision, flight, disputed } = draft;
  const labels = labelsOf(draft);
  const none = { submit: "", heartbeat: "", release: "", queue: "" };
  const api = new EditorApi({ ...none, save: addressOf(set_id) });
  const queue = new SaveQueue({
    setId: set_id,
    clientId: client_id,
    userId: user_id,
    about,
    labels: new History(Timeline.of(labels.labels)),
    opening: {
      labels: labels.labels,
      base,
      revision: base_revision,
      flight,
      disputed,
      news: null,
      recovered: changesIn(draft),
      steps: null,
      stored: null,
    },
    drafts,
    send: (request) => api.save(request),
    newId: () => crypto.randomUUID(),
    onState: () => {},
  });
  await queue.flush();
  await queue.settledHere;
  queue.close();
}

/** Sends what tabs of this person that are gone have left, and says what is left after that. */
export async function sendKeptWork(userId: string, drafts?: DraftStore): Promise<KeptWork[]> {
  const store = drafts ?? (await openDrafts());
  await editorTakenDown();
  const living = (await livingClients()) ?? new Set<string>();
  for (const draft of await store.ofUser(userId)) {
    if (living.has(draft.client_id)) continue;
    await whileHolding(draft.client_id, () => sendDraft(draft, store));
  }
  return (await store.ofUser(userId))
    .map((draft) => ({
      draft,
      changes: changesIn(draft),
      open: living.has(draft.client_id),
    }))
    .sort((a, b) => b.draft.written_at - a.draft.written_at);
}

export async function discardKeptWork({ draft }: KeptWork): Promise<void> {
  await (await openDrafts()).remove(draft.set_id, draft.client_id);
}

/** The labels as they are here, for a person to keep anywhere else. */
export function asFile({ draft }: KeptWork): Blob {
  const { about, base_revision, written_at } = draft;
  const written = new Date(written_at).toISOString();
  const content = { ...about, base_revision, written_at: written, labels: labelsOf(draft).labels };
  return new Blob([JSON.stringify(content, null, 1)], { type: "application/json" });
}
