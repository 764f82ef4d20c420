import { phrase, translated } from "../../words";
import type { Marking } from "../marking";
import type { Saving } from "../saving";
import type { EditorSession } from "../session";

export interface Context {
  readonly session: EditorSession;
  readonly marking: Marking;
  readonly saving: Saving;
}

export type Group = "Play" | "View" | "Mark" | "Outcome" | "Labels" | "Episode" | "Review";

/**
 * One thing the editor can do. The same record feeds the keyboard, the palette and the key sheet.
 * Keys are written as "Ctrl+Shift+Z"; two keys pressed in turn as "O S".
 */
export interface Command {
  readonly id: string;
  readonly group: Group;
  readonly name: string;
  readonly keys: readonly string[];
  /** Makes a step that undo takes back. */
  readonly undoable: boolean;
  /** Also works while a text is being typed. */
  readonly inFields?: boolean;
  /** Does something again for as long as the key is held. */
  readonly repeats?: boolean;
  /** Puts a mark where a signal tells of something near; with Alt, where the playhead is. */
  readonly snaps?: boolean;
  readonly when?: (context: Context) => boolean;
  /** Why it cannot be done when `when` says so, unless that is asked of many commands. */
  readonly why?: string;
  /** False: it had nothing to do, and the key is left to the browser. */
  readonly run: (context: Context) => unknown;
  /** When the key is let go. */
  readonly release?: (context: Context) => void;
}

export const editable = ({ session }: Context) => session.editable;
export const ownSelected = ({ session }: Context) => {
  const primary = session.primary();
  return session.editable && primary !== null && session.history.timeline.has(primary.id);
};
export const ownTimed = (context: Context) =>
  ownSelected(context) && context.session.primary()?.start_ns !== null;

const READ_ONLY = phrase("The labels here are read-only.");
const SELECT_FIRST = phrase("Select a label of yours first.");
const NOT_NOW = phrase("There is nothing to do it to right now.");

/** Why a command cannot be used right now; null when it can. */
export function unavailable(command: Command, context: Context): string | null {
  const { when, why } = command;
  if (!when || when(context)) return null;
  if (command.undoable && !editable(context)) return translated(READ_ONLY);
  if (why !== undefined) return translated(why);
  if (when === editable) return translated(READ_ONLY);
  return translated(when === ownSelected || when === ownTimed ? SELECT_FIRST : NOT_NOW);
}
