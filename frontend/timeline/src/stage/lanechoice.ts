import type { SignalGroup } from "./signallanes";

const STORED = "touchline.lanes";

function stored(): Record<string, boolean> {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(STORED) ?? "{}");
    return typeof found === "object" && found !== null ? (found as Record<string, boolean>) : {};
  } catch {
    return {};
  }
}

/** Which signal lanes are open, as this person last had them, and which one the keys act on. */
export class LaneChoice {
  private readonly opened = new Map(Object.entries(stored()));
  private at = -1;

  constructor(readonly groups: readonly SignalGroup[]) {}

  get chosen(): SignalGroup | null {
    return this.groups[this.at] ?? null;
  }

  readonly isOpen = (group: SignalGroup): boolean => this.opened.get(group.id) ?? !group.folded;

  walk(step: 1 | -1): SignalGroup | null {
    const count = this.groups.length;
    if (count === 0) return null;
    this.at = this.at < 0 ? (step > 0 ? 0 : count - 1) : (this.at + step + count) % count;
    return this.chosen;
  }

  /** Opens or folds a lane; true when it is open now. */
  toggle(group: SignalGroup): boolean {
    this.at = this.groups.indexOf(group);
    const open = !this.isOpen(group);
    this.put([group], open);
    return open;
  }

  /** Opens all, or folds all when all are open. */
  toggleAll(): boolean {
    const open = !this.groups.every(this.isOpen);
    this.put(this.groups, open);
    return open;
  }

  private put(groups: readonly SignalGroup[], open: boolean): void {
    for (const group of groups) this.opened.set(group.id, open);
    localStorage.setItem(STORED, JSON.stringify(Object.fromEntries(this.opened)));
  }
}
