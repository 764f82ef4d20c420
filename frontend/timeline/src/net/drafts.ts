import type { Label } from "../model/label";
import type { SaveRequest } from "./api";

/** Everything unsaved of one label set in one tab: enough to go on after any reload. */
export interface Draft {
  readonly set_id: string;
  readonly client_id: string;
  readonly written_at: number;
  /** What the server is known to hold, and as which revision. */
  readonly base_revision: number;
  readonly base: readonly Label[];
  readonly labels: readonly Label[];
  /** Sent but not answered: to be sent again under the same request id. */
  readonly flight: SaveRequest | null;
  readonly disputed: readonly string[];
}

export interface DraftStore {
  readonly durable: boolean;
  write(draft: Draft): Promise<void>;
  remove(setId: string, clientId: string): Promise<void>;
  ofSet(setId: string): Promise<Draft[]>;
}

const DATABASE = "touchline";
const STORE = "drafts";

function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

class IndexedDrafts implements DraftStore {
  readonly durable = true;

  private constructor(private readonly database: IDBDatabase) {}

  static async open(): Promise<IndexedDrafts> {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => {
      const store = request.result.createObjectStore(STORE, { keyPath: ["set_id", "client_id"] });
      store.createIndex("set_id", "set_id");
    };
    return new IndexedDrafts(await settled(request));
  }

  private run<T>(mode: IDBTransactionMode, work: (store: IDBObjectStore) => IDBRequest<T>) {
    return new Promise<T>((resolve, reject) => {
      const transaction = this.database.transaction(STORE, mode);
      const request = work(transaction.objectStore(STORE));
      // A write counts once the transaction is through, not once the request is.
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(transaction.error);
      transaction.onerror = () => reject(transaction.error);
    });
  }

  async write(draft: Draft): Promise<void> {
    await this.run("readwrite", (store) => store.put(draft));
  }

  async remove(setId: string, clientId: string): Promise<void> {
    await this.run("readwrite", (store) => store.delete([setId, clientId]));
  }

  ofSet(setId: string): Promise<Draft[]> {
    return this.run(
      "readonly",
      (store) => store.index("set_id").getAll(setId) as IDBRequest<Draft[]>,
    );
  }
}

class LocalDrafts implements DraftStore {
  readonly durable = true;

  private prefix(setId: string): string {
    return `touchline.draft.${setId}.`;
  }

  async write(draft: Draft): Promise<void> {
    localStorage.setItem(this.prefix(draft.set_id) + draft.client_id, JSON.stringify(draft));
  }

  async remove(setId: string, clientId: string): Promise<void> {
    localStorage.removeItem(this.prefix(setId) + clientId);
  }

  async ofSet(setId: string): Promise<Draft[]> {
    const keys = Object.keys(localStorage).filter((key) => key.startsWith(this.prefix(setId)));
    return keys.flatMap((key) => {
      const text = localStorage.getItem(key);
      return text ? [JSON.parse(text) as Draft] : [];
    });
  }
}

export class MemoryDrafts implements DraftStore {
  readonly durable = false;
  private readonly drafts = new Map<string, Draft>();

  async write(draft: Draft): Promise<void> {
    this.drafts.set(`${draft.set_id} ${draft.client_id}`, structuredClone(draft));
  }

  async remove(setId: string, clientId: string): Promise<void> {
    this.drafts.delete(`${setId} ${clientId}`);
  }

  async ofSet(setId: string): Promise<Draft[]> {
    return [...this.drafts.values()].filter((draft) => draft.set_id === setId);
  }
}

/** The safest place this browser offers: IndexedDB, else localStorage, else only this tab. */
export async function openDrafts(): Promise<DraftStore> {
  try {
    return await IndexedDrafts.open();
  } catch {
    try {
      localStorage.setItem("touchline.probe", "1");
      localStorage.removeItem("touchline.probe");
      return new LocalDrafts();
    } catch {
      return new MemoryDrafts();
    }
  }
}
