import type { Step, Steps } from "../model/history";
import type { DraftKey, StepsChange } from "./drafts";

/** Knows which steps are stored, and so what little has to be written after each change. */
export class StepLog {
  private stored: readonly Step[];
  private at: number;

  constructor(stored: Steps | null) {
    this.stored = stored?.steps ?? [];
    this.at = stored?.at ?? 0;
  }

  /** Null when nothing changed. Steps are immutable, so the same object is the same step. */
  change(now: Steps, whose: DraftKey & { user_id: string; written_at: number }) {
    const { stored } = this;
    const { steps, at } = now;
    let from = 0;
    while (from < steps.length && steps[from] === stored[from]) from += 1;
    if (from === steps.length && from === stored.length && at === this.at) return null;
    const put = steps.slice(from);
    return { ...whose, from, put, count: steps.length, at } satisfies StepsChange;
  }

  /** The change has been written. */
  written({ steps, at }: Steps): void {
    this.stored = steps;
    this.at = at;
  }

  /** Nobody knows what was written: next time all of it is. */
  lost(): void {
    this.stored = [];
    this.at = -1;
  }
}
