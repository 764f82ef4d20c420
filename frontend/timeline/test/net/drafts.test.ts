import "fake-indexeddb/auto";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { History } from "../../src/model/history";
import type { Label } from "../../src/model/label";
import { diffBetween, Timeline } from "../../src/model/timeline";
import { type Draft, type DraftStore, MemoryDrafts, openDrafts } from "../../src/net/drafts";
import { labelsOf } from "../../src/net/recovery";
import { StepLog } from "../../src/net/steplog";
import { segment } from "../cast";

const KEY = { set_id: "set", client_id: "tab" };
const WHO = { ...KEY, user_id: "ada", written_at: 1 };

function draft(base: readonly Label[], labels: readonly Label[], values = {}): Draft {
  return {
    ...WHO,
    about: { episode: "e", project: "p", url: "/annotate/1/" },
    base_revision: 1,
    base,
    diff: diffBetween(Timeline.of(base), Timeline.of(labels)),
    flight: null,
    disputed: [],
    ...values,
  };
}

class LocalStorage {
  readonly [name: string]: unknown;
  private static readonly words = new Map<string, string>();
  getItem = (name: string) => LocalStorage.words.get(name) ?? null;
  setItem(name: string, value: string) {
    LocalStorage.words.set(name, value);
    Object.defineProperty(this, name, { enumerable: true, configurable: true, value });
  }
  removeItem(name: string) {
    LocalStorage.words.delete(name);
    delete (this as Record<string, unknown>)[name];
  }
}

const stores: Record<string, () => Promise<DraftStore>> = {
  IndexedDB: () => {
    vi.stubGlobal("indexedDB", new IDBFactory());
    return openDrafts();
  },
  localStorage: () => {
    vi.stubGlobal("indexedDB", undefined);
    vi.stubGlobal("localStorage", new LocalStorage());
    return openDrafts();
  },
  memory: async () => new MemoryDrafts(),
};

afterEach(() => vi.unstubAllGlobals());

describe.each(Object.keys(stores))("drafts in %s", (name) => {
  let drafts: DraftStore;
  beforeEach(async () => {
    drafts = await stores[name]!();
  });

  test("a draft comes back whole, and goes when there is none any more", async () => {
    const kept = draft([segment("a", 0, 10)], [segment("a", 0, 20), segment("b", 30, 40)]);
    await drafts.keep(KEY, kept, null);
    expect(await drafts.ofSet("set")).toEqual([kept]);
    expect(await drafts.ofUser("ada")).toEqual([kept]);
    expect(await drafts.ofUser("abe")).toEqual([]);
    await drafts.keep(KEY, null, null);
    expect(await drafts.ofSet("set")).toEqual([]);
  });

  test("a base that stays is still there after the next write, and a new one replaces it", async () => {
    const base = [segment("a", 0, 10)];
    await drafts.keep(KEY, draft(base, [segment("a", 0, 20)]), null);
    await drafts.keep(KEY, draft(base, [segment("a", 0, 30)]), null);
    const [second] = await drafts.ofSet("set");
    expect(labelsOf(second!).labels).toEqual([segment("a", 0, 30)]);
    const other = [segment("a", 0, 30)];
    await drafts.keep(KEY, draft(other, [segment("a", 0, 40)]), null);
    const [third] = await drafts.ofSet("set");
    expect(third?.base).toEqual(other);
  });

  test("steps written in pieces are the steps there are, whatever is undone between", async () => {
    const act = fc.oneof(
      fc.record({ kind: fc.constant("do" as const), n: fc.nat(5) }),
      fc.record({ kind: fc.constantFrom("undo" as const, "redo" as const, "keep" as const) }),
      fc.record({ kind: fc.constant("absorb" as const), n: fc.nat(5) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(act, { maxLength: 40 }), async (acts) => {
        await drafts.remove("set", "tab");
        const history = new History(Timeline.empty);
        const log = new StepLog(null);
        const keep = async () => {
          const now = history.kept;
          const change = log.change(now, WHO);
          if (change) await drafts.keep(KEY, null, change);
          log.written(now);
        };
        for (const [i, each] of acts.entries()) {
          const put = (n: number) => ({ put: [segment(`label-${n}`, i, i + 1)], remove: [] });
          if (each.kind === "do") history.perform(`step ${i}`, put(each.n));
          else if (each.kind === "absorb") history.absorb(put(each.n));
          else if (each.kind === "keep") await keep();
          else history[each.kind]();
        }
        await keep();
        const [found] = await drafts.stepsOf("set");
        const { steps, at } = history.kept;
        expect(found?.steps ?? []).toEqual(structuredClone(steps));
        expect(found?.at ?? 0).toBe(at);
      }),
      { numRuns: 40 },
    );
  });
});

test("a draft of the first version of the database is carried over", async () => {
  vi.stubGlobal("indexedDB", new IDBFactory());
  const [a, b] = [segment("a", 0, 10), segment("b", 10, 20)];
  await new Promise<void>((resolve) => {
    const request = indexedDB.open("touchline", 1);
    request.onupgradeneeded = () => {
      const store = request.result.createObjectStore("drafts", {
        keyPath: ["set_id", "client_id"],
      });
      store.createIndex("set_id", "set_id");
      const old = { written_at: 1, base_revision: 3, flight: null, disputed: [] };
      store.put({ ...KEY, ...old, base: [a], labels: [b] });
    };
    request.onsuccess = () => {
      request.result.close();
      resolve();
    };
  });
  const [found] = await (await openDrafts()).ofSet("set");
  expect(found).toMatchObject({ base_revision: 3, base: [a], user_id: "" });
  expect(labelsOf(found!).labels).toEqual([b]);
});
