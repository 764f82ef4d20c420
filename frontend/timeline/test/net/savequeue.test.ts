import "fake-indexeddb/auto";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { History } from "../../src/model/history";
import type { Label } from "../../src/model/label";
import { Timeline } from "../../src/model/timeline";
import type { SaveAnswer, SaveRequest } from "../../src/net/api";
import { type DraftStore, openDrafts } from "../../src/net/drafts";
import type { LabelSetInfo } from "../../src/net/payload";
import { recover } from "../../src/net/recovery";
import { SaveQueue, type SaveState } from "../../src/net/savequeue";
import { segment } from "../cast";

/** The server's side of the contract: revisions, and one answer a request id. */
class SetOnServer {
  revision = 1;
  labels = Timeline.empty;
  applied = 0;
  private readonly answers = new Map<string, number>();

  save(request: SaveRequest): SaveAnswer {
    const before = this.answers.get(request.request_id);
    if (before !== undefined) return { kind: "saved", revision: before };
    if (request.base_revision !== this.revision) {
      return { kind: "stale", revision: this.revision, labels: this.labels.labels };
    }
    this.write(request.put, request.remove);
    this.applied += 1;
    this.answers.set(request.request_id, this.revision);
    return { kind: "saved", revision: this.revision };
  }

  write(put: readonly Label[], remove: readonly string[] = []): void {
    this.labels = this.labels.apply({ put, remove });
    this.revision += 1;
  }

  get page(): LabelSetInfo {
    return {
      id: "set",
      name: "Ada",
      role: "annotator",
      state: "draft",
      revision: this.revision,
      editable: true,
      labels: this.labels.labels,
      round: 1,
    };
  }
}

type Fault = "none" | "lost request" | "lost answer";

class Tab {
  history!: History;
  queue!: SaveQueue;
  state!: SaveState;
  fault: Fault = "none";
  sent = 0;

  static async open(server: SetOnServer, drafts: DraftStore, client = "tab", page = server.page) {
    const tab = new Tab();
    const opening = await recover(
      page,
      { clientId: client, userId: "ada", living: new Set() },
      drafts,
    );
    tab.history = new History(Timeline.of(opening.labels), () => tab.queue?.changed());
    tab.queue = new SaveQueue({
      setId: "set",
      clientId: client,
      userId: "ada",
      about: { episode: "episode_000001", project: "Blocks", url: "/annotate/1/" },
      labels: tab.history,
      opening,
      drafts,
      send: async (request) => {
        tab.sent += 1;
        if (tab.fault === "lost request") return { kind: "unreachable" };
        const answer = server.save(request);
        return tab.fault === "lost answer" ? { kind: "unreachable" } : answer;
      },
      newId: () => crypto.randomUUID(),
      onState: (state) => {
        tab.state = state;
      },
    });
    if (opening.steps) tab.history.resume(opening.steps);
    tab.queue.start();
    return tab;
  }

  put(label: Label): void {
    this.history.perform("put", { put: [label], remove: [] });
  }

  /** The tab is killed: nothing more of it runs. */
  kill(): void {
    this.queue.close();
  }
}

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

const a = (text: string) => segment("a", 0, 10, text);
const b = (text: string) => segment("b", 10, 20, text);

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

