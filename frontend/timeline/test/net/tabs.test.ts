import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { claimClientId, editorTakenDown, livingClients } from "../../src/net/tabs";

type Given = (lock: object) => unknown;

/** Locks of one browser, each granted in turn: as navigator.locks has them. */
class Locks {
  private readonly tails = new Map<string, Promise<unknown>>();
  private readonly held = new Set<string>();

  request(name: string, { signal }: { signal: AbortSignal }, given: Given): Promise<unknown> {
    const before = this.tails.get(name) ?? Promise.resolve();
    const refused = new Promise<never>((_, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason));
    });
    const granted = Promise.race([before, refused]).then(async () => {
      this.held.add(name);
      await given({});
      this.held.delete(name);
    });
    const end = granted.catch(() => before);
    this.tails.set(name, end);
    return granted;
  }

  async query(): Promise<{ held: { name: string }[] }> {
    return { held: [...this.held].map((name) => ({ name })) };
  }
}

const kept = new Map<string, string>();
const forever = new Promise<void>(() => {});

beforeEach(() => {
  kept.clear();
  vi.stubGlobal("navigator", { locks: new Locks() });
  vi.stubGlobal("sessionStorage", {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
  });
});
afterEach(() => vi.unstubAllGlobals());

test("a reload keeps its name though the page before is not gone at once", async () => {
  const takenDown = new Promise<void>((resolve) => setTimeout(resolve, 50));
  const name = await claimClientId(takenDown);
  expect(await claimClientId(forever)).toBe(name);
});

test("a duplicated tab gets a name of its own: the other one stays", async () => {
  const name = await claimClientId(forever);
  expect(await claimClientId(forever)).not.toBe(name);
});

test("a page that follows the editor waits until it is gone, and takes it for none that is open", async () => {
  const takenDown = new Promise<void>((resolve) => setTimeout(resolve, 50));
  const name = await claimClientId(takenDown);
  expect(await livingClients()).toContain(name);
  await editorTakenDown();
  expect(await livingClients()).not.toContain(name);
});

test("it waits no longer for one that stays", async () => {
  const name = await claimClientId(forever);
  await editorTakenDown();
  expect(await livingClients()).toContain(name);
});
