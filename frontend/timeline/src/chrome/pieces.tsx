import type { LucideIcon } from "lucide-react";
import type { LabelClass } from "../model/schema";
import { shapePath } from "../stage/shapes";
import { useEditor } from "./context";
import { ariaKey, keyText } from "./keys";

/** The shape and colour of a class, the same as on the canvas. */
export function ClassMark({ known }: { known: LabelClass | undefined }) {
  const colours = {
    "--class": known?.color ?? "#56606c",
    "--class-dark": known?.color_dark ?? "#a7b0bc",
  } as React.CSSProperties;
  return (
    <svg className="tl-mark" viewBox="-9 -9 18 18" aria-hidden="true" style={colours}>
      <path d={shapePath(known?.shape ?? "circle")} fillRule="evenodd" />
    </svg>
  );
}

export function Keys({ of, small = false }: { of: string | undefined; small?: boolean }) {
  if (!of) return null;
  const shifted = small && of.startsWith("Shift+");
  const text = shifted ? `⇧${keyText(of.slice("Shift+".length))}` : keyText(of);
  return <kbd className="tl-key">{text}</kbd>;
}

/** The key that a command has now; without its first press where that is shown already. */
export function KeyOf({ id, after = "" }: { id: string; after?: string }) {
  const { commands } = useEditor().bindings;
  const key = commands.find((each) => each.id === id)?.keys[0];
  return <Keys of={after && key?.startsWith(`${after} `) ? key.slice(after.length + 1) : key} />;
}

/** How a command is named in a sentence: by the key that it has now, or else by its name. */
export function useKeyText(id: string): string {
  const { commands } = useEditor().bindings;
  const command = commands.find((each) => each.id === id);
  const key = command?.keys[0];
  return key ? keyText(key) : `“${command?.name ?? id}”`;
}

/** A button for a command of the table, with its key in the title. */
export function CommandButton(props: {
  id: string;
  icon: LucideIcon;
  text?: string;
  name?: string;
  className?: string;
  disabled?: boolean;
}) {
  const editor = useEditor();
  const command = editor.bindings.commands.find((each) => each.id === props.id);
  if (!command) return null;
  const Icon = props.icon;
  const name = props.name ?? command.name;
  const key = command.keys[0];
  const blocked = props.disabled || (command.when ? !command.when(editor) : false);
  return (
    <button
      type="button"
      className={`tl-button ${props.text ? "" : "tl-button--icon"} ${props.className ?? ""}`}
      title={key ? `${name} (${keyText(key)})` : name}
      aria-label={props.text ? undefined : name}
      aria-keyshortcuts={ariaKey(key)}
      disabled={blocked}
      onClick={() => command.run(editor)}
    >
      <Icon size={16} aria-hidden="true" />
      {props.text}
    </button>
  );
}
