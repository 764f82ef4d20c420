import { phrase, say, translated } from "../words";
import type { Command } from "./commands";

const NAMED: Readonly<Record<string, string>> = {
  " ": "Space",
  Spacebar: "Space",
  Esc: "Escape",
  Del: "Delete",
};

export interface KeyPress {
  readonly key: string;
  readonly code: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly shiftKey: boolean;
  getModifierState?(name: string): boolean;
}

const isSign = (key: string) => key.length === 1 && key !== " " && !/[\p{L}\p{N}]/u.test(key);

/**
 * The ways to write one key press, most exact first. Letters and signs go by what is printed on
 * the key; digits go by their place, because AZERTY needs Shift for them and has - on the key of 6.
 */
export function namesOf(event: KeyPress): string[] {
  // Windows reports AltGr as Ctrl and Alt. It is part of the sign that it makes.
  const altGraph = event.getModifierState?.("AltGraph") ?? false;
  const ctrl = (event.ctrlKey || event.metaKey) && !altGraph ? "Ctrl+" : "";
  const alt = event.altKey && !altGraph ? "Alt+" : "";
  const shift = event.shiftKey ? "Shift+" : "";
  const digit = /^(?:Digit|Numpad)(\d)$/.exec(event.code)?.[1];
  const key = NAMED[event.key] ?? (event.key.length === 1 ? event.key.toUpperCase() : event.key);
  const names = [ctrl + alt + shift + key];
  if (digit !== undefined && digit !== key && !altGraph) names.unshift(ctrl + alt + shift + digit);
  // "?" and "+" need Shift on one keyboard and not on another, "[" Option on a Mac.
  if (isSign(event.key)) names.push(ctrl + alt + key, ctrl + key);
  // A Cyrillic or Greek keyboard has the Latin letters' places.
  const place = /^Key([A-Z])$/.exec(event.code)?.[1];
  if (place && /[^\p{Script=Latin}]/u.test(key) && !isSign(event.key) && key.length === 1) {
    names.push(ctrl + alt + shift + place);
  }
  return [...new Set(names)];
}

/** The one name under which a press is kept as a command's key. */
export function bindingOf(event: KeyPress): string {
  const [exact = ""] = namesOf(event);
  const sign = isSign(event.key) && exact.endsWith(event.key);
  return sign ? exact.replace("Shift+", "") : exact;
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

  /** The command of the first name that has one. */
  named(names: readonly string[], prefix: string | null): Command | undefined {
    for (const name of names) {
      const command = this.byKey.get(prefix ? `${prefix} ${name}` : name);
      if (command) return command;
    }
    return undefined;
  }

  find(event: KeyPress, prefix: string | null): Command | undefined {
    return this.named(namesOf(event), prefix);
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
};
const WORDS: Readonly<Record<string, string>> = {
  Ctrl: phrase("Ctrl"),
  Shift: phrase("Shift"),
  Alt: phrase("Alt"),
  Escape: phrase("Esc"),
  Delete: phrase("Del"),
  Space: phrase("Space"),
  Enter: phrase("Enter"),
  Home: phrase("Home"),
  End: phrase("End"),
  PageUp: phrase("Page up"),
  PageDown: phrase("Page down"),
};
const MAC: Readonly<Record<string, string>> = { Ctrl: "⌘", Shift: "⇧", Alt: "⌥" };
const onMac = typeof navigator !== "undefined" && /^Mac/.test(navigator.platform);

function partText(part: string): string {
  const sign = (onMac && MAC[part]) || SIGNS[part];
  const word = WORDS[part];
  const pad = /^Pad(\d+)$/.exec(part)?.[1];
  if (pad) return say("Pad {number}", { number: pad });
  return sign ?? (word === undefined ? part : translated(word));
}

/** A key as it is printed: "Shift+←". */
export function keyText(key: string): string {
  const presses = key.split(" ").map((press) =>
    press
      .split(/\+(?=.)/)
      .map(partText)
      .join("+"),
  );
  return presses.join(` ${say("then")} `);
}

/** For assistive technology, which knows no two keys in turn. */
export function ariaKey(key: string | undefined): string | undefined {
  if (!key || key.includes(" ")) return undefined;
  return key.replace("Ctrl", onMac ? "Meta" : "Control");
}
