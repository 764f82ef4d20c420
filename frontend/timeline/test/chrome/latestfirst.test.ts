import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { LatestFirst } from "../../src/chrome/latestfirst";
import { Scope } from "../../src/clock/scope";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function loading() {
  const scope = new Scope();
  const begun: number[] = [];
  const ends: { resolve: () => void; reject: (why: Error) => void }[] = [];
  const load = (wanted: number) => {
    begun.push(wanted);
    return new Promise<void>((resolve, reject) => ends.push({ resolve, reject }));
  };
  const queue = new LatestFirst(load, scope);
  return { scope, begun, ends, want: (n: number) => queue.want(`${n}`, n) };
}

test("four at a time, and the latest wanted next", async () => {
  const { begun, ends, want } = loading();
  for (const n of [1, 2, 3, 4, 5, 6, 5]) want(n);
  expect(begun).toEqual([1, 2, 3, 4]);
  ends[0]!.resolve();
  await vi.advanceTimersByTimeAsync(0);
  expect(begun).toEqual([1, 2, 3, 4, 5]);
});

test("what is on its way is not asked for again, what failed only after a pause", async () => {
  const { begun, ends, want } = loading();
  want(1);
  want(1);
  expect(begun).toEqual([1]);
  ends[0]!.reject(new Error("HTTP 500"));
  await vi.advanceTimersByTimeAsync(4_000);
  want(1);
  expect(begun).toEqual([1]);
  await vi.advanceTimersByTimeAsync(1_001);
  want(1);
  expect(begun).toEqual([1, 1]);
});

test("nothing more is begun once the editor is closed", async () => {
  const { scope, begun, ends, want } = loading();
  for (const n of [1, 2, 3, 4, 5]) want(n);
  scope.close();
  ends[0]!.resolve();
  await vi.advanceTimersByTimeAsync(0);
  want(6);
  expect(begun).toEqual([1, 2, 3, 4]);
});
