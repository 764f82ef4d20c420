import type { Diff } from "../model/diff";
import type { Step } from "../model/history";
import type { Label } from "../model/label";
import type { Draft, DraftKey, DraftStore, KeptSteps, StepsChange } from "./drafts";

const DATABASE = "touchline";
const DRAFTS = "drafts";
/** What the server held under a draft: written when it changes, not with every mark. */
const BASES = "bases";
const STEPS = "steps";
const HISTORIES = "histories";
const ALL = [DRAFTS, BASES, STEPS, HISTORIES];

type DraftRow = Omit<Draft, "base">;
interface BaseRow extends DraftKey {
  readonly labels: readonly Label[];
}
type HistoryRow = Omit<StepsChange, "from" | "put">;
interface StepRow extends DraftKey {
  readonly place: number;
  readonly step: Step;
}
/** Version 1 kept both lists of labels whole, and did not know whose they are. */
interface FirstDraft extends DraftKey {
  readonly base: readonly Label[];
  readonly labels: readonly Label[];
}

function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

const keyOf = (key: DraftKey): [string, string] => [key.set_id, key.client_id];

function stepsFrom(key: DraftKey, place: number): IDBKeyRange {
  return IDBKeyRange.bound([...keyOf(key), place], [...keyOf(key), Number.MAX_SAFE_INTEGER]);
}

function upgrade(database: IDBDatabase, transaction: IDBTransaction, from: number): void {
  const tab = ["set_id", "client_id"];
  if (from < 1) {
    const drafts = database.createObjectStore(DRAFTS, { keyPath: tab });
    drafts.createIndex("set_id", "set_id");
  }
  if (from >= 2) return;
  transaction.objectStore(DRAFTS).createIndex("user_id", "user_id");
  database.createObjectStore(BASES, { keyPath: tab });
  database.createObjectStore(STEPS, { keyPath: [...tab, "place"] });
  const histories = database.createObjectStore(HISTORIES, { keyPath: tab });
  histories.createIndex("set_id", "set_id");
  if (from === 1) carryOver(transaction);
}

function carryOver(transaction: IDBTransaction): void {
  const cursor = transaction.objectStore(DRAFTS).openCursor();
  cursor.onsuccess = () => {
    const at = cursor.result;
    if (!at) return;
    const { base, labels, ...rest } = at.value as FirstDraft;
    const kept = new Set(labels.map((label) => label.id));
    const remove = base.filter((label) => !kept.has(label.id)).map((label) => label.id);
    const diff: Diff = { put: labels, remove };
    const about = { episode: "", project: "", url: "" };
    at.update({ ...rest, diff, disputed: [], user_id: "", about });
    transaction.objectStore(BASES).put({ ...rest, labels: base });
    at.continue();
  };
}

export class IndexedDrafts implements DraftStore {
  readonly durable = true;
  /** The bases that this page wrote: the same list is not written again. */
  private readonly written = new Map<string, readonly Label[]>();

  private constructor(private readonly database: IDBDatabase) {
    // A newer page of the site wants to change the database: it must not wait for this one.
    database.onversionchange = () => database.close();
  }

  static async open(): Promise<IndexedDrafts> {
    const request = indexedDB.open(DATABASE, 2);
    request.onupgradeneeded = (event) => {
      if (request.transaction) upgrade(request.result, request.transaction, event.oldVersion);
    };
    return new IndexedDrafts(await settled(request));
  }

  keep(key: DraftKey, draft: Draft | null, steps: StepsChange | null): Promise<void> {
    const name = keyOf(key).join(" ");
    const fresh = draft !== null && this.written.get(name) !== draft.base;
    const done = this.change((transaction) => {
      this.writeDraft(transaction, key, draft, fresh);
      if (steps) writeSteps(transaction, steps);
    });
    return done.then(() => {
      if (draft) this.written.set(name, draft.base);
      else this.written.delete(name);
    });
  }

