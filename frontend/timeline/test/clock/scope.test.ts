import { afterEach, describe, expect, it, vi } from "vitest";
import { liveHoldings, Scope } from "../../src/clock/scope";
import { Frames } from "./frames";

afterEach(() => {
  expect(liveHoldings()).toBe(0);
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("Scope", () => {
  it("gives back listeners, timers, animation frames and observers when it closes", () => {
    vi.useFakeTimers();
    const frames = new Frames();
    frames.install();
    const target = new EventTarget();
    const heard: string[] = [];
    const scope = new Scope();
    scope.listen(target, "ping", () => heard.push("ping"));
    scope.timeout(() => heard.push("timeout"), 10);
    scope.interval(() => heard.push("interval"), 10);
    scope.frame(() => heard.push("frame"));
    const observer = scope.observe({ disconnect: vi.fn() });
    expect(liveHoldings()).toBe(5);
    scope.close();
    target.dispatchEvent(new Event("ping"));
    vi.advanceTimersByTime(100);
    expect(frames.waiting).toBe(0);
    expect(observer.disconnect).toHaveBeenCalledOnce();
    expect(heard).toEqual([]);
    expect(scope.signal.aborted).toBe(true);
  });

  it("lets go of what has run by itself or was released early", () => {
    vi.useFakeTimers();
    const scope = new Scope();
    const cleanup = vi.fn();
    const release = scope.own(cleanup);
    scope.timeout(() => {}, 10);
    release();
    release();
    vi.advanceTimersByTime(20);
    expect(scope.size).toBe(0);
    scope.close();
    expect(cleanup).toHaveBeenCalledOnce();
  });

  it("closes its children, and forgets those that closed before", () => {
    const scope = new Scope();
    const [first, second] = [scope.child(), scope.child()];
    const cleanups = [first, second].map((child) => {
      const cleanup = vi.fn();
      child.own(cleanup);
      return cleanup;
    });
    first.close();
    expect(scope.size).toBe(1);
    scope.close();
    expect(second.closed).toBe(true);
    for (const cleanup of cleanups) expect(cleanup).toHaveBeenCalledOnce();
  });

  it("takes nothing once closed", () => {
    const scope = new Scope();
    scope.close();
    const cleanup = vi.fn();
    scope.own(cleanup);
    expect(cleanup).toHaveBeenCalledOnce();
    const target = new EventTarget();
    const heard = vi.fn();
    scope.listen(target, "ping", heard);
    target.dispatchEvent(new Event("ping"));
    expect(heard).not.toHaveBeenCalled();
    expect(scope.child().closed).toBe(true);
  });
});
