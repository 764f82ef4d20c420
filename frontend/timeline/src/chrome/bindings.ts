import type { Command } from "./commands";
import { KeyMap } from "./keys";
import { alsoOn, type Layout } from "./layouts";

/** The keys of the commands that a person gave other keys. */
export type OwnKeys = Readonly<Record<string, readonly string[]>>;

export interface Clash {
  readonly command: Command;
  /** The other's key: the same one, or one that begins with it, or that begins it. */
  readonly key: string;
}

const overlaps = (one: string, other: string) =>
  one === other || one.startsWith(`${other} `) || other.startsWith(`${one} `);

/** The commands whose keys a new key would take or hide. */
export function clashes(commands: readonly Command[], id: string, key: string): Clash[] {
  return commands
    .filter((command) => command.id !== id)
    .flatMap((command) =>
      command.keys.filter((own) => overlaps(own, key)).map((own) => ({ command, key: own })),
    );
}

/**
 * The commands with the keys they have for this person on this keyboard. Who comes first keeps a
 * key: what the person chose, then what commands came with, then what helps on the keyboard.
 */
export function bound(table: readonly Command[], own: OwnKeys, layout: Layout): Command[] {
  const taken: string[] = [];
  const take = (keys: readonly string[]) => {
    const free: string[] = [];
    for (const key of keys) {
      if (taken.some((other) => overlaps(other, key))) continue;
      taken.push(key);
      free.push(key);
    }
    return free;
  };
  const chosen = new Map(table.flatMap(({ id }) => (own[id] ? [[id, take(own[id])]] : [])));
  const given = new Map(table.map(({ id, keys }) => [id, chosen.get(id) ?? take(keys)]));
  return table.map((command) => {
    const keys = given.get(command.id) ?? [];
    if (chosen.has(command.id)) return { ...command, keys };
    const also = alsoOn(layout, command.id);
    const first = [...also.filter((key) => keys.includes(key)), ...take(also)];
    return { ...command, keys: [...first, ...keys.filter((key) => !first.includes(key))] };
  });
}

/** Browsers and systems keep these for themselves. */
const RESERVED = new Set([
  ...["Escape", "Tab", "Shift+Tab", "F5", "F11", "F12", "Ctrl+Tab", "Ctrl+Shift+Tab", "Alt+F4"],
  ...[..."TWNRLPJHDQ123456789"].map((key) => `Ctrl+${key}`),
  ...[..."TWNRIJ"].map((key) => `Ctrl+Shift+${key}`),
]);

export const isReserved = (key: string): boolean => RESERVED.has(key);

/** What can be bound: everything but the keys that only change others, and keys that write accents. */
export const isBindable = (key: string): boolean =>
  !/^(Shift|Control|Alt|AltGraph|Meta|CapsLock|NumLock|ScrollLock|Fn|FnLock|Dead|Process|Unidentified)$/.test(
    key,
  );

/** The commands and their keys as they stand for the person at the page. */
export class Bindings {
  commands: readonly Command[] = [];
  map = new KeyMap([]);
  /** Gets the buttons of pads instead of the commands: while a new key is waited for. */
  catching: ((key: string) => void) | null = null;

  constructor(
    private readonly table: readonly Command[],
    own: OwnKeys,
    layout: Layout,
  ) {
    this.bind(own, layout);
  }

  bind(own: OwnKeys, layout: Layout): void {
    this.commands = bound(this.table, own, layout);
    this.map = new KeyMap(this.commands);
  }

  /** Those of one command as it came, on this keyboard. */
  given(id: string, layout: Layout): readonly string[] {
    return bound(this.table, {}, layout).find((command) => command.id === id)?.keys ?? [];
  }
}
