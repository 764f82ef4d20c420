import { Printer, X } from "lucide-react";
import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef, useState } from "react";
import { parseClock } from "../model/time";
import type { Command, Group } from "./commands";
import { focusStage, useEditor, useSnapshot } from "./context";
import { Keys } from "./pieces";

function Modal(props: {
  title: string;
  className?: string;
  children: ReactNode;
  tools?: ReactNode;
}) {
  const { session } = useEditor();
  const dialog = useRef<HTMLDialogElement>(null);
  const title = useId();
  useEffect(() => {
    dialog.current?.showModal();
    dialog.current?.querySelector("input")?.focus();
  }, []);
  const close = () => dialog.current?.close();
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes every dialog; this is the backdrop.
    <dialog
      ref={dialog}
      className={`tl-dialog ${props.className ?? ""}`}
      aria-labelledby={title}
      onClose={() => {
        session.openDialog(null);
        focusStage();
      }}
      onClick={(event) => {
        if (event.target === dialog.current) close();
      }}
    >
      <div className="tl-dialog__head">
        <h2 id={title}>{props.title}</h2>
        {props.tools}
        <button
          type="button"
          className="tl-button tl-button--icon tl-button--quiet"
          aria-label="Close"
          onClick={close}
        >
          <X size={16} aria-hidden="true" />
        </button>
      </div>
      {props.children}
    </dialog>
  );
}

const GROUPS: readonly Group[] = ["Play", "Mark", "Outcome", "Labels", "View", "Review", "Episode"];

function KeyTable({ group, commands }: { group: Group; commands: readonly Command[] }) {
  return (
    <table className="tl-keys__table">
      <caption>{group}</caption>
      <tbody>
        {commands.map((command) => (
          <tr key={command.id}>
            <th scope="row">{command.name}</th>
            <td>
              {command.keys.map((key) => (
                <Keys key={key} of={key} />
              ))}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Help() {
  const { session, commands } = useEditor();
  const { singleKeys } = useSnapshot();
  return (
    <Modal
      title="Keys"
      className="tl-keys"
      tools={
        <button type="button" className="tl-button" onClick={() => window.print()}>
          <Printer size={15} aria-hidden="true" /> Print
        </button>
      }
    >
      <p className="tl-keys__how">
        Keys work wherever no text is being typed. While an edge is dragged, Alt keeps it from
        snapping and Esc puts it back. The wheel zooms at the pointer, Shift and wheel moves along.
        What is drawn while paused opens its text, or what it must have, at once: type, and Enter
        leads back. Left empty, ← and → simply step on.
      </p>
      <label className="tl-keys__switch">
        <input
          type="checkbox"
          checked={singleKeys}
          onChange={(event) => session.setSingleKeys(event.target.checked)}
        />
        Single letters and digits are commands
      </label>
      <div className="tl-keys__tables">
        {GROUPS.map((group) => {
          const own = commands.filter((command) => command.group === group);
          return own.length > 0 && <KeyTable key={group} group={group} commands={own} />;
        })}
      </div>
    </Modal>
  );
}

function matches(command: Command, words: readonly string[]): boolean {
  const text = `${command.group} ${command.name}`.toLowerCase();
  return words.every((word) => text.includes(word));
}

function Palette() {
  const editor = useEditor();
  const { session } = editor;
  const [query, setQuery] = useState("");
  const [at, setAt] = useState(0);
  const list = useId();
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const found = editor.commands.filter(
    (command) => command.id !== "editor.palette" && matches(command, words),
  );
  const usable = found.filter((command) => !command.when || command.when(editor));
  const active = usable[Math.min(at, usable.length - 1)];
  const run = (command: Command | undefined) => {
    if (!command) return;
    session.openDialog(null);
    focusStage();
    command.run(editor);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const way = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (way) {
      event.preventDefault();
      setAt((now) => (now + way + usable.length) % Math.max(1, usable.length));
    } else if (event.key === "Enter") {
      event.preventDefault();
      run(active);
    }
  };
  const option = useRef<HTMLDivElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the active option is another element then.
  useEffect(() => {
    option.current?.scrollIntoView({ block: "nearest" });
  }, [active?.id]);
  return (
    <Modal title="Commands" className="tl-palette">
      <input
        className="tl-field tl-palette__query"
        role="combobox"
        aria-expanded="true"
        aria-controls={list}
        aria-activedescendant={active ? `${list}-${active.id}` : undefined}
        aria-label="Find a command"
        placeholder="Find a command"
        value={query}
        onChange={(event) => {
          setQuery(event.target.value);
          setAt(0);
        }}
        onKeyDown={onKeyDown}
      />
      <div
        id={list}
        role="listbox"
        aria-label="Commands"
        className="tl-palette__list"
        tabIndex={-1}
      >
        {usable.map((command) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the combobox above has the keys.
          // biome-ignore lint/a11y/useFocusableInteractive: the combobox above keeps the focus.
          <div
            key={command.id}
            ref={command === active ? option : null}
            id={`${list}-${command.id}`}
            role="option"
            aria-selected={command === active}
            className="tl-palette__option"
            onClick={() => run(command)}
          >
            <span className="tl-palette__group">{command.group}</span>
            <span>{command.name}</span>
            <Keys of={command.keys[0]} />
          </div>
        ))}
        {usable.length === 0 && <p className="tl-empty">No command has these words.</p>}
      </div>
    </Modal>
  );
}

function GoTo() {
  const { session } = useEditor();
  const [text, setText] = useState("");
  const [wrong, setWrong] = useState(false);
  const hint = useId();
  const go = () => {
    const frame = /^f?\s*(\d+)\s*f?$/i.exec(text.trim());
    const asFrame = frame && /f/i.test(text) ? session.grid.timeOf(Number(frame[1])) : null;
    const at = asFrame ?? parseClock(text);
    if (at === null) {
      setWrong(true);
      return;
    }
    session.openDialog(null);
    session.jumpTo(null, Math.min(at, session.durationNs - 1));
    focusStage();
  };
  return (
    <Modal title="Go to" className="tl-goto">
      <form
        method="dialog"
        onSubmit={(event) => {
          event.preventDefault();
          go();
        }}
      >
        <input
          className="tl-field"
          aria-label="Time or frame"
          aria-describedby={hint}
          aria-invalid={wrong}
          value={text}
          autoComplete="off"
          onChange={(event) => setText(event.target.value)}
        />
        <button type="submit" className="tl-button tl-button--primary">
          Go
        </button>
      </form>
      <p id={hint} className={wrong ? "tl-goto__wrong" : "tl-hint"}>
        {wrong ? "Neither a time nor a frame. " : ""}
        Seconds as 3.48 or 0:03.480, a frame as f174.
      </p>
    </Modal>
  );
}

function Guideline() {
  const { project } = useEditor().session.payload;
  return (
    <Modal title={`Guideline: ${project.name}`} className="tl-guideline">
      <p>{project.guideline}</p>
    </Modal>
  );
}

export function Dialogs() {
  const { dialog } = useSnapshot();
  if (dialog === "help") return <Help />;
  if (dialog === "palette") return <Palette />;
  if (dialog === "goto") return <GoTo />;
  if (dialog === "guideline") return <Guideline />;
  return null;
}
