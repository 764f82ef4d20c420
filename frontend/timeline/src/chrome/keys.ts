import type { Command } from "./commands";

const NAMED: Readonly<Record<string, string>> = {
  " ": "Space",
  Spacebar: "Space",
  Esc: "Escape",
  Del: "Delete",
};

interface KeyPress {
  readonly key: string;
  readonly code: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly shiftKey: boolean;
}

/**
 * The ways to write one key press, most exact first. Letters and signs go by what is printed on
 * the key; digits go by their place, because AZERTY needs Shift for them.
 */
export function namesOf(event: KeyPress): string[] {
  const modifiers = [
    event.ctrlKey || event.metaKey ? "Ctrl+" : "",
    event.altKey ? "Alt+" : "",
    event.shiftKey ? "Shift+" : "",
  ].join("");
  const digit = /^(?:Digit|Numpad)(\d)$/.exec(event.code)?.[1];
  const key = NAMED[event.key] ?? (event.key.length === 1 ? event.key.toUpperCase() : event.key);
  const names = [modifiers + key];
  if (digit !== undefined && digit !== key) names.push(modifiers + digit);
  // "?" and "+" need Shift on one keyboard and not on another: Shift is part of the sign.
  if (event.shiftKey && event.key.length === 1 && !/[a-z0-9]/i.test(event.key)) {
    names.push(modifiers.replace("Shift+", "") + key);
  }
  return names;
}

export class KeyMap {
  private readonly byKey = new Map<string, Command>();
  private readonly prefixes = new Set<string>();

  /** @throws Error when two commands want one key. */
  constructor(commands: readonly Command[]) {
    for (const command of commands) {
      for (const key of command.keys) {
        const taken = this.byKey.get(key);
        if (taken) throw new Error(`${key} is the key of ${taken.id} and of ${command.id}.`);
        this.byKey.set(key, command);
        const [first, second] = key.split(" ");
        if (first && second) this.prefixes.add(first);
      }
    }
    for (const prefix of this.prefixes) {
      if (this.byKey.has(prefix)) throw new Error(`${prefix} is a command and begins another.`);
    }
  }

  find(event: KeyPress, prefix: string | null): Command | undefined {
    for (const name of namesOf(event)) {
      const command = this.byKey.get(prefix ? `${prefix} ${name}` : name);
      if (command) return command;
    }
    return undefined;
  }

  prefixOf(event: KeyPress): string | undefined {
    return namesOf(event).find((name) => this.prefixes.has(name));
  }

  under(prefix: string): Command[] {
    const start = `${prefix} `;
    return [...this.byKey].filter(([key]) => key.startsWith(start)).map(([, command]) => command);
  }
}

const SIGNS: Readonly<Record<string, string>> = {
  ArrowLeft: "←",
  ArrowRight: "→",
  ArrowUp: "↑",
  ArrowDown: "↓",
  Escape: "Esc",
  Delete: "Del",
};

/** A key as it is printed: "Shift+←". */
export function keyText(key: string): string {
  return key
    .split(" ")
    .map((press) =>
      press
        .split(/\+(?=.)/)
        .map((part) => SIGNS[part] ?? part)
        .join("+"),
    )
    .join(" then ");
}
