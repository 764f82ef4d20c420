import { describe, expect, test } from "vitest";
import { Passage } from "../../src/chrome/passage";

/** A passage with a clock of its own, and what became of its curtains. */
function scene() {
  let waiting: { run: () => void; ms: number } | null = null;
  const passage = new Passage<string>((run, ms) => {
    const timer = { run, ms };
    waiting = timer;
    return () => {
      if (waiting === timer) waiting = null;
    };
  });
  const lifted: string[] = [];
  const curtain = (name: string) => ({ lift: () => lifted.push(name) });
  const pass = () => {
    const due = waiting;
    waiting = null;
    due?.run();
  };
  return { passage, lifted, curtain, pass, waits: () => waiting?.ms ?? null };
}

describe("the way to the next episode", () => {
  test("keeps what is pressed while the next one is seen, and gives it once it is open", () => {
    const { passage, lifted, curtain, waits } = scene();
    passage.leave(curtain("next"));
    expect(passage.keeps("1")).toBe(true);
    passage.arrive(true);
    expect(passage.keeps("2")).toBe(true);
    expect(lifted).toEqual([]);
    expect(passage.open()).toEqual(["1", "2"]);
    expect(passage.keeps("3")).toBe(false);
    passage.painted();
    expect(lifted).toEqual(["next"]);
    expect(waits()).toBeNull();
    expect(passage.open()).toEqual([]);
  });

  test("leads back when the server refuses: the keys were for nobody", () => {
    const { passage, lifted, curtain, waits } = scene();
    passage.leave(curtain("next"));
    passage.keeps("1");
    passage.back();
    expect(lifted).toEqual(["next"]);
    expect(passage.between).toBe(false);
    expect(passage.open()).toEqual([]);
    expect(waits()).toBeNull();
  });

  test("shows the present episode again when no answer comes, and still takes a late one", () => {
    const { passage, lifted, curtain, pass, waits } = scene();
    passage.leave(curtain("next"));
    expect(waits()).toBeGreaterThan(2_000);
    passage.keeps("1");
    pass();
    expect(lifted).toEqual(["next"]);
    expect(passage.keeps("2")).toBe(false);
    passage.arrive(true);
    expect(passage.keeps("3")).toBe(true);
    expect(passage.open()).toEqual(["3"]);
  });

  test("takes the pictures away at once when another episode comes, and what was meant for them", () => {
    const { passage, lifted, curtain } = scene();
    passage.leave(curtain("guess"));
    passage.keeps("1");
    passage.arrive(false);
    expect(lifted).toEqual(["guess"]);
    expect(passage.keeps("2")).toBe(true);
    expect(passage.open()).toEqual(["2"]);
  });

  test("waits no longer for pictures that do not come than for an answer", () => {
    const { passage, lifted, curtain, pass, waits } = scene();
    passage.leave(curtain("next"));
    passage.arrive(true);
    passage.open();
    expect(waits()).toBeLessThan(2_000);
    pass();
    expect(lifted).toEqual(["next"]);
  });

  test("keeps nothing where nothing is at hand", () => {
    const { passage, waits } = scene();
    passage.leave(null);
    expect(passage.keeps("1")).toBe(false);
    expect(waits()).toBeNull();
    passage.arrive(false);
    expect(passage.keeps("2")).toBe(true);
    expect(passage.open()).toEqual(["2"]);
  });
});
