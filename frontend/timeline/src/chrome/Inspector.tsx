import { CircleAlert, Trash2, TriangleAlert } from "lucide-react";
import { type KeyboardEvent, useCallback, useEffect, useRef, useState } from "react";
import { common } from "../model/bulk";
import { type AttributeValue, isRange, isTimeless, type Label } from "../model/label";
import {
  type AttributeDefinition,
  classOf,
  isAsked,
  isShown,
  type LabelClass,
} from "../model/schema";
import { reworded, say, sayCount } from "../words";
import { Completing } from "./Completing";
import { type EditorContext, focusStage, runCommand, useEditor, useSnapshot } from "./context";
import { AttributeField } from "./fields";
import { ClassAndEffector, TimeFields, Uncertainty } from "./LabelFields";
import { timeText } from "./LabelList";
import { shortOwners } from "./owners";
import { ClassMark, CommandButton, useKeyText } from "./pieces";

/** In an empty text the arrows have nowhere to go: they step on, and the text can wait. */
function stepOn(editor: EditorContext, event: KeyboardEvent): boolean {
  const way = { ArrowLeft: "back", ArrowRight: "forward" }[event.key];
  if (!way || event.altKey || event.ctrlKey || event.metaKey) return false;
  focusStage();
  runCommand(editor, `step.${way}${event.shiftKey ? "10" : ""}`);
  return true;
}

/** What the labels say: of several, what they have in common. */
function valuesOf(labels: readonly Label[], known: LabelClass | undefined) {
  if (labels.length === 1) return { values: labels[0]!.attributes, mixed: new Set<string>() };
  const values: Record<string, AttributeValue> = {};
  const mixed = new Set<string>();
  for (const { id } of known?.attributes ?? []) {
    const same = common(labels, (label) => label.attributes[id] ?? null);
    if (same === undefined) mixed.add(id);
    else values[id] = same;
  }
  return { values, mixed };
}

/** The attributes of a class that are said once a label, and apply as things stand. */
function attributesOf(
  known: LabelClass | undefined,
  values: Readonly<Record<string, AttributeValue>>,
  several: boolean,
): AttributeDefinition[] {
  return (known?.attributes ?? []).filter(
    (each) => each.per !== "goal" && !(several && each.per) && isShown(each, values),
  );
}

function InstructionText({ label, asked }: { label: Label; asked: number }) {
  const editor = useEditor();
  const { session, marking } = editor;
  return (
    <div className="tl-line tl-line--wide">
      <Completing
        label={say("Instruction text")}
        value={label.text}
        offered={marking.words.for(label)}
        expects
        maxLength={session.schema.rules.max_text_chars ?? 500}
        focusOn={asked}
        onCommit={(text) => marking.setText(label.id, text)}
        onEmptyKey={(event) => stepOn(editor, event)}
      />
    </div>
  );
}

/** What the rules say of the label, quietly, beside it. */
function Remarks({ label }: { label: Label }) {
  const { findings } = useSnapshot();
  const own = findings.filter((finding) => finding.label_id === label.id);
  if (own.length === 0) return null;
  return (
    <ul className="tl-remarks" aria-label={say("Checks of this label")}>
      {own.map((finding) => {
        const Icon = finding.severity === "error" ? CircleAlert : TriangleAlert;
        return (
          <li key={finding.code + finding.message} className={`tl-finding--${finding.severity}`}>
            <Icon size={13} aria-hidden="true" />
            <span>{reworded(finding.message)}</span>
          </li>
        );
      })}
    </ul>
  );
}

