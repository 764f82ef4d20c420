import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Scope } from "../../src/clock/scope";
import { Gestures, type Ground, type Zone } from "../../src/stage/gestures";
import type { Hit } from "../../src/stage/hit";
import type { Grip, StageHost } from "../../src/stage/host";
import { fitAll, tOf, type Viewport } from "../../src/stage/viewport";

const S = 1_000_000_000;

class Surface extends EventTarget {
  readonly style = { cursor: "" };
  setPointerCapture() {}
}

let scope: Scope;
let element: Surface;
let view: Viewport;
let zone: Zone;
let hit: Hit;
let said: string[];

beforeEach(() => {
  scope = new Scope();
  element = new Surface();
  view = fitAll({ fromNs: 0, toNs: 0, durationNs: 100 * S, left: 100, width: 1_000 });
  zone = "lanes";
  hit = { lane: null, label: null, grip: null };
  said = [];
  const ground: Ground = {
    view: () => view,
    setView: (next) => {
      view = next;
    },
    at: (event) => ({ hit, zone, x: event.clientX }),
    overviewTime: (x) => tOf(fitAll(view), x),
    showSnap: () => {},
    hover: (t) => said.push(t === null ? "hover none" : "hover"),
    toggle: () => {},
  };
  const host: Partial<StageHost> = {
    seek: () => said.push("seek"),
    select: () => said.push("select"),
    beginDrag: (grip: Grip) => said.push(`drag ${grip.labelId}`) > 0,
    drag: () => null,
    endDrag: () => said.push("end"),
    bailDrag: () => said.push("bail"),
  };
  new Gestures(element as unknown as HTMLElement, ground, host as StageHost, scope);
});

afterEach(() => scope.close());

function point(type: string, pointerId: number, x: number, pointerType = "touch"): void {
  const facts = { pointerId, pointerType, clientX: x, button: 0, altKey: false };
  element.dispatchEvent(Object.assign(new Event(type), facts));
}

describe("two fingers", () => {
  test("zoom about what lies between them", () => {
    const middle = tOf(view, 600);
    const span = view.toNs - view.fromNs;
    point("pointerdown", 1, 500);
    point("pointerdown", 2, 700);
    point("pointermove", 1, 400);
    point("pointermove", 2, 800);
    expect(view.toNs - view.fromNs).toBeCloseTo(span / 2, -3);
    expect(tOf(view, 600)).toBeCloseTo(middle, -3);
  });

  test("side by side they pan, and what was between them stays there", () => {
    point("pointerdown", 1, 500);
    point("pointerdown", 2, 700);
    point("pointermove", 1, 450);
    point("pointermove", 2, 750);
    const held = tOf(view, 600);
    point("pointermove", 1, 550);
    point("pointermove", 2, 850);
    expect(tOf(view, 700)).toBeCloseTo(held, -3);
  });

  test("the second one takes back what the first had begun; the last one lifted does nothing", () => {
    hit = { lane: null, label: null, grip: { labelId: "a", part: "start" } };
    point("pointerdown", 1, 500);
    point("pointerdown", 2, 700);
    expect(said).toEqual(["drag a", "select", "bail"]);
    point("pointerup", 2, 700);
    const before = view;
    point("pointermove", 1, 200);
    point("pointerup", 1, 200);
    expect(view).toBe(before);
    expect(said).not.toContain("end");
    expect(said).not.toContain("seek");
  });
});

test("one finger pans and points at nothing, a mouse points", () => {
  point("pointermove", 1, 300);
  expect(said).toEqual(["hover none"]);
  point("pointermove", 9, 300, "mouse");
  expect(said.at(-1)).toBe("hover");
  view = { ...view, fromNs: 20 * S, toNs: 40 * S };
  point("pointerdown", 1, 500);
  point("pointermove", 1, 400);
  point("pointerup", 1, 400);
  expect(view.fromNs).toBeCloseTo(22 * S, -3);
  expect(said).not.toContain("seek");
});

test("a tap seeks", () => {
  point("pointerdown", 1, 500);
  point("pointerup", 1, 501);
  expect(said).toContain("seek");
});