  private writeDraft(
    transaction: IDBTransaction,
    key: DraftKey,
    draft: Draft | null,
    fresh: boolean,
  ): void {
    if (!draft) {
      transaction.objectStore(DRAFTS).delete(keyOf(key));
      transaction.objectStore(BASES).delete(keyOf(key));
      return;
    }
    const { base, ...row } = draft;
    transaction.objectStore(DRAFTS).put(row satisfies DraftRow);
    if (!fresh) return;
    const { set_id, client_id } = key;
    transaction.objectStore(BASES).put({ set_id, client_id, labels: base } satisfies BaseRow);
  }

  remove(set_id: string, client_id: string): Promise<void> {
    const key = { set_id, client_id };
    this.written.delete(keyOf(key).join(" "));
    return this.change((transaction) => erase(transaction, key));
  }

  ofSet(setId: string): Promise<Draft[]> {
    return this.drafts("set_id", setId);
  }

  ofUser(userId: string): Promise<Draft[]> {
    return this.drafts("user_id", userId);
  }

  async stepsOf(setId: string): Promise<KeptSteps[]> {
    const transaction = this.database.transaction([HISTORIES, STEPS], "readonly");
    const histories = transaction.objectStore(HISTORIES).index("set_id");
    const rows = await settled<HistoryRow[]>(histories.getAll(setId));
    const found = rows.map(async ({ count: _, ...row }) => {
      const stored = transaction.objectStore(STEPS).getAll(stepsFrom(row, 0));
      const steps = await settled<StepRow[]>(stored);
      return { ...row, steps: steps.map((each) => each.step) };
    });
    return (await Promise.all(found)).sort((a, b) => b.written_at - a.written_at);
  }

  async sweep(before: number): Promise<void> {
    const transaction = this.database.transaction([HISTORIES, DRAFTS], "readonly");
    const histories = settled<HistoryRow[]>(transaction.objectStore(HISTORIES).getAll());
    const drafts = settled(transaction.objectStore(DRAFTS).getAllKeys());
    const drafted = new Set((await drafts).map(String));
    const old = (await histories).filter(
      (row) => row.written_at < before && !drafted.has(String(keyOf(row))),
    );
    if (old.length === 0) return;
    await this.change((writing) => {
      for (const row of old) erase(writing, row);
    });
  }

  private async drafts(index: string, value: string): Promise<Draft[]> {
    const transaction = this.database.transaction([DRAFTS, BASES], "readonly");
    const rows = await settled<DraftRow[]>(
      transaction.objectStore(DRAFTS).index(index).getAll(value),
    );
    return Promise.all(
      rows.map(async (row) => {
        const base = await settled<BaseRow | undefined>(
          transaction.objectStore(BASES).get(keyOf(row)),
        );
        return { ...row, base: base?.labels ?? [] };
      }),
    );
  }

  private change(work: (transaction: IDBTransaction) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const transaction = this.database.transaction(ALL, "readwrite");
      // A write counts once the transaction is through, not once its requests are.
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(transaction.error);
      transaction.onerror = () => reject(transaction.error);
      work(transaction);
      // Sent with the writes: a tab that is killed a moment later has written.
      transaction.commit?.();
    });
  }
}

function writeSteps(transaction: IDBTransaction, change: StepsChange): void {
  const { from, put, ...row } = change;
  const { set_id, client_id } = row;
  const steps = transaction.objectStore(STEPS);
  steps.delete(stepsFrom(row, from));
  for (const [i, step] of put.entries()) {
    steps.put({ set_id, client_id, place: from + i, step } satisfies StepRow);
  }
  transaction.objectStore(HISTORIES).put(row satisfies HistoryRow);
}

function erase(transaction: IDBTransaction, key: DraftKey): void {
  for (const name of [DRAFTS, BASES, HISTORIES]) transaction.objectStore(name).delete(keyOf(key));
  transaction.objectStore(STEPS).delete(stepsFrom(key, 0));
}
