import { beforeEach, describe, expect, test } from "vitest";
import type { Answer } from "../../src/net/api";
import { type KeptPreferences, PreferenceStore, type Preferences } from "../../src/net/preferences";

const NOTHING: KeptPreferences = { version: 0, values: {} };

/** The endpoint, as far as a client sees it: compare, replace, count. */
class Server {
  kept: KeptPreferences = NOTHING;
  reachable = true;
  requests = 0;

  readonly put = async (body: unknown): Promise<Answer | null> => {
    await Promise.resolve();
    if (!this.reachable) return null;
    this.requests += 1;
    const { base_version, values } = body as { base_version: number; values: Preferences };
    if (values.language === "tlh") return { ok: false, problem: problem("invalid", {}) };
    if (base_version !== this.kept.version) {
      return { ok: false, problem: problem("stale_preferences", { ...this.kept }) };
    }
    this.kept = { version: base_version + 1, values };
    return { ok: true, body: this.kept };
  };
}

const problem = (code: string, fields: Record<string, unknown>) => ({
  status: 409,
  code,
  title: "",
  detail: `It is ${code}.`,
  remedy: "",
  fields,
});

const settled = () => new Promise((resolve) => setTimeout(resolve, 5));

let server: Server;
let browser: Map<string, string>;
const open = (from: KeptPreferences = server.kept) =>
  new PreferenceStore("of ada", from, server.put, {
    getItem: (key) => browser.get(key) ?? null,
    setItem: (key, value) => void browser.set(key, value),
  });

beforeEach(() => {
  server = new Server();
  browser = new Map();
});

describe("preferences", () => {
  test("are as the page has them until something is chosen", () => {
    const values = { language: "", layout: "", single_keys: true, keys: {}, arrangements: {} };
    expect(open().values).toEqual(values);
    expect(server.requests).toBe(0);
  });

  test("count at once and reach the server", async () => {
    const store = open();
    store.change({ keys: { "play.toggle": ["F13"] } });
    expect(store.values.keys).toEqual({ "play.toggle": ["F13"] });
    expect(store.state.saved).toBe(false);
    await settled();
    expect(store.state.saved).toBe(true);
    expect(open().values.keys).toEqual({ "play.toggle": ["F13"] });
  });

  test("changed while a change is under way arrive too, all of them", async () => {
    const store = open();
    store.change({ language: "de" });
    store.change({ layout: "qwertz" });
    store.change({ keys: { a: ["A"] } });
    await settled();
    expect(server.kept.values).toMatchObject({
      language: "de",
      layout: "qwertz",
      keys: { a: ["A"] },
    });
  });

  test("are laid over what another window saved meanwhile", async () => {
    const [one, other] = [open(), open()];
    one.change({ keys: { a: ["A"], b: ["B"] } });
    await settled();
    other.change({ language: "de", keys: { c: ["C"], b: null } });
    await settled();
    expect(server.kept.values).toMatchObject({ language: "de", keys: { a: ["A"], c: ["C"] } });
    expect(server.kept.values.keys).not.toHaveProperty("b");
    expect(other.values.keys).toEqual({ a: ["A"], c: ["C"] });
  });

  test("wait in the browser while the server is away, over a reload", async () => {
    server.reachable = false;
    open().change({ single_keys: false });
    await settled();
    server.reachable = true;
    const later = open();
    expect(later.values.single_keys).toBe(false);
    await settled();
    expect(server.kept.values.single_keys).toBe(false);
  });

  test("go out when the connection is back", async () => {
    server.reachable = false;
    const store = open();
    store.change({ layout: "azerty" });
    await settled();
    server.reachable = true;
    await store.send();
    expect(store.state.saved).toBe(true);
  });

  test("a page older than what was saved here since does not bring old ones back", async () => {
    open().change({ language: "de" });
    await settled();
    expect(open(NOTHING).values.language).toBe("de");
  });

  test("say why the server refused them, and are not sent for ever", async () => {
    const store = open();
    store.change({ language: "tlh" });
    await settled();
    expect(store.state.problem).toBe("It is invalid.");
    expect(server.requests).toBe(1);
  });

  test("give a command its own keys back", async () => {
    const store = open();
    store.change({ keys: { a: ["A"] } });
    store.change({ keys: { a: null } });
    await settled();
    expect(store.values.keys).toEqual({});
    expect(server.kept.values.keys).toEqual({});
  });

  test("noted, they count and lie in the browser, and go out with what is sent next", async () => {
    const store = open();
    const lanes = { at: 5, of: { hidden: ["joints"] } };
    store.note({ arrangements: { "lanes.so101": lanes } });
    await settled();
    expect(server.requests).toBe(0);
    expect(store.values.arrangements).toEqual({ "lanes.so101": lanes });
    await store.send();
    expect(server.kept.values.arrangements).toEqual({ "lanes.so101": lanes });
    expect(open().values.arrangements).toEqual({ "lanes.so101": lanes });
  });

  test("of two windows keep each what the other arranged, by kind of robot", async () => {
    const [one, other] = [open(), open()];
    one.change({ arrangements: { "lanes.so101": { at: 1, of: { hidden: [] } } } });
    await settled();
    other.change({ arrangements: { "cameras.g1.front": { at: 2, of: { mode: "grid" } } } });
    await settled();
    expect(Object.keys(server.kept.values.arrangements!).sort()).toEqual([
      "cameras.g1.front",
      "lanes.so101",
    ]);
  });

  test("live without a storage", async () => {
    browser.set("of ada", "{no json");
    expect(open().values.language).toBe("");
    const full = new PreferenceStore("of ada", NOTHING, server.put, {
      getItem: () => null,
      setItem: () => {
        throw new DOMException("full", "QuotaExceededError");
      },
    });
    full.change({ language: "de" });
    await settled();
    expect(server.kept.values.language).toBe("de");
  });
});
