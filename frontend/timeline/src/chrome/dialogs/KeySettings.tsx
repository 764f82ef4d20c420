import { Plus, RotateCcw, X } from "lucide-react";
import { type KeyboardEvent, useEffect, useId, useRef, useState } from "react";
import { say, sayCount, translated } from "../../words";
import { type Clash, clashes, isBindable, isReserved } from "../bindings";
import { type Command, GROUPS } from "../commands";
import { type EditorContext, useEditor } from "../context";
import { ranked } from "../fuzzy";
import { bindingOf, keyText } from "../keys";
import { Keys } from "../pieces";

/** A key that was pressed for a command, and what speaks against it. */
type Wish = { readonly key: string } & (
  | { readonly kind: "taken"; readonly by: readonly Clash[] }
  | { readonly kind: "reserved" }
);

function put({ settings }: EditorContext, command: Command, key: string, by: readonly Clash[]) {
  const keys: Record<string, readonly string[]> = {};
  for (const { command: other } of by) {
    const lost = by.filter((clash) => clash.command === other).map((clash) => clash.key);
    keys[other.id] = other.keys.filter((own) => !lost.includes(own));
  }
  keys[command.id] = [...command.keys, key];
  settings.change({ keys });
}

/** Waits for one press of a key, a pedal or a pad's button. */
function Waiting(props: { command: Command; onKey: (key: string) => void; onEnd: () => void }) {
  const { bindings } = useEditor();
  const { onKey } = props;
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    place.current?.focus();
    bindings.catching = onKey;
    return () => {
      bindings.catching = null;
    };
  }, [bindings, onKey]);
  const onKeyDown = (event: KeyboardEvent) => {
    event.preventDefault();
    event.stopPropagation();
    if (event.key === "Escape") props.onEnd();
    else if (isBindable(event.key) && !event.repeat) onKey(bindingOf(event.nativeEvent));
  };
  return (
    <div
      ref={place}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: it takes the next key, whichever it is.
      tabIndex={0}
      role="application"
      aria-label={say("Press the new key of {command}; Escape gives up", {
        command: props.command.name,
      })}
      className="tl-settings__wait"
      onKeyDown={onKeyDown}
      onBlur={props.onEnd}
    >
      {say("Press a key, a pedal or a pad's button. Esc gives up.")}
    </div>
  );
}

function Problem(props: { wish: Wish; onTake: () => void; onEnd: () => void }) {
  const { wish } = props;
  const key = keyText(wish.key);
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => button.current?.focus(), []);
  const names =
    wish.kind === "taken" ? [...new Set(wish.by.map((clash) => clash.command.name))] : [];
  return (
    <div className="tl-settings__clash" role="alert">
      <p>
        {wish.kind === "reserved"
          ? say("The browser keeps {key} for itself. Choose another.", { key })
          : say("{key} belongs to: {commands}.", { key, commands: names.join(", ") })}
      </p>
      {wish.kind === "taken" && (
        <button ref={button} type="button" className="tl-button" onClick={props.onTake}>
          {sayCount(names.length, "Take it from there", "Take it from all {count}")}
        </button>
      )}
      <button
        ref={wish.kind === "reserved" ? button : undefined}
        type="button"
        className="tl-button"
        onClick={props.onEnd}
      >
        {say("Leave it")}
      </button>
    </div>
  );
}

function KeyChips({ command }: { command: Command }) {
  const { settings, session } = useEditor();
  const remove = (key: string) => {
    settings.change({ keys: { [command.id]: command.keys.filter((own) => own !== key) } });
    session.announce(say("{key} does nothing any more", { key: keyText(key) }));
  };
  return (
    <ul className="tl-settings__keys">
      {command.keys.map((key) => (
        <li key={key}>
          <Keys of={key} />
          <button
            type="button"
            className="tl-button tl-button--icon tl-button--quiet"
            aria-label={say("Take {key} from {command}", {
              key: keyText(key),
              command: command.name,
            })}
            onClick={() => remove(key)}
          >
            <X size={13} aria-hidden="true" />
          </button>
        </li>
      ))}
    </ul>
  );
}

function Row({ command }: { command: Command }) {
  const editor = useEditor();
  const { settings, bindings, session } = editor;
  const [waiting, setWaiting] = useState(false);
  const [wish, setWish] = useState<Wish | null>(null);
  const add = useRef<HTMLButtonElement>(null);
  const end = () => {
    setWaiting(false);
    setWish(null);
    add.current?.focus();
  };
  const take = (key: string, by: readonly Clash[]) => {
    put(editor, command, key, by);
    session.announce(say("{key}: {commands}", { key: keyText(key), commands: command.name }));
    end();
  };
  const pressed = (key: string) => {
    setWaiting(false);
    const by = clashes(bindings.commands, command.id, key);
    if (isReserved(key)) setWish({ key, kind: "reserved" });
    else if (by.length > 0) setWish({ key, kind: "taken", by });
    else if (command.keys.includes(key)) end();
    else take(key, []);
  };
  const changed = settings.values.keys[command.id] !== undefined;
  return (
    <li className="tl-settings__row" data-command={command.id}>
      <span className="tl-settings__name">{command.name}</span>
      <KeyChips command={command} />
      <span className="tl-settings__acts">
        {changed && (
          <button
            type="button"
            className="tl-button tl-button--icon tl-button--quiet"
            aria-label={say("{command}: keys as they came", { command: command.name })}
            title={bindings.given(command.id, settings.layout).map(keyText).join(", ")}
            onClick={() => settings.change({ keys: { [command.id]: null } })}
          >
            <RotateCcw size={14} aria-hidden="true" />
          </button>
        )}
        <button
          ref={add}
          type="button"
          className="tl-button tl-button--icon tl-button--quiet"
          aria-label={say("New key for {command}", { command: command.name })}
          onClick={() => setWaiting(true)}
        >
          <Plus size={15} aria-hidden="true" />
        </button>
      </span>
      {waiting && <Waiting command={command} onKey={pressed} onEnd={end} />}
      {wish && (
        <Problem
          wish={wish}
          onEnd={end}
          onTake={() => wish.kind === "taken" && take(wish.key, wish.by)}
        />
      )}
    </li>
  );
}

/** Every command with its keys, to be given others. */
export function KeySettings() {
  const { commands } = useEditor().bindings;
  const [query, setQuery] = useState("");
  const title = useId();
  const found = new Set(
    ranked(query, commands, (each) => `${each.name} ${each.keys.map(keyText).join(" ")}`),
  );
  return (
    <section aria-labelledby={title} className="tl-settings__all">
      <h3 id={title}>{say("Keys")}</h3>
      <input
        className="tl-field"
        aria-label={say("Find a command or a key")}
        placeholder={say("Find a command or a key")}
        value={query}
        onChange={(event) => setQuery(event.target.value)}
      />
      {GROUPS.map((group) => {
        const own = commands.filter((each) => each.group === group && found.has(each));
        if (own.length === 0) return null;
        return (
          <section key={group} aria-label={translated(group)}>
            <h4>{translated(group)}</h4>
            <ul>
              {own.map((command) => (
                <Row key={command.id} command={command} />
              ))}
            </ul>
          </section>
        );
      })}
      {found.size === 0 && <p className="tl-empty">{say("No command has these words.")}</p>}
    </section>
  );
}