describe("a reload", () => {
  test("brings back what was not saved", async () => {
    const first = await Tab.open(server, drafts);
    first.fault = "lost request";
    first.put(a("typed"));
    await first.queue.flush();
    first.kill();
    const second = await Tab.open(server, drafts);
    expect(second.history.timeline.labels).toEqual([a("typed")]);
    await second.queue.flush();
    expect(server.labels.labels).toEqual([a("typed")]);
  });

  test("after a lost answer finds no conflict with itself", async () => {
    const first = await Tab.open(server, drafts);
    first.fault = "lost answer";
    first.put(a("1"));
    await first.queue.flush();
    first.put(a("2"));
    await vi.waitFor(async () =>
      expect((await drafts.ofSet("set"))[0]?.diff.put).toEqual([a("2")]),
    );
    first.kill();
    const second = await Tab.open(server, drafts);
    await second.queue.flush();
    expect(second.state).toMatchObject({ phase: "saved", conflicts: [] });
    expect(server.labels.labels).toEqual([a("2")]);
  });

  test("takes up the draft of a tab that was killed", async () => {
    const lost = await Tab.open(server, drafts, "lost tab");
    lost.fault = "lost request";
    lost.put(a("typed"));
    await lost.queue.flush();
    lost.kill();
    const next = await Tab.open(server, drafts, "another tab");
    await next.queue.flush();
    expect(server.labels.labels).toEqual([a("typed")]);
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

describe("steps", () => {
  const names = async (client = "tab") => {
    const found = (await drafts.stepsOf("set")).find((each) => each.client_id === client);
    return found ? [...found.steps.map((step) => step.name), found.at] : null;
  };

  test("are kept when everything is saved, and undo goes on after a reload", async () => {
    const first = await Tab.open(server, drafts);
    first.put(a("1"));
    first.put(b("1"));
    await first.queue.flush();
    await first.queue.settledHere;
    expect(await drafts.ofSet("set")).toEqual([]);
    expect(await names()).toEqual(["put", "put", 2]);
    first.kill();
    const second = await Tab.open(server, drafts);
    expect(second.history.undo()).not.toBeNull();
    await second.queue.flush();
    expect(server.labels.labels).toEqual([a("1")]);
    await second.queue.settledHere;
    expect(await names()).toEqual(["put", "put", 1]);
  });

  test("of a tab that is gone are taken up under the new tab's name", async () => {
    const lost = await Tab.open(server, drafts, "lost");
    lost.put(a("1"));
    await lost.queue.flush();
    await lost.queue.settledHere;
    lost.kill();
    const next = await Tab.open(server, drafts, "next");
    expect(next.history.undoName).toBe("put");
    expect(await names("lost")).toBeNull();
    expect(await names("next")).toEqual(["put", 1]);
  });

  test("are forgotten once the work is handed in", async () => {
    const tab = await Tab.open(server, drafts);
    tab.put(a("1"));
    await tab.queue.flush();
    await tab.queue.forget();
    expect(await drafts.stepsOf("set")).toEqual([]);
  });

  test("that are old and go with no draft are swept, others stay", async () => {
    const tab = await Tab.open(server, drafts);
    tab.put(a("1"));
    await tab.queue.flush();
    await tab.queue.settledHere;
    await drafts.sweep(Date.now() - 1_000);
    expect(await names()).toEqual(["put", 1]);
    await drafts.sweep(Date.now() + 1_000);
    expect(await names()).toBeNull();
  });
});

describe("a conflict that was settled", () => {
  test.each(["mine", "theirs"] as const)("as %s is open again after undo", async (choice) => {
    server.write([a("before")]);
    const tab = await Tab.open(server, drafts);
    server.write([a("theirs")]);
    tab.put(a("mine"));
    await tab.queue.flush();
    const [open] = tab.state.conflicts;
    expect(open).toEqual({ id: "a", base: a("before"), mine: a("mine"), theirs: a("theirs") });
    tab.queue.resolve("a", choice);
    await tab.queue.flush();
    expect(server.labels.labels).toEqual([a(choice)]);
    tab.history.undo();
    expect(tab.state.conflicts).toEqual([open]);
    await tab.queue.flush();
    tab.queue.resolve("a", "theirs");
    await tab.queue.flush();
    expect(tab.state).toMatchObject({ phase: "saved", conflicts: [] });
    expect(server.labels.labels).toEqual([a("theirs")]);
  });

  test("shows their newest word when they go on", async () => {
    server.write([a("before")]);
    const tab = await Tab.open(server, drafts);
    server.write([a("theirs")]);
    tab.put(a("mine"));
    await tab.queue.flush();
    server.write([a("theirs again")]);
    tab.put(b("mine"));
    await tab.queue.flush();
    const [open] = tab.state.conflicts;
    expect(open).toMatchObject({ base: a("before"), theirs: a("theirs again") });
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

describe("somebody else's browser", () => {
  test("is not shown a draft, and the draft waits for its person", async () => {
    const ada = await Tab.open(server, drafts);
    ada.fault = "lost request";
    ada.put(a("ada's"));
    await ada.queue.flush();
    ada.kill();
    const tab = { clientId: "other", userId: "abe", living: new Set<string>() };
    expect((await recover(server.page, tab, drafts)).recovered).toBe(0);
    expect(await drafts.ofUser("abe")).toEqual([]);
    expect(await drafts.ofUser("ada")).toMatchObject([
      { about: { episode: "episode_000001" }, diff: { put: [a("ada's")] } },
    ]);
  });

  test("when signed out, a request keeps its id until its person is back", async () => {
    const sent: string[] = [];
    let out = true;
    const tab = await Tab.open(server, drafts);
    tab.kill();
    const problem = {
      status: 403,
      code: "not_authenticated",
      title: "",
      detail: "",
      remedy: "",
      fields: {},
    };
    const opening = await recover(
      server.page,
      { clientId: "tab", userId: "ada", living: new Set() },
      drafts,
    );
    const labels = new History(Timeline.of([]), () => queue.changed());
    const queue: SaveQueue = new SaveQueue({
      setId: "set",
      clientId: "tab",
      userId: "ada",
      about: { episode: "", project: "", url: "" },
      labels,
      opening,
      drafts,
      send: async (request) => {
        sent.push(request.request_id);
        return out ? { kind: "signed_out", problem } : server.save(request);
      },
      newId: () => crypto.randomUUID(),
      onState: () => {},
    });
    labels.perform("put", { put: [a("1")], remove: [] });
    expect(await queue.flush()).toMatchObject({ phase: "signed_out", changes: 1 });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(sent).toHaveLength(1);
    out = false;
    expect(await queue.retry()).toMatchObject({ phase: "saved", changes: 0 });
    expect(new Set(sent).size).toBe(1);
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
