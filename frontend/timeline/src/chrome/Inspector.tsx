import { Trash2 } from "lucide-react";
import { type KeyboardEvent, useCallback, useEffect, useId, useRef, useState } from "react";
import type { Edge } from "../model/edits";
import { isRange, type Label } from "../model/label";
import { type AttributeDefinition, type Choice, classesOfKind, classOf } from "../model/schema";
import { formatSeconds, type Ns, parseClock } from "../model/time";
import { type EditorContext, focusStage, runCommand, useEditor, useSnapshot } from "./context";
import { timeText } from "./LabelList";
import { shortOwners } from "./owners";
import { ClassMark, CommandButton } from "./pieces";

/** A text that counts once it is left or confirmed; Escape takes it back. Both lead to the stage. */
function Typed(props: {
  label: string;
  value: string;
  onCommit: (value: string) => void;
  list?: string;
  focusOn?: number;
  className?: string;
  inputMode?: "decimal" | "numeric" | "text";
  maxLength?: number;
  /** A key in the empty field that may belong to the stage: true when it did. */
  onEmptyKey?: (event: KeyboardEvent) => boolean;
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
    } else if (text === "" && props.onEmptyKey?.(event)) event.preventDefault();
  };
  return (
    <input
      ref={input}
      className={`tl-field ${props.className ?? ""}`}
      aria-label={props.label}
      value={text}
      list={props.list}
      inputMode={props.inputMode}
      maxLength={props.maxLength}
      autoComplete="off"
      spellCheck={props.list !== undefined}
      onChange={(event) => setText(event.target.value)}
      onBlur={commit}
      onKeyDown={onKeyDown}
    />
  );
}

