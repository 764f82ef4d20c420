import { type OwnLane, ownGroup, type SignalGroup, type SignalLine } from "./signallanes";

/** Where a choice is kept by its name. */
export type Shelf = Pick<Storage, "getItem" | "setItem">;

interface Kept {
  readonly opened: Readonly<Record<string, boolean>>;
  readonly hidden: readonly string[];
  readonly order: readonly string[];
  readonly own: readonly OwnLane[];
}

const NOTHING: Kept = { opened: {}, hidden: [], order: [], own: [] };

export interface LaneEntry {
  readonly group: SignalGroup;
  readonly shown: boolean;
}

/**
 * Which signal lanes are shown, in which order and which of them open, as this person last had
 * them for this embodiment; and which one the keys act on.
 */
export class LaneChoice {
  private kept: Kept;
  private at: string | null = null;
  private cached: readonly LaneEntry[] | null = null;

  constructor(
    /** As they come, before anybody chose. */
    readonly given: readonly SignalGroup[],
    readonly lines: readonly SignalLine[],
    /** Names the embodiment. */
    private readonly key: string,
    private readonly shelf: Shelf,
  ) {
    this.kept = this.read();
  }

  /** All lanes there are, those that are hidden too. */
  get entries(): readonly LaneEntry[] {
    this.cached ??= this.arrange();
    return this.cached;
  }

  /** The lanes that are shown. */
  get groups(): readonly SignalGroup[] {
    return this.entries.filter(({ shown }) => shown).map(({ group }) => group);
  }

  get chosen(): SignalGroup | null {
    return this.groups.find((group) => group.id === this.at) ?? null;
  }

  readonly isOpen = (group: SignalGroup): boolean => this.kept.opened[group.id] ?? !group.folded;

  walk(step: 1 | -1): SignalGroup | null {
    const { groups } = this;
    const count = groups.length;
    if (count === 0) return null;
    const now = groups.findIndex((group) => group.id === this.at);
    const next = now < 0 ? (step > 0 ? 0 : count - 1) : (now + step + count) % count;
    this.at = groups[next]!.id;
    return groups[next]!;
  }

  /** Opens or folds a lane; true when it is open now. */
  toggle(group: SignalGroup): boolean {
    this.at = group.id;
    const open = !this.isOpen(group);
    this.open([group], open);
    return open;
  }

  /** Opens all, or folds all when all are open. */
  toggleAll(): boolean {
    const { groups } = this;
    const open = !groups.every(this.isOpen);
    this.open(groups, open);
    return open;
  }

  show(id: string, shown: boolean): void {
    const others = this.kept.hidden.filter((each) => each !== id);
    this.put({ hidden: shown ? others : [...others, id] });
  }

  /** One place up or down among all lanes. */
  move(id: string, step: 1 | -1): void {
    const order = this.entries.map(({ group }) => group.id);
    const from = order.indexOf(id);
    const to = from + step;
    if (from < 0 || to < 0 || to >= order.length) return;
    [order[from], order[to]] = [order[to]!, order[from]!];
    this.put({ order });
  }

  /** A lane of one's own, first of all; null when none of its lines is there. */
  add(name: string, keys: readonly string[]): SignalGroup | null {
    const taken = new Set(this.kept.own.map((own) => own.id));
    let number = 1;
    while (taken.has(`own|${number}`)) number += 1;
    const own: OwnLane = { id: `own|${number}`, name, keys: [...keys] };
    const group = ownGroup(own, this.lines);
    if (!group) return null;
    const order = [own.id, ...this.entries.map((entry) => entry.group.id)];
    this.put({ own: [...this.kept.own, own], order });
    return group;
  }

  remove(id: string): void {
    this.put({
      own: this.kept.own.filter((own) => own.id !== id),
      order: this.kept.order.filter((each) => each !== id),
    });
  }

  /** As they were before anybody chose. */
  reset(): void {
    this.put(NOTHING);
  }

  private open(groups: readonly SignalGroup[], open: boolean): void {
    const opened = Object.fromEntries(groups.map((group) => [group.id, open]));
    this.put({ opened: { ...this.kept.opened, ...opened } });
  }

  private arrange(): LaneEntry[] {
    const own = this.kept.own.flatMap((each) => ownGroup(each, this.lines) ?? []);
    const all = [...own, ...this.given];
    const { order, hidden } = this.kept;
    // What nobody has moved yet keeps its place behind what was before it.
    const ranked: SignalGroup[] = order.flatMap((id) => all.find((group) => group.id === id) ?? []);
    all.forEach((group, i) => {
      if (ranked.includes(group)) return;
      const before = all[i - 1];
      ranked.splice(before ? ranked.indexOf(before) + 1 : 0, 0, group);
    });
    return ranked.map((group) => ({ group, shown: !hidden.includes(group.id) }));
  }

  private read(): Kept {
    try {
      const found: unknown = JSON.parse(this.shelf.getItem(this.key) ?? "{}");
      const kept = { ...NOTHING, ...(found as Partial<Kept>) };
      const lists = [kept.hidden, kept.order, kept.own].every(Array.isArray);
      return lists && kept.opened instanceof Object ? kept : NOTHING;
    } catch {
      return NOTHING;
    }
  }

  private put(changed: Partial<Kept>): void {
    this.kept = { ...this.kept, ...changed };
    this.cached = null;
    this.shelf.setItem(this.key, JSON.stringify(this.kept));
  }
}
