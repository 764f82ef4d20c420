import { CopyPlus, LocateFixed, TriangleAlert, UserRound, UsersRound } from "lucide-react";
import { useEffect, useRef } from "react";
import type { Label } from "../model/label";
import type { Conflict } from "../model/merge";
import { className, effectorName } from "../model/schema";
import { formatSeconds, type Ns } from "../model/time";
import { phrase, say, translated } from "../words";
import { useEditor, useSnapshot } from "./context";
import { KeyOf } from "./pieces";
import type { EditorSession } from "./session";

interface Side {
  readonly label: Label | undefined;
  readonly key: "base" | "mine" | "theirs";
}

interface Row {
  readonly name: string;
  readonly of: (label: Label) => string;
  /** The moment that this says, to be looked at. */
  readonly at?: (label: Label) => Ns | null;
}

const seconds = (ns: Ns | null) => (ns === null ? "" : `${formatSeconds(ns)} s`);

function rowsFor(session: EditorSession, conflict: Conflict): Row[] {
  const { schema } = session;
  const sides = [conflict.base, conflict.mine, conflict.theirs];
  const names = new Set(sides.flatMap((side) => Object.keys(side?.attributes ?? {})));
  const rows: Row[] = [
    { name: say("Class"), of: (label) => className(schema, label.label_class) },
    { name: say("Start"), of: (l) => seconds(l.start_ns), at: (l) => l.start_ns },
    { name: say("End"), of: (l) => seconds(l.end_ns), at: (l) => l.end_ns },
    { name: say("Text"), of: (label) => label.text },
    { name: say("Effector"), of: (label) => effectorName(schema, label.effector) },
    { name: "±", of: (l) => (l.uncertainty_ns > 0 ? seconds(l.uncertainty_ns) : "") },
    ...[...names].sort().map((name) => ({
      name: name.replaceAll("_", " "),
      of: (label: Label) => String(label.attributes[name] ?? ""),
    })),
  ];
  // What all versions agree on is no question.
  return rows.filter(({ of }) => {
    const values = sides.flatMap((side) => (side ? [of(side)] : []));
    return new Set(values).size > 1;
  });
}

function Versions({ conflict }: { conflict: Conflict }) {
  const { session } = useEditor();
  const sides: Side[] = [
    { key: "base", label: conflict.base },
    { key: "mine", label: conflict.mine },
    { key: "theirs", label: conflict.theirs },
  ];
  const rows = rowsFor(session, conflict);
  const there = (label: Label | undefined, key: Side["key"]) => {
    if (label) return say("there");
    return key === "base" ? say("not there yet") : say("deleted");
  };
  const gone = sides.some(({ label }) => !label);
  return (
    <table className="tl-versions">
      <thead>
        <tr>
          <td />
          <th scope="col">{say("Before")}</th>
          <th scope="col">{say("Mine")}</th>
          <th scope="col">{say("Theirs")}</th>
        </tr>
      </thead>
      <tbody>
        {gone && (
          <tr>
            <th scope="row">{say("Label")}</th>
            {sides.map(({ key, label }) => (
              <td key={key}>{there(label, key)}</td>
            ))}
          </tr>
        )}
        {rows.map((row) => (
          <tr key={row.name}>
            <th scope="row">{row.name}</th>
            {sides.map(({ key, label }) => (
              <td
                key={key}
                data-changed={
                  key !== "base" &&
                  label !== undefined &&
                  conflict.base !== undefined &&
                  row.of(label) !== row.of(conflict.base)
                }
              >
                <Value row={row} label={label} />
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Value({ row, label }: { row: Row; label: Label | undefined }) {
  const { session } = useEditor();
  if (!label) return <>–</>;
  const text = row.of(label);
  const at = row.at?.(label) ?? null;
  if (at === null) return <>{text || "–"}</>;
  return (
    <button
      type="button"
      className="tl-link tl-versions__jump"
      title={say("Go there")}
      onClick={() => session.jumpTo(null, Math.min(at, session.durationNs - 1))}
    >
      <LocateFixed size={12} aria-hidden="true" />
      {text}
    </button>
  );
}

const CHOICES = [
  { choice: "mine", id: "conflict.mine", icon: UserRound, name: phrase("Keep mine") },
  { choice: "theirs", id: "conflict.theirs", icon: UsersRound, name: phrase("Keep theirs") },
  { choice: "both", id: "conflict.both", icon: CopyPlus, name: phrase("Keep both") },
] as const;

function OneConflict({ conflict, current }: { conflict: Conflict; current: boolean }) {
  const { session, saving } = useEditor();
  const item = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (current) item.current?.scrollIntoView({ block: "nearest" });
  }, [current]);
  const { id, base, mine, theirs } = conflict;
  const label = mine ?? theirs ?? base;
  return (
    <li ref={item} data-conflict={id} aria-current={current}>
      <p className="tl-conflicts__what">{label ? session.describe(label) : ""}</p>
      <Versions conflict={conflict} />
      <div className="tl-conflicts__choices">
        {CHOICES.filter(({ choice }) => choice !== "both" || (mine && theirs)).map(
          ({ choice, id: command, icon: Icon, name }) => (
            <button
              key={choice}
              type="button"
              className="tl-button"
              onClick={() => saving.settle(choice, id)}
            >
              <Icon size={14} aria-hidden="true" />
              {translated(name)}
              {current && <KeyOf id={command} />}
            </button>
          ),
        )}
      </div>
    </li>
  );
}

/** Labels that were changed here and elsewhere: before, mine and theirs, until one is chosen. */
export function Conflicts() {
  const { saving } = useEditor();
  const { conflicts } = useSnapshot().save;
  if (conflicts.length === 0) return null;
  const current = saving.contested?.id;
  return (
    <section className="tl-panel tl-conflicts" aria-labelledby="tl-conflicts-title">
      <h2 id="tl-conflicts-title">
        <TriangleAlert size={15} aria-hidden="true" /> {say("Changed here and elsewhere")}{" "}
        <span className="tl-count">{conflicts.length}</span>
        <KeyOf id="conflict.next" />
      </h2>
      <ul>
        {conflicts.map((conflict) => (
          <OneConflict key={conflict.id} conflict={conflict} current={conflict.id === current} />
        ))}
      </ul>
    </section>
  );
}