function TimeFields({ label, edge, at }: { label: Label; edge: Edge; at: Ns }) {
  const { session, marking } = useEditor();
  const name = label.kind === "instant" ? "time" : edge;
  const { grid, durationNs } = session;
  const frame = at >= durationNs ? grid.count : grid.frameAt(at);
  const put = (to: Ns | null) => {
    if (to === null) {
      session.announce("That is no time of this episode");
      return;
    }
    marking.setTime(label.id, edge, grid.nearest(to, label.kind !== "instant"));
  };
  const frameTime = (text: string) => {
    const wanted = Number(text);
    if (!/^\d+$/.test(text) || wanted > grid.count) return null;
    return wanted === grid.count ? durationNs : grid.timeOf(wanted);
  };
  return (
    <div className="tl-line">
      <span className="tl-line__name">{name}</span>
      <Typed
        label={`${name} in seconds`}
        value={formatSeconds(at)}
        inputMode="decimal"
        className="tl-field--number"
        onCommit={(text) => put(parseClock(text))}
      />
      <span className="tl-unit">s</span>
      <Typed
        label={`${name} as frame`}
        value={String(frame)}
        inputMode="numeric"
        className="tl-field--number"
        onCommit={(text) => put(frameTime(text))}
      />
      <span className="tl-unit">frame</span>
    </div>
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

function AttributeField({ label, of }: { label: Label; of: AttributeDefinition }) {
  const { marking } = useEditor();
  const id = useId();
  const value = label.attributes[of.id] ?? null;
  const put = (next: string | number | boolean | null) =>
    marking.setAttribute(label.id, of.id, next);
  const name = `${of.name}${of.required ? " *" : ""}`;
  if (of.type === "text" || of.type === "number") {
    const commit = (text: string) => {
      if (of.type === "text" || text === "") put(text);
      else if (Number.isFinite(Number(text))) put(Number(text));
    };
    return (
      <div className="tl-line">
        <span className="tl-line__name">{name}</span>
        <Typed
          label={of.name}
          value={value === null ? "" : String(value)}
          onCommit={commit}
          inputMode={of.type === "number" ? "decimal" : "text"}
        />
      </div>
    );
  }
  const bool = of.type === "bool";
  return (
    <div className="tl-line">
      <label className="tl-line__name" htmlFor={id}>
        {name}
      </label>
      <select
        id={id}
        className="tl-field"
        value={value === null ? "" : String(value)}
        required={of.required}
        data-attribute={of.id}
        onChange={(event) => {
          const text = event.target.value;
          put(text === "" ? null : bool ? text === "true" : text);
        }}
      >
        <option value="">{of.required ? "choose…" : "not said"}</option>
        {bool ? (
          <>
            <option value="true">yes</option>
            <option value="false">no</option>
          </>
        ) : (
          <Choices choices={of.choices} />
        )}
      </select>
    </div>
  );
}

function ClassAndEffector({ label }: { label: Label }) {
  const { session, marking } = useEditor();
  const { schema } = session;
  return (
    <div className="tl-line">
      <select
        className="tl-field"
        aria-label="Class"
        value={label.label_class}
        onChange={(event) => marking.setClass(label.id, event.target.value)}
      >
        {classesOfKind(schema, label.kind).map((known) => (
          <option key={known.id} value={known.id}>
            {known.name}
          </option>
        ))}
      </select>
      <select
        className="tl-field"
        aria-label="Effector"
        value={label.effector}
        onChange={(event) => marking.setEffector(label.id, event.target.value)}
      >
        <option value="">no effector</option>
        {schema.effectors.map((effector) => (
          <option key={effector.id} value={effector.id}>
            {effector.name}
          </option>
        ))}
      </select>
    </div>
  );
}

/** In an empty text the arrows have nowhere to go: they step on, and the text can wait. */
function stepOn(editor: EditorContext, event: KeyboardEvent): boolean {
  const way = { ArrowLeft: "back", ArrowRight: "forward" }[event.key];
  if (!way || event.altKey || event.ctrlKey || event.metaKey) return false;
  focusStage();
  runCommand(editor, `step.${way}${event.shiftKey ? "10" : ""}`);
  return true;
}

function Fields(props: { label: Label; asked: number; onAnswered: () => void }) {
  const { label, asked, onAnswered } = props;
  const editor = useEditor();
  const { session, marking } = editor;
  const panel = useRef<HTMLDivElement>(null);
  // Enter goes on to what must still be said, and then back to the stage.
  const onKeyDown = (event: KeyboardEvent) => {
    const { target } = event;
    if (!(target instanceof HTMLSelectElement)) return;
    if (event.key === "Escape") focusStage();
    else if (event.key !== "Enter" || event.ctrlKey || event.metaKey) return;
    else if (!target.required || target.value) {
      const open = panel.current?.querySelector<HTMLElement>("select[required]:invalid");
      if (open) open.focus();
      else focusStage();
    }
    event.preventDefault();
  };
  const vocabulary = useId();
  const known = classOf(session.schema, label.label_class);
  const required = (known?.attributes ?? []).filter((attribute) => attribute.required);
  const others = (known?.attributes ?? []).filter((attribute) => !attribute.required);
  const wantsText = known?.requires_text || label.kind === "segment";
  useEffect(() => {
    if (asked === 0) return;
    onAnswered();
    // Text is what is edited where there is one; else the first thing the class asks for.
    if (!wantsText) {
      const find = (selector: string) => panel.current?.querySelector<HTMLElement>(selector);
      (
        find("[data-attribute][required]") ??
        find("[data-attribute]") ??
        find("input, select")
      )?.focus();
    }
  }, [asked, onAnswered, wantsText]);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the keys of the fields inside.
    <div ref={panel} className="tl-inspector__fields" onKeyDown={onKeyDown}>
      {wantsText && (
        <div className="tl-line tl-line--wide">
          <Typed
            label="Instruction text"
            value={label.text}
            list={vocabulary}
            maxLength={session.schema.rules.max_text_chars ?? 500}
            focusOn={asked}
            onCommit={(text) => marking.setText(label.id, text)}
            onEmptyKey={(event) => stepOn(editor, event)}
          />
          <datalist id={vocabulary}>
            {session.payload.vocabulary.map((text) => (
              <option key={text} value={text} />
            ))}
          </datalist>
        </div>
      )}
      {required.map((attribute) => (
        <AttributeField key={attribute.id} label={label} of={attribute} />
      ))}
      {label.kind !== "outcome" && <ClassAndEffector label={label} />}
      {label.start_ns !== null && <TimeFields label={label} edge="start" at={label.start_ns} />}
      {isRange(label) && <TimeFields label={label} edge="end" at={label.end_ns} />}
      {others.map((attribute) => (
        <AttributeField key={attribute.id} label={label} of={attribute} />
      ))}
    </div>
  );
}

/** What is selected but cannot be changed here: each label with whose it is. */
function Others() {
  const { session } = useEditor();
  const { tracks, selected } = useSnapshot();
  const owners = shortOwners(tracks.map((track) => track.name));
  const rows = tracks.flatMap((track, i) =>
    [...selected].flatMap((id) => {
      const label = track.timeline.get(id);
      return label ? [{ label, owner: owners[i] }] : [];
    }),
  );
  if (rows.length === 0) {
    const how = session.editable ? " to edit it" : "";
    return <p className="tl-empty">Select a label{how}: click it, or press . for the next one.</p>;
  }
  return (
    <dl className="tl-pairs">
      {rows.map(({ label, owner }) => (
        <div key={label.id}>
          <dt>{owner}</dt>
          <dd>
            <span className="tl-row__time">{timeText(label)}</span>
            {label.start_ns !== null && ` frame ${session.grid.frameAt(label.start_ns)}`}
            {label.text && ` · ${label.text}`}
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** The selected label, field by field. */
export function Inspector() {
  const { session } = useEditor();
  const { primary, editable, selected, editRequest } = useSnapshot();
  // Here and not in the fields: a label drawn just now is asked about before its fields exist.
  const [answered, setAnswered] = useState(editRequest);
  const onAnswered = useCallback(() => setAnswered(editRequest), [editRequest]);
  const own = primary !== null && session.history.timeline.has(primary.id);
  const known = primary ? classOf(session.schema, primary.label_class) : undefined;
  return (
    <section className="tl-panel tl-inspector" aria-labelledby="tl-inspector-title">
      <h2 id="tl-inspector-title">
        {primary ? (
          <>
            <ClassMark known={known} /> {known?.name ?? primary.label_class}
          </>
        ) : (
          "Selection"
        )}
        {selected.size > 1 && <span className="tl-count">{selected.size} selected</span>}
        {own && editable && (
          <CommandButton
            id="label.delete"
            icon={Trash2}
            className="tl-button--quiet tl-inspector__delete"
          />
        )}
      </h2>
      {primary && own && editable ? (
        <Fields
          key={primary.id}
          label={primary}
          asked={editRequest > answered ? editRequest : 0}
          onAnswered={onAnswered}
        />
      ) : (
        <Others />
      )}
    </section>
  );
}
