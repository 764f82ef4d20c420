import { type KeyboardEvent, useEffect, useId, useMemo, useRef, useState } from "react";
import { completions } from "../model/wording";
import { say, sayCount } from "../words";
import { focusStage, useEditor } from "./context";

const MOST_SHOWN = 8;

/**
 * A text with its likely endings: the first stands behind what is typed and is taken over by Tab,
 * or by Enter while nothing is typed; the arrows choose another. Escape takes the text back.
 */
export function Completing(props: {
  label: string;
  value: string;
  offered: readonly string[];
  onCommit: (value: string) => void;
  focusOn?: number;
  maxLength?: number;
  required?: boolean;
  attribute?: string;
  placeholder?: string;
  /** The first offer is what is meant when nothing is typed. */
  expects?: boolean;
  /** A key in the empty field that may belong to the stage: true when it did. */
  onEmptyKey?: (event: KeyboardEvent) => boolean;
  onEnter?: () => void;
}) {
  const { value, onCommit, focusOn = 0 } = props;
  const { session } = useEditor();
  const [text, setText] = useState(value);
  const [open, setOpen] = useState(false);
  const [at, setAt] = useState(-1);
  const input = useRef<HTMLInputElement>(null);
  const list = useId();
  useEffect(() => setText(value), [value]);
  useEffect(() => {
    if (focusOn === 0) return;
    input.current?.focus();
    input.current?.select();
  }, [focusOn]);
  const found = useMemo(
    () => (open ? completions(text === value ? "" : text, props.offered).slice(0, MOST_SHOWN) : []),
    [open, text, value, props.offered],
  );
  const shown = found.filter((offer) => offer !== value);
  const ghost = ghostOf(text, shown, props.expects === true);

  const discarding = useRef(false);
  const commit = (next: string) => {
    setOpen(false);
    setAt(-1);
    if (discarding.current) return;
    if (next.trim() !== value) onCommit(next.trim());
    setText(next.trim());
  };
  const leave = (next: string) => {
    commit(next);
    discarding.current = true;
    (props.onEnter ?? focusStage)();
    discarding.current = false;
  };
  const choose = (place: number) => {
    const count = shown.length;
    if (count === 0) return;
    const next = (place + count) % count;
    setAt(next);
    const offer = shown[next]!;
    session.announce(say("{text}, {place} of {count}", { text: offer, place: next + 1, count }));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const chosen = shown[at];
    const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
    if (event.key === "Enter" && plain) {
      event.preventDefault();
      leave(chosen ?? (text === "" && props.expects ? (shown[0] ?? "") : text));
    } else if (event.key === "Enter") commit(chosen ?? text);
    else if (event.key === "Escape") {
      event.preventDefault();
      leave(value);
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      choose(at + (event.key === "ArrowDown" ? 1 : at < 0 ? 0 : -1));
    } else if (
      event.key === "Tab" &&
      plain &&
      !event.shiftKey &&
      (chosen ?? ghost) &&
      text !== ""
    ) {
      event.preventDefault();
      setText(chosen ?? ghost ?? text);
      setAt(-1);
    } else if (text === "" && props.onEmptyKey?.(event)) event.preventDefault();
  };
  return (
    <span className="tl-completing">
      <input
        ref={input}
        className="tl-field"
        role="combobox"
        aria-expanded={open && shown.length > 0}
        aria-controls={list}
        aria-activedescendant={at >= 0 ? `${list}-${at}` : undefined}
        aria-autocomplete="both"
        aria-label={props.label}
        value={text}
        placeholder={ghost && text === "" ? ghost : props.placeholder}
        maxLength={props.maxLength}
        required={props.required}
        data-attribute={props.attribute}
        autoComplete="off"
        spellCheck
        onFocus={() => setOpen(true)}
        onChange={(event) => {
          setText(event.target.value);
          setAt(-1);
          setOpen(true);
        }}
        onBlur={() => commit(text)}
        onKeyDown={onKeyDown}
      />
      {ghost && text !== "" && (
        <span className="tl-completing__ghost" aria-hidden="true">
          <span>{text}</span>
          {ghost.slice(text.length)}
        </span>
      )}
      <Offers id={list} offers={open ? shown : []} at={at} onTake={leave} />
    </span>
  );
}

/** The offer that begins with what is typed; of an empty field the first, where one is expected. */
function ghostOf(text: string, shown: readonly string[], expects: boolean): string | null {
  if (text === "") return expects ? (shown[0] ?? null) : null;
  const ghost = shown.find((offer) => offer.toLowerCase().startsWith(text.toLowerCase()));
  return ghost ?? null;
}

function Offers(props: {
  id: string;
  offers: readonly string[];
  at: number;
  onTake: (text: string) => void;
}) {
  const { offers } = props;
  return (
    <div
      id={props.id}
      role="listbox"
      aria-label={sayCount(offers.length, "{count} suggestion", "{count} suggestions")}
      className="tl-completing__offers"
      hidden={offers.length === 0}
      tabIndex={-1}
    >
      {offers.map((offer, i) => (
        // biome-ignore lint/a11y/useKeyWithClickEvents: the combobox above has the keys.
        // biome-ignore lint/a11y/useFocusableInteractive: the combobox above keeps the focus.
        <div
          key={offer}
          id={`${props.id}-${i}`}
          role="option"
          aria-selected={i === props.at}
          className="tl-completing__offer"
          // Before the field is left, which would take the list away from under the click.
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => props.onTake(offer)}
        >
          {offer}
        </div>
      ))}
    </div>
  );
}
