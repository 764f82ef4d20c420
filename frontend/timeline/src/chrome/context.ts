import { createContext, useContext, useSyncExternalStore } from "react";
import type { Bindings } from "./bindings";
import type { Context } from "./commands";
import type { Settings } from "./settings";
import type { Snapshot } from "./state";

export interface EditorContext extends Context {
  readonly bindings: Bindings;
  readonly settings: Settings;
}

export const Editing = createContext<EditorContext | null>(null);

export function useEditor(): EditorContext {
  const editor = useContext(Editing);
  if (!editor) throw new Error("Outside of the editor.");
  return editor;
}

export function useSnapshot(): Snapshot {
  const { session } = useEditor();
  return useSyncExternalStore(session.subscribe, session.snapshot);
}

/** Back to where the single keys work. */
export function focusStage(): void {
  document.querySelector<HTMLElement>("[data-stage]")?.focus({ preventScroll: true });
}

export function runCommand(editor: EditorContext, id: string): void {
  const command = editor.bindings.commands.find((each) => each.id === id);
  if (command && (!command.when || command.when(editor))) command.run(editor);
}
