import { type KeyboardEvent, useEffect, useId, useRef, useState } from "react";
import { say, translated } from "../../words";
import { type Command, unavailable } from "../commands";
import { useEditor, useSnapshot } from "../context";
import { ranked } from "../fuzzy";
import { Keys } from "../pieces";
import { recentCommands } from "../recent";
import { choose } from "./choosing";
import { Modal } from "./Modal";

interface Offer {
  readonly command: Command;
  readonly recent: boolean;
  readonly why: string | null;
}

/** What the query finds, best first; with nothing typed, what was chosen lately and then all. */
function useOffers(query: string): Offer[] {
  const editor = useEditor();
  const [lately] = useState(recentCommands);
  const all = editor.bindings.commands.filter((command) => command.id !== "editor.palette");
  // The id's words are what other tools call it: "loop", "nudge", "fit".
  const text = ({ name, group, id }: Command) =>
    `${name} ${translated(group)} ${id.replaceAll(".", " ")}`;
  const found = ranked(query, all, text);
  const place = (command: Command) => {
    const at = query.trim() ? -1 : lately.indexOf(command.id);
    return at < 0 ? lately.length : at;
  };
  const offers = found.map((command) => ({
    command,
    recent: place(command) < lately.length,
    why: unavailable(command, editor),
  }));
  const rank = (offer: Offer) =>
    (offer.why === null ? 0 : lately.length + 1) + place(offer.command);
  return offers.sort((a, b) => rank(a) - rank(b));
}

function Option(props: { offer: Offer; id: string; active: boolean; onChoose: () => void }) {
  const { command, recent, why } = props.offer;
  const option = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (props.active) option.current?.scrollIntoView({ block: "nearest" });
  }, [props.active]);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the combobox above has the keys.
    // biome-ignore lint/a11y/useFocusableInteractive: the combobox above keeps the focus.
    <div
      ref={option}
      id={props.id}
      role="option"
      aria-selected={props.active}
      aria-disabled={why !== null}
      className="tl-palette__option"
      onClick={props.onChoose}
    >
      <span className="tl-palette__group">
        {recent ? say("recent") : translated(command.group)}
      </span>
      <span>
        {command.name}
        {why !== null && <span className="tl-palette__why"> {why}</span>}
      </span>
      <Keys of={command.keys[0]} />
    </div>
  );
}

/** Any command by a few of its letters. */
export function Palette() {
  const editor = useEditor();
  useSnapshot();
  const [query, setQuery] = useState("");
  const [at, setAt] = useState(0);
  const list = useId();
  const offers = useOffers(query);
  const active = offers[Math.min(at, offers.length - 1)];
  const onKeyDown = (event: KeyboardEvent) => {
    const way = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (way) {
      event.preventDefault();
      setAt((now) => (now + way + offers.length) % Math.max(1, offers.length));
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (active) choose(editor, active.command);
    }
  };
  return (
    <Modal title={say("Commands")} className="tl-palette">
      <input
        className="tl-field tl-palette__query"
        role="combobox"
        aria-expanded="true"
        aria-controls={list}
        aria-activedescendant={active ? `${list}-${active.command.id}` : undefined}
        aria-label={say("Find a command")}
        placeholder={say("Find a command")}
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
        aria-label={say("Commands")}
        className="tl-palette__list"
        tabIndex={-1}
      >
        {offers.map((offer) => (
          <Option
            key={offer.command.id}
            offer={offer}
            id={`${list}-${offer.command.id}`}
            active={offer === active}
            onChoose={() => choose(editor, offer.command)}
          />
        ))}
        {offers.length === 0 && <p className="tl-empty">{say("No command has these words.")}</p>}
      </div>
    </Modal>
  );
}
