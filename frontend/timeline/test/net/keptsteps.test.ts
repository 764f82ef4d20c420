import "fake-indexeddb/auto";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { History } from "../../src/model/history";
import { Timeline } from "../../src/model/timeline";
import { type DraftStore, openDrafts } from "../../src/net/drafts";
import { recover } from "../../src/net/recovery";
import { SaveQueue } from "../../src/net/savequeue";
import { a, b, SetOnServer, Tab } from "./savescene";

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
