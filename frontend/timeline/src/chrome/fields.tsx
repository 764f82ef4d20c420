import { X } from "lucide-react";
import { type KeyboardEvent, useEffect, useId, useRef, useState } from "react";
import type { AttributeValue } from "../model/label";
import { camerasOf, isPointKey, pointIn, pointKey } from "../model/points";
import { type AttributeDefinition, type Choice, isAsked } from "../model/schema";
import { formatSeconds, parseClock } from "../model/time";
import { say } from "../words";
import { Completing } from "./Completing";
import { focusStage, useEditor } from "./context";

/** A text that counts once it is left or confirmed; Escape takes it back. Both lead to the stage. */
export function Typed(props: {
  label: string;
  value: string;
  onCommit: (value: string) => void;
  focusOn?: number;
  className?: string;
  inputMode?: "decimal" | "numeric" | "text";
  maxLength?: number;
  required?: boolean;
  attribute?: string;
}) {
  const { value, onCommit, focusOn = 0 } = props;
  const [text, setText] = useState(value);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => setText(value), [value]);
  useEffect(() => {
    if (focusOn === 0) return;
    input.current?.focus();
    input.current?.select();
  }, [focusOn]);
  const discarding = useRef(false);
  const commit = () => {
    if (discarding.current) return;
    if (text.trim() !== value) onCommit(text.trim());
    setText((now) => (now.trim() === value ? value : now));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      focusStage();
    } else if (event.key === "Enter") commit();
    else if (event.key === "Escape") {
      event.preventDefault();
      setText(value);
      // At once, so that the next key is a command again; leaving must not commit what was typed.
      discarding.current = true;
      focusStage();
      discarding.current = false;
    }
  };
  return (
    <input
      ref={input}
      className={`tl-field ${props.className ?? ""}`}
      aria-label={props.label}
      value={text}
      inputMode={props.inputMode}
      maxLength={props.maxLength}
      required={props.required}
      data-attribute={props.attribute}
      autoComplete="off"
      spellCheck={false}
      onChange={(event) => setText(event.target.value)}
      onBlur={commit}
      onKeyDown={onKeyDown}
    />
  );
}

function Choices({ choices }: { choices: readonly Choice[] }) {
  const groups = [...new Set(choices.map((choice) => choice.group))];
  const options = (group: string) =>
    choices
      .filter((choice) => choice.group === group)
      .map((choice) => (
        <option key={choice.id} value={choice.id}>
          {choice.name}
        </option>
      ));
  return groups.map((group) =>
    group ? (
      <optgroup key={group} label={group}>
        {options(group)}
      </optgroup>
    ) : (
      options(group)
    ),
  );
}

interface FieldProps {
  readonly of: AttributeDefinition;
  /** The label's values; of several labels, what they have in common. */
  readonly values: Readonly<Record<string, AttributeValue>>;
  readonly put: (key: string, value: AttributeValue) => void;
  /** Several labels differ here. */
  readonly mixed?: boolean;
}

/** A number, a text or a time, typed. */
function TypedAttribute({ of, values, put, mixed }: FieldProps) {
  const { session, marking } = useEditor();
  const value = values[of.id] ?? null;
  const asked = isAsked(of, values);
  const name = of.unit ? `${of.name} (${of.unit})` : of.name;
  if (of.type === "text") {
    return (
      <Completing
        label={name}
        value={value === null ? "" : String(value)}
        offered={marking.words.written(of.id)}
        required={asked}
        attribute={of.id}
        placeholder={mixed ? say("several") : ""}
        onCommit={(text) => put(of.id, text || null)}
      />
    );
  }
  const time = of.type === "time";
  const commit = (text: string) => {
    if (text === "") put(of.id, null);
    else if (time) {
      const at = parseClock(text);
      if (at === null) session.announce(say("That is no time of this episode"));
      else put(of.id, session.grid.nearest(at, true));
    } else if (Number.isFinite(Number(text))) put(of.id, Number(text));
    else session.announce(say("That is no number"));
  };
  const shown = value === null ? "" : time ? formatSeconds(Number(value)) : String(value);
  return (
    <>
      <Typed
        label={time ? say("{attribute} in seconds", { attribute: of.name }) : name}
        value={shown}
        onCommit={commit}
        inputMode="decimal"
        required={asked}
        attribute={of.id}
      />
      {(time || of.unit) && <span className="tl-unit">{time ? "s" : of.unit}</span>}
    </>
  );
}

function ChosenAttribute({ of, values, put, mixed, id }: FieldProps & { id: string }) {
  const value = values[of.id] ?? null;
  const asked = isAsked(of, values);
  const bool = of.type === "bool";
  return (
    <select
      id={id}
      className="tl-field"
      value={value === null ? "" : String(value)}
      required={asked}
      data-attribute={of.id}
      onChange={(event) => {
        const text = event.target.value;
        put(of.id, text === "" ? null : bool ? text === "true" : text);
      }}
    >
      <option value="">{mixed ? say("several") : asked ? say("choose…") : say("not said")}</option>
      {bool ? (
        <>
          <option value="true">{say("yes")}</option>
          <option value="false">{say("no")}</option>
        </>
      ) : (
        <Choices choices={of.choices} />
      )}
    </select>
  );
}

/** The contact points of a label, one a camera: they are put into the pictures. */
function Points({ values, put }: Pick<FieldProps, "values" | "put">) {
  const { session } = useEditor();
  const label = session.primary();
  const cameras = label ? camerasOf(label) : [];
  if (!label || cameras.length === 0) {
    return <span className="tl-hint">{say("none; put one into a picture")}</span>;
  }
  return (
    <span className="tl-points">
      {cameras.map((camera) => {
        const at = pointIn(label, camera);
        return (
          <span key={camera} className="tl-point">
            {camera} {at && `${at.x}, ${at.y}`}
            <button
              type="button"
              className="tl-button tl-button--icon tl-button--quiet"
              aria-label={say("Take the point out of {camera}", { camera })}
              onClick={() => put(pointKey(camera), null)}
            >
              <X size={13} aria-hidden="true" />
            </button>
          </span>
        );
      })}
      {Object.keys(values).filter(isPointKey).length > 1 && (
        <span className="tl-hint">{say("{count} pictures", { count: cameras.length })}</span>
      )}
    </span>
  );
}

export function AttributeField(props: FieldProps) {
  const { of, values } = props;
  const id = useId();
  const typed = of.type === "text" || of.type === "number" || of.type === "time";
  const name = `${of.name}${isAsked(of, values) ? " *" : ""}`;
  return (
    <div className="tl-line">
      {typed || of.type === "point" ? (
        <span className="tl-line__name">{name}</span>
      ) : (
        <label className="tl-line__name" htmlFor={id}>
          {name}
        </label>
      )}
      {of.type === "point" ? (
        <Points values={values} put={props.put} />
      ) : typed ? (
        <TypedAttribute {...props} />
      ) : (
        <ChosenAttribute {...props} id={id} />
      )}
    </div>
  );
}
