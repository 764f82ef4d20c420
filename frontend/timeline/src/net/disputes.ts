import type { Step, Way } from "../model/history";
import { sameLabel } from "../model/label";
import type { Conflict, Dispute } from "../model/merge";
import type { Timeline } from "../model/timeline";

/** Labels changed here and elsewhere, until a person decides or both sides come to say the same. */
export class Disputes {
  private readonly open: Map<string, Dispute>;

  constructor(disputed: readonly Dispute[]) {
    this.open = new Map(disputed.map((dispute) => [dispute.id, dispute]));
  }

  get size(): number {
    return this.open.size;
  }

  get all(): Dispute[] {
    return [...this.open.values()];
  }

  get ids(): ReadonlySet<string> {
    return new Set(this.open.keys());
  }

  conflicts(mine: Timeline): Conflict[] {
    return this.all.map(({ id, base, theirs }) => ({
      id,
      base: base ?? undefined,
      mine: mine.get(id),
      theirs: theirs ?? undefined,
    }));
  }

  /** What the server has gone on to hold since `base`, and what of it contradicts what is here. */
  hear(base: Timeline, theirs: Timeline, conflicts: readonly Conflict[]): void {
    for (const [id, dispute] of this.open) {
      const now = theirs.get(id);
      // What was contested stays so, now with their newest word.
      if (!sameLabel(base.get(id), now)) this.open.set(id, { ...dispute, theirs: now ?? null });
    }
    for (const { id, base: before } of conflicts) {
      if (this.open.has(id)) continue;
      this.open.set(id, { id, base: before ?? null, theirs: theirs.get(id) ?? null });
    }
  }

  /** Those in which both sides say the same by now are none. */
  settle(mine: Timeline): void {
    for (const [id, { theirs }] of this.open) {
      if (sameLabel(mine.get(id), theirs ?? undefined)) this.open.delete(id);
    }
  }

  /** Takes one out, to be decided. */
  take(id: string): Dispute | undefined {
    const dispute = this.open.get(id);
    this.open.delete(id);
    return dispute;
  }

  /** Undo of a settlement opens its conflict again, redo settles it again. */
  travelled({ settles }: Step, way: Way): void {
    if (!settles) return;
    if (way === "backward") this.open.set(settles.id, settles);
    else this.open.delete(settles.id);
  }
}
