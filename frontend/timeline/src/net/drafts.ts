import type { Diff } from "../model/diff";
import type { Step, Steps } from "../model/history";
import type { Label } from "../model/label";
import type { Dispute } from "../model/merge";
import type { SaveRequest } from "./api";
import { IndexedDrafts } from "./indexeddrafts";

/** Where a draft belongs, for people who meet it outside of its own page. */
export interface About {
  readonly episode: string;
  readonly project: string;
  /** The page that takes it up again. */
  readonly url: string;
}

/** What identifies a draft: one tab's work on one label set, by one person. */
export interface DraftKey {
  readonly set_id: string;
  readonly client_id: string;
}

/** Everything unsaved of one label set in one tab: enough to go on after any reload. */
export interface Draft extends DraftKey {
  /** Nobody else who signs in on this computer is shown it. */
  readonly user_id: string;
  readonly about: About;
  readonly written_at: number;
  /** What the server is known to hold, and as which revision. */
  readonly base_revision: number;
  readonly base: readonly Label[];
  /** What is here instead. */
  readonly diff: Diff;
  /** Sent but not answered: to be sent again under the same request id. */
  readonly flight: SaveRequest | null;
  readonly disputed: readonly Dispute[];
}

/** What has to be written so that the steps kept are the steps there are. */
export interface StepsChange extends DraftKey {
  readonly user_id: string;
  readonly written_at: number;
  /** Steps from this place on are gone, and these stand there instead. */
  readonly from: number;
  readonly put: readonly Step[];
  readonly count: number;
  readonly at: number;
}

export interface DraftStore {
  readonly durable: boolean;
  /** Draft and steps in one transaction: they are of the same moment after any crash. */
  keep(key: DraftKey, draft: Draft | null, steps: StepsChange | null): Promise<void>;
  /** Forgets a tab's draft and steps. */
  remove(setId: string, clientId: string): Promise<void>;
  ofSet(setId: string): Promise<Draft[]>;
  ofUser(userId: string): Promise<Draft[]>;
  /** The steps of each tab that worked on the set, the newest first. */
  stepsOf(setId: string): Promise<KeptSteps[]>;
  /** Steps that nobody has added to since then, and that no draft goes with, are dropped. */
  sweep(before: number): Promise<void>;
}

export interface KeptSteps extends Steps, DraftKey {
  readonly user_id: string;
  readonly written_at: number;
}

/** How many labels of a draft the server does not hold as they are here. */
export function changesIn({ diff, disputed }: Draft): number {
  const changed = new Set([...diff.put.map((label) => label.id), ...diff.remove]);
  for (const { id } of disputed) changed.add(id);
  return changed.size;
}

export function applySteps(before: readonly Step[], change: StepsChange): Step[] {
  return [...before.slice(0, change.from), ...change.put];
}

interface Slot {
  draft: Draft | null;
  steps: KeptSteps | null;
}

function keepIn(slot: Slot, draft: Draft | null, change: StepsChange | null): Slot {
  if (!change) return { ...slot, draft };
  const { set_id, client_id, user_id, written_at, at } = change;
  const steps = applySteps(slot.steps?.steps ?? [], change);
  return { draft, steps: { set_id, client_id, user_id, written_at, at, steps } };
}

/** Drafts as a map of slots: what the two plainer stores have in common. */
abstract class SlotDrafts implements DraftStore {
  abstract readonly durable: boolean;
  protected abstract slots(): Slot[];
  protected abstract read(key: DraftKey): Slot | null;
  protected abstract write(key: DraftKey, slot: Slot | null): void;

  async keep(key: DraftKey, draft: Draft | null, change: StepsChange | null): Promise<void> {
    this.write(key, keepIn(this.read(key) ?? { draft: null, steps: null }, draft, change));
  }

  async remove(set_id: string, client_id: string): Promise<void> {
    this.write({ set_id, client_id }, null);
  }

  async ofSet(setId: string): Promise<Draft[]> {
    return this.slots().flatMap(({ draft }) => (draft?.set_id === setId ? draft : []));
  }

  async ofUser(userId: string): Promise<Draft[]> {
    return this.slots().flatMap(({ draft }) => (draft?.user_id === userId ? draft : []));
  }

  async stepsOf(setId: string): Promise<KeptSteps[]> {
    const found = this.slots().flatMap(({ steps }) => (steps?.set_id === setId ? steps : []));
    return found.sort((a, b) => b.written_at - a.written_at);
  }

  async sweep(before: number): Promise<void> {
    for (const { draft, steps } of this.slots()) {
      if (!draft && steps && steps.written_at < before) this.write(steps, null);
    }
  }
}

class LocalDrafts extends SlotDrafts {
  readonly durable = true;
  private readonly prefix = "touchline.draft.";

  private name({ set_id, client_id }: DraftKey): string {
    return `${this.prefix}${set_id}.${client_id}`;
  }

  protected slots(): Slot[] {
    return Object.keys(localStorage)
      .filter((name) => name.startsWith(this.prefix))
      .flatMap((name) => {
        const text = localStorage.getItem(name);
        return text ? [JSON.parse(text) as Slot] : [];
      });
  }

  protected read(key: DraftKey): Slot | null {
    const text = localStorage.getItem(this.name(key));
    return text ? (JSON.parse(text) as Slot) : null;
  }

  protected write(key: DraftKey, slot: Slot | null): void {
    if (!slot) {
      localStorage.removeItem(this.name(key));
      return;
    }
    try {
      localStorage.setItem(this.name(key), JSON.stringify(slot));
    } catch {
      // Room for a few megabytes only: the labels come before the way back.
      localStorage.setItem(this.name(key), JSON.stringify({ draft: slot.draft, steps: null }));
    }
  }
}

export class MemoryDrafts extends SlotDrafts {
  readonly durable = false;
  private readonly kept = new Map<string, Slot>();

  protected slots(): Slot[] {
    return [...this.kept.values()];
  }

  protected read({ set_id, client_id }: DraftKey): Slot | null {
    return this.kept.get(`${set_id} ${client_id}`) ?? null;
  }

  protected write({ set_id, client_id }: DraftKey, slot: Slot | null): void {
    const name = `${set_id} ${client_id}`;
    if (slot) this.kept.set(name, structuredClone(slot));
    else this.kept.delete(name);
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
