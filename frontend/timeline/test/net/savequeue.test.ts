import "fake-indexeddb/auto";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type DraftStore, openDrafts } from "../../src/net/drafts";
import { segment } from "../cast";
import { a, b, type Fault, SetOnServer, Tab } from "./savescene";

let server: SetOnServer;
let drafts: DraftStore;

beforeEach(async () => {
  server = new SetOnServer();
  vi.stubGlobal("indexedDB", new IDBFactory());
  drafts = await openDrafts();
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("autosave", () => {
  test("joins quick changes into one request, within a second", async () => {
    const tab = await Tab.open(server, drafts);
    tab.put(a("1"));
    tab.put(a("2"));
    tab.put(b("1"));
    expect(tab.state.phase).toBe("waiting");
    await vi.advanceTimersByTimeAsync(1_000);
    await tab.queue.flush();
    expect(tab.sent).toBe(1);
    expect(tab.state).toMatchObject({ phase: "saved", changes: 0 });
    expect(server.labels.labels).toEqual([a("2"), b("1")]);
    await vi.waitFor(async () => expect(await drafts.ofSet("set")).toEqual([]));
  });

  test("a drag is not saved before it ends", async () => {
    const tab = await Tab.open(server, drafts);
    tab.history.begin("move");
    tab.history.preview({ put: [a("half way")], remove: [] });
    await tab.queue.flush();
    expect(tab.sent).toBe(0);
  });

  test("an undone change is not sent at all", async () => {
    const tab = await Tab.open(server, drafts);
    tab.put(a("1"));
    tab.history.undo();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(tab.sent).toBe(0);
    expect(tab.state.phase).toBe("saved");
  });
});

describe("offline", () => {
  test("keeps trying with growing pauses and says how much waits", async () => {
    const tab = await Tab.open(server, drafts);
    tab.fault = "lost request";
    tab.put(a("1"));
    await tab.queue.flush();
    expect(tab.state).toMatchObject({ phase: "offline", changes: 1, retryInMs: 1_000 });
    await vi.advanceTimersByTimeAsync(1_000);
    await vi.waitFor(() => expect(tab.state.retryInMs).toBe(2_000));
    tab.fault = "none";
    tab.put(b("1"));
    await tab.queue.retry();
    expect(tab.state.phase).toBe("saved");
    expect(server.labels.labels).toEqual([a("1"), b("1")]);
  });

  test("a request whose answer got lost is not applied twice", async () => {
    const tab = await Tab.open(server, drafts);
    tab.fault = "lost answer";
    tab.put(a("1"));
    await tab.queue.flush();
    tab.put(a("2"));
    tab.fault = "none";
    await tab.queue.retry();
    expect(server.applied).toBe(2);
    expect(tab.state).toMatchObject({ phase: "saved", conflicts: [] });
    expect(server.labels.labels).toEqual([a("2")]);
  });
});

describe("a stale revision", () => {
  test("merges changes to different labels without a question", async () => {
    const tab = await Tab.open(server, drafts);
    server.write([b("theirs")]);
    tab.put(a("mine"));
    await tab.queue.flush();
    expect(tab.state).toMatchObject({ phase: "saved", conflicts: [] });
    expect(server.labels.labels).toEqual([a("mine"), b("theirs")]);
    expect(tab.history.timeline.labels).toEqual([a("mine"), b("theirs")]);
  });

  async function conflict() {
    server.write([a("before")]);
    const tab = await Tab.open(server, drafts);
    server.write([a("theirs")]);
    tab.put(a("mine"));
    tab.put(b("mine"));
    await tab.queue.flush();
    return tab;
  }

  test("keeps both versions of a label changed on both sides, and saves the rest", async () => {
    const tab = await conflict();
    expect(tab.state.conflicts).toMatchObject([{ id: "a", mine: a("mine"), theirs: a("theirs") }]);
    expect(server.labels.labels).toEqual([a("theirs"), b("mine")]);
    expect(tab.history.timeline.get("a")).toEqual(a("mine"));
  });

  test("an open conflict survives a reload", async () => {
    const tab = await conflict();
    await vi.waitFor(async () =>
      expect((await drafts.ofSet("set"))[0]?.disputed).toMatchObject([{ id: "a" }]),
    );
    tab.kill();
    const again = await Tab.open(server, drafts);
    expect(again.state.conflicts).toMatchObject([{ mine: a("mine"), theirs: a("theirs") }]);
  });

  test.each([
    ["mine", [a("mine"), b("mine")]],
    ["theirs", [a("theirs"), b("mine")]],
  ] as const)("settled as %s", async (choice, expected) => {
    const tab = await conflict();
    tab.queue.resolve("a", choice);
    await tab.queue.flush();
    expect(tab.state.conflicts).toEqual([]);
    expect(server.labels.labels).toEqual(expected);
  });

  test("settled as both, mine becomes a label of its own", async () => {
    const tab = await conflict();
    tab.queue.resolve("a", "both");
    await tab.queue.flush();
    const texts = server.labels.labels.map((label) => label.text).sort();
    expect(texts).toEqual(["mine", "mine", "theirs"]);
  });
});

describe("another tab", () => {
  test("hears what was saved, without asking the server", async () => {
    const [one, two] = [await Tab.open(server, drafts, "1"), await Tab.open(server, drafts, "2")];
    one.put(a("1"));
    await one.queue.flush();
    const accepted = { from: 1, to: 2, put: [a("1")], remove: [] };
    expect(two.queue.hear(accepted)).toBe(true);
    await two.queue.flush();
    expect(two.history.timeline.labels).toEqual([a("1")]);
    expect(two.queue.baseRevision).toBe(2);
    // Heard twice, or late, it changes nothing.
    expect(two.queue.hear(accepted)).toBe(true);
    expect(two.queue.hear({ from: 5, to: 6, put: [b("1")], remove: [] })).toBe(false);
    expect(two.history.timeline.labels).toEqual([a("1")]);
  });
});

test("two tabs and a bad network: every label arrives once", async () => {
  const faults = fc.constantFrom<Fault>("none", "none", "lost request", "lost answer");
  const act = fc.record({ tab: fc.nat(1), fault: faults, die: fc.nat(9).map((n) => n === 0) });
  await fc.assert(
    fc.asyncProperty(fc.array(act, { maxLength: 15 }), async (acts) => {
      server = new SetOnServer();
      vi.stubGlobal("indexedDB", new IDBFactory());
      drafts = await openDrafts();
      const tabs = [await Tab.open(server, drafts, "0"), await Tab.open(server, drafts, "1")];
      const written: string[] = [];
      for (const [i, { tab: n, fault, die }] of acts.entries()) {
        const tab = tabs[n]!;
        tab.fault = fault;
        const id = `label-${String(i).padStart(2, "0")}`;
        tab.put(segment(id, i, i + 1));
        written.push(id);
        await tab.queue.flush();
        if (!die) continue;
        tab.kill();
        tabs[n] = await Tab.open(server, drafts, String(n));
      }
      for (const tab of tabs) {
        tab.fault = "none";
        await tab.queue.retry();
        expect(tab.state).toMatchObject({ phase: "saved", changes: 0, conflicts: [] });
        tab.kill();
      }
      expect(server.labels.labels.map((label) => label.id)).toEqual(written);
    }),
    { numRuns: 60 },
  );
});

test("a browser that keeps nothing says so", async () => {
  const broken: DraftStore = {
    durable: true,
    keep: () => Promise.reject(new Error("disk full")),
    remove: async () => {},
    ofSet: async () => [],
    ofUser: async () => [],
    stepsOf: async () => [],
    sweep: async () => {},
  };
  const tab = await Tab.open(server, broken);
  tab.put(a("1"));
  await tab.queue.flush();
  expect(tab.state).toMatchObject({ phase: "saved", kept: false });
  expect(server.labels.labels).toEqual([a("1")]);
});

test("what a submit learns of another tab's work is merged before anything is sent again", async () => {
  const tab = await Tab.open(server, drafts);
  server.write([b("theirs")]);
  const state = await tab.queue.learn(server.revision, server.labels.labels);
  expect(state).toMatchObject({ phase: "saved", changes: 0 });
  expect(tab.history.timeline.labels).toEqual([b("theirs")]);
  expect(tab.queue.baseRevision).toBe(server.revision);
});
