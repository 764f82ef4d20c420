import { describe, expect, test } from "vitest";
import type { EditorSession } from "../../src/chrome/session";
import { Talk } from "../../src/chrome/talk";
import { Scope } from "../../src/clock/scope";

/** A session without comments on the server: what is written stays in the page. */
function scene(threads: readonly { id: string }[] = []) {
  const shown: Record<string, unknown>[] = [];
  const session = {
    payload: { urls: {} },
    snapshot: () => ({ talk: { threads }, composing: 0, thread: null }),
    set: (values: Record<string, unknown>) => shown.push(values),
    notify: (notice: Record<string, unknown>) => shown.push(notice),
    jumpTo: () => {},
  };
  return { talk: new Talk(session as unknown as EditorSession, new Scope()), shown };
}

describe("what is written and not posted", () => {
  test("is there again when its field comes back", () => {
    const { talk } = scene();
    talk.write("", "the gripper is hidden");
    expect(talk.draft("")).toBe("the gripper is hidden");
    expect(talk.draft("thread")).toBe("");
  });

  test("is led to, and told of", () => {
    const { talk, shown } = scene();
    expect(talk.showUnposted()).toBe(false);
    talk.write("", "wait");
    expect(talk.showUnposted()).toBe(true);
    expect(shown).toMatchObject([{ composing: 1 }, { tone: "error" }]);
  });

  test("an answer is found at its thread", () => {
    const { talk, shown } = scene([{ id: "thread" }]);
    talk.write("thread", "yes");
    expect(talk.showUnposted()).toBe(true);
    expect(shown[0]).toEqual({ thread: "thread" });
  });

  test("is nothing once it is emptied", () => {
    const { talk } = scene();
    talk.write("", "wait");
    talk.write("", "  ");
    expect(talk.unposted).toBe(false);
    expect(talk.showUnposted()).toBe(false);
  });
});
