import { Trash2 } from "lucide-react";
import { type KeyboardEvent, memo, useEffect, useRef } from "react";
import type { Label } from "../model/label";
import { classOf, detailOf, effectorName, type LabelSchema } from "../model/schema";
import { formatSeconds } from "../model/time";
import { useEditor, useSnapshot } from "./context";
import { ClassMark } from "./pieces";

export function timeText(label: Label): string {
  if (label.start_ns === null) return "";
  const start = formatSeconds(label.start_ns);
  return label.end_ns === null ? start : `${start}–${formatSeconds(label.end_ns)}`;
}

interface RowProps {
  readonly label: Label;
  readonly schema: LabelSchema;
  readonly owner: string | null;
  readonly selected: boolean;
  readonly current: boolean;
  readonly removable: boolean;
  readonly broken: boolean;
}

const Row = memo(function Row(props: RowProps) {
  const { label, schema, selected, current } = props;
  const { session, marking } = useEditor();
  const row = useRef<HTMLTableRowElement>(null);
  useEffect(() => {
    if (!current || !row.current) return;
    row.current.scrollIntoView({ block: "nearest" });
    // The selection leads the focus, but never takes it from outside the list.
    if (row.current.closest("table")?.contains(document.activeElement)) row.current.focus();
  }, [current]);
  const known = classOf(schema, label.label_class);
  const name = known?.name ?? label.label_class;
  const detail = detailOf(schema, label);
  const hand = label.effector ? effectorName(schema, label.effector).toLowerCase() : "";
  const aside = [hand, props.owner].filter(Boolean).join(", ");
  const missing = known?.requires_text && !label.text;
  return (
    <tr
      ref={row}
      aria-selected={selected}
      tabIndex={current ? 0 : -1}
      data-label={label.id}
      className="tl-row"
      onClick={(event) => {
        const additive = event.ctrlKey || event.metaKey || event.shiftKey;
        if (additive) session.select(label.id, true);
        else session.jumpTo(label.id, label.start_ns);
      }}
      onDoubleClick={() => session.edit(label.id)}
    >
      <td className="tl-row__time">{timeText(label)}</td>
      <td className="tl-row__what">
        <ClassMark known={known} />
        {/* The shape says the class where the text says more; a screen reader hears both. */}
        <span className={label.text ? "tl-hidden" : "tl-row__class"}>{name}</span>
        {detail && <span className={label.text ? "" : "tl-row__detail"}>{detail}</span>}
        {aside && <span className="tl-row__detail">· {aside}</span>}
        {missing && <span className="tl-row__missing">no text yet</span>}
        {props.broken && <span className="tl-row__missing">!</span>}
      </td>
      <td className="tl-row__act">
        {props.removable && (
          <button
            type="button"
            className="tl-button tl-button--icon tl-button--quiet"
            tabIndex={current ? 0 : -1}
            aria-label={`Delete ${name} ${timeText(label)}`}
            onClick={(event) => {
              event.stopPropagation();
              session.select(label.id);
              marking.remove();
            }}
          >
            <Trash2 size={14} aria-hidden="true" />
          </button>
        )}
      </td>
    </tr>
  );
});

/** All labels as a table: what the canvas shows, for keyboard and screen reader. */
export function LabelList() {
  const { session } = useEditor();
  const { labels, selected, primary, editable, tracks, findings } = useSnapshot();
  const timed = labels.filter((label) => label.kind !== "outcome");
  const currentId = primary?.id ?? timed[0]?.id;
  const broken = new Set(
    findings.filter((each) => each.severity === "error").map((each) => each.label_id),
  );
  const several = !editable && tracks.length > 1;
  const owners = new Map(
    several
      ? tracks.flatMap((track) => track.timeline.labels.map((label) => [label.id, track.name]))
      : [],
  );
  const ordered = several
    ? [...timed].sort((a, b) => (a.start_ns ?? 0) - (b.start_ns ?? 0))
    : timed;

  const move = (event: KeyboardEvent) => {
    const way = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!way || event.altKey || event.ctrlKey) return;
    event.preventDefault();
    const at = ordered.findIndex((label) => label.id === currentId);
    const next = ordered[primary ? at + way : at];
    if (!next) return;
    session.jumpTo(next.id, next.start_ns);
    session.announce(session.describe(next));
  };

  return (
    <section className="tl-panel tl-labels" aria-labelledby="tl-labels-title">
      <h2 id="tl-labels-title">
        Labels <span className="tl-count">{timed.length}</span>
      </h2>
      <div className="tl-labels__scroll">
        {/* biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: rows are chosen here, which makes the table a grid. */}
        <table className="tl-table" role="grid" aria-labelledby="tl-labels-title" onKeyDown={move}>
          <colgroup>
            <col className="tl-col--time" />
            <col />
            <col className="tl-col--act" />
          </colgroup>
          <thead>
            <tr className="tl-hidden">
              <th scope="col">Time in seconds</th>
              <th scope="col">Class, text, effector</th>
              <th scope="col">Actions</th>
            </tr>
          </thead>
          <tbody>
            {ordered.map((label) => (
              <Row
                key={label.id}
                label={label}
                schema={session.schema}
                owner={owners.get(label.id) ?? null}
                selected={selected.has(label.id)}
                current={label.id === currentId}
                removable={editable && session.history.timeline.has(label.id)}
                broken={broken.has(label.id)}
              />
            ))}
          </tbody>
        </table>
        {timed.length === 0 && (
          <p className="tl-empty">
            {editable
              ? "Nothing marked yet. Go to the frame of a contact and press its number, or press B at the end of each instruction."
              : "No labels."}
          </p>
        )}
      </div>
    </section>
  );
}
