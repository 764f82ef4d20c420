import { useRef } from "react";
import { say, translated } from "../../words";
import { type Command, GROUPS, type Group, unavailable } from "../commands";
import { useEditor, useSnapshot } from "../context";
import { Keys } from "../pieces";
import { choose } from "./choosing";
import { Modal } from "./Modal";

function Item({ command }: { command: Command }) {
  const editor = useEditor();
  const why = unavailable(command, editor);
  return (
    <li>
      <button
        type="button"
        className="tl-menu__item"
        // Not `disabled`: it can be reached, and says why it does nothing.
        aria-disabled={why !== null}
        title={why ?? undefined}
        onClick={() => choose(editor, command)}
      >
        <span>
          {command.name}
          {why !== null && <span className="tl-hidden"> {why}</span>}
        </span>
        <Keys of={command.keys[0]} />
      </button>
    </li>
  );
}

function Section({ group, commands }: { group: Group; commands: readonly Command[] }) {
  return (
    <section className="tl-menu__group" aria-label={translated(group)}>
      <h3>{translated(group)}</h3>
      <ul>
        {commands.map((command) => (
          <Item key={command.id} command={command} />
        ))}
      </ul>
    </section>
  );
}

/** All commands by group, for mouse and finger. */
export function Menu() {
  const { commands } = useEditor().bindings;
  useSnapshot();
  const list = useRef<HTMLDivElement>(null);
  return (
    <Modal title={say("All commands")} className="tl-menu" first={list}>
      <div ref={list} className="tl-menu__groups" tabIndex={-1}>
        {GROUPS.map((group) => {
          const own = commands.filter((each) => each.group === group && each.id !== "editor.menu");
          return own.length > 0 && <Section key={group} group={group} commands={own} />;
        })}
      </div>
    </Modal>
  );
}