function Fields(props: { labels: readonly Label[]; asked: number; onAnswered: () => void }) {
  const { labels, asked, onAnswered } = props;
  const { session, marking } = useEditor();
  const panel = useRef<HTMLDivElement>(null);
  // Enter goes on to what must still be said, and then back to the stage.
  const onKeyDown = (event: KeyboardEvent) => {
    const { target } = event;
    if (!(target instanceof HTMLSelectElement)) return;
    if (event.key === "Escape") focusStage();
    else if (event.key !== "Enter" || event.ctrlKey || event.metaKey) return;
    else if (!target.required || target.value) {
      const open = panel.current?.querySelector<HTMLElement>(
        ":is(select, input)[required]:invalid",
      );
      if (open) open.focus();
      else focusStage();
    }
    event.preventDefault();
  };
  const label = labels.at(-1)!;
  const several = labels.length > 1;
  const same = common(labels, (each) => each.label_class);
  const known = same === undefined ? undefined : classOf(session.schema, same);
  const { values, mixed } = valuesOf(labels, known);
  const attributes = attributesOf(known, values, several);
  const required = attributes.filter((attribute) => isAsked(attribute, values));
  const others = attributes.filter((attribute) => !isAsked(attribute, values));
  const wantsText = !several && (known?.requires_text || label.text !== "");
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
  const field = (attribute: AttributeDefinition) => (
    <AttributeField
      key={attribute.id}
      of={attribute}
      values={values}
      mixed={mixed.has(attribute.id)}
      put={(key, value) => marking.selecting.setAttribute(attribute, key, value)}
    />
  );
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the keys of the fields inside.
    <div ref={panel} className="tl-inspector__fields" onKeyDown={onKeyDown}>
      {wantsText && <InstructionText label={label} asked={asked} />}
      {!several && <Remarks label={label} />}
      {required.map(field)}
      {!isTimeless(label) && <ClassAndEffector labels={labels} />}
      {!several && label.start_ns !== null && (
        <TimeFields label={label} edge="start" at={label.start_ns} />
      )}
      {!several && isRange(label) && <TimeFields label={label} edge="end" at={label.end_ns} />}
      {labels.every((each) => each.kind === "instant") && <Uncertainty labels={labels} />}
      {others.map(field)}
    </div>
  );
}

/** What is selected but cannot be changed here: each label with whose it is. */
function Others() {
  const { session } = useEditor();
  const { tracks, selected } = useSnapshot();
  const owners = shortOwners(tracks.map((track) => track.name));
  const key = useKeyText("label.next");
  const rows = tracks.flatMap((track, i) =>
    [...selected].flatMap((id) => {
      const label = track.timeline.get(id);
      return label ? [{ label, owner: owners[i] }] : [];
    }),
  );
  if (rows.length === 0) {
    return (
      <p className="tl-empty">
        {session.editable
          ? say("Select a label to edit it: click it, or press {key} for the next one.", { key })
          : say("Select a label: click it, or press {key} for the next one.", { key })}
      </p>
    );
  }
  return (
    <dl className="tl-pairs">
      {rows.map(({ label, owner }) => (
        <div key={label.id}>
          <dt>{owner}</dt>
          <dd>
            <span className="tl-row__time">{timeText(label)}</span>
            {label.start_ns !== null &&
              ` ${say("frame {frame}", { frame: session.grid.frameAt(label.start_ns) })}`}
            {label.text && ` · ${label.text}`}
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Title({ own }: { own: readonly Label[] }) {
  const { session } = useEditor();
  const { primary, selected, editable } = useSnapshot();
  const known = primary ? classOf(session.schema, primary.label_class) : undefined;
  return (
    <h2 id="tl-inspector-title">
      {primary ? (
        <>
          <ClassMark known={known} /> {known?.name ?? primary.label_class}
        </>
      ) : (
        say("Selection")
      )}
      {selected.size > 1 && (
        <span className="tl-count">
          {sayCount(selected.size, "{count} selected", "{count} selected")}
        </span>
      )}
      {primary?.source === "proposal" && <span className="tl-proposal">{say("proposal")}</span>}
      {own.length > 0 && editable && (
        <CommandButton
          id="label.delete"
          icon={Trash2}
          className="tl-button--quiet tl-inspector__delete"
        />
      )}
    </h2>
  );
}

/** The selected label field by field; of several, what can be changed in all of them at once. */
export function Inspector() {
  const { session, marking } = useEditor();
  const { primary, editable, editRequest } = useSnapshot();
  // Here and not in the fields: a label drawn just now is asked about before its fields exist.
  const [answered, setAnswered] = useState(editRequest);
  const onAnswered = useCallback(() => setAnswered(editRequest), [editRequest]);
  const own = editable ? marking.selecting.labels : [];
  const shown = primary !== null && session.history.timeline.has(primary.id) && own.length > 0;
  return (
    <section className="tl-panel tl-inspector" aria-labelledby="tl-inspector-title">
      <Title own={own} />
      {shown ? (
        <Fields
          key={own.length > 1 ? "several" : primary.id}
          labels={own}
          asked={editRequest > answered ? editRequest : 0}
          onAnswered={onAnswered}
        />
      ) : (
        <Others />
      )}
    </section>
  );
}
