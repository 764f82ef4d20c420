import { Trash2 } from "lucide-react";
import {
  type FocusEvent,
  type KeyboardEvent,
  memo,
  type ReactNode,
  type RefObject,
  useEffect,
  useRef,
  useState,
} from "react";
import { isTimeless, type Label } from "../model/label";
import { classOf, detailOf, effectorName, type LabelSchema } from "../model/schema";
import { formatSeconds } from "../model/time";
import { reworded, say } from "../words";
import { useEditor, useSnapshot } from "./context";
import { Offers } from "./OffersBar";
import { shortOwners } from "./owners";
import { ClassMark, useKeyText } from "./pieces";

const ROW_PX = 28;
const SPARE_ROWS = 12;

export function timeText(label: Label): string {
  if (label.start_ns === null) return "";
  const start = formatSeconds(label.start_ns);
  return label.end_ns === null ? start : `${start}–${formatSeconds(label.end_ns)}`;
}

interface RowProps {
  readonly label: Label;
  readonly index: number;
  readonly schema: LabelSchema;
  readonly owner: string | null;
  readonly selected: boolean;
  readonly current: boolean;
  readonly editable: boolean;
  readonly removable: boolean;
  /** What the rules find wrong with it; empty when nothing. */
  readonly broken: string;
}

function DeleteButton({ label, name, current }: { label: Label; name: string; current: boolean }) {
  const { session, marking } = useEditor();
  return (
    <button
      type="button"
      className="tl-button tl-button--icon tl-button--quiet"
      tabIndex={current ? 0 : -1}
      aria-label={say("Delete {class} {time}", { class: name, time: timeText(label) })}
      onClick={(event) => {
        event.stopPropagation();
        session.select(label.id);
        marking.remove();
      }}
    >
      <Trash2 size={14} aria-hidden="true" />
    </button>
  );
}

/** What a row says beside its class, with a pause before it for those who hear it. */
function Part({ className, children }: { className: string; children: ReactNode }) {
  return (
    <>
      <span className="tl-hidden">, </span>
      <span className={className}>{children}</span>
    </>
  );
}

const Row = memo(function Row(props: RowProps) {
  const { label, schema, selected, current } = props;
  const { session, marking } = useEditor();
  const row = useRef<HTMLTableRowElement>(null);
  useEffect(() => {
    // The selection leads the focus, but never takes it from outside the list.
    const list = row.current?.closest("table");
    if (current && list?.contains(document.activeElement)) row.current?.focus();
  }, [current]);
  const known = classOf(schema, label.label_class);
  const name = known?.name ?? label.label_class;
  const detail = detailOf(schema, label);
  const hand = label.effector ? effectorName(schema, label.effector).toLowerCase() : "";
  const missing = known?.requires_text && !label.text;
  return (
    <tr
      ref={row}
      aria-rowindex={props.index + 2}
      aria-selected={selected}
      tabIndex={current ? 0 : -1}
      data-label={label.id}
      data-kind={label.kind}
      data-text={label.text}
      className="tl-row"
      onClick={(event) => {
        if (event.shiftKey) marking.selecting.range(label);
        else if (event.ctrlKey || event.metaKey) session.select(label.id, true);
        else session.jumpTo(label.id, label.start_ns);
      }}
      onDoubleClick={() => session.edit(label.id)}
    >
      <td className="tl-row__time">
        {formatSeconds(label.start_ns ?? 0)}
        {label.end_ns !== null && (
          <span className="tl-row__end">–{formatSeconds(label.end_ns)}</span>
        )}
      </td>
      <td className="tl-row__what">
        {props.owner && <span className="tl-row__owner">{props.owner}</span>}
        <ClassMark known={known} />
        {/* The shape says the class where the text says more; a screen reader hears both. */}
        <span className={label.text ? "tl-hidden" : "tl-row__class"}>{name}</span>
        {detail && <Part className={label.text ? "" : "tl-row__detail"}>{detail}</Part>}
        {hand && (
          <Part className="tl-row__detail">
            <span aria-hidden="true">· </span>
            {hand}
          </Part>
        )}
        {missing && <Part className="tl-row__missing">{say("no text yet")}</Part>}
        {label.source === "proposal" && <Part className="tl-proposal">{say("proposal")}</Part>}
        {props.broken && (
          <span className="tl-row__missing" title={props.broken}>
            <span aria-hidden="true">!</span>
            <span className="tl-hidden">, {props.broken}</span>
          </span>
        )}
      </td>
      {props.editable && (
        <td className="tl-row__act">
          {props.removable && <DeleteButton label={label} name={name} current={current} />}
        </td>
      )}
    </tr>
  );
});

/** Which rows are in sight; a set of thousands must not cost thousands of elements. */
function useWindow(scroller: RefObject<HTMLDivElement | null>, count: number) {
  const [range, setRange] = useState({ from: 0, to: 60 });
  useEffect(() => {
    const element = scroller.current;
    if (!element) return undefined;
    const measure = () => {
      const first = Math.floor(element.scrollTop / ROW_PX);
      const rows = Math.ceil(element.clientHeight / ROW_PX);
      const from = Math.max(0, Math.floor((first - SPARE_ROWS) / SPARE_ROWS) * SPARE_ROWS);
      const to = Math.ceil((first + rows + SPARE_ROWS) / SPARE_ROWS) * SPARE_ROWS;
      setRange((now) => (now.from === from && now.to === to ? now : { from, to }));
    };
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    element.addEventListener("scroll", measure, { passive: true });
    return () => {
      observer.disconnect();
      element.removeEventListener("scroll", measure);
    };
  }, [scroller]);
  return { from: Math.min(range.from, Math.max(0, count - 1)), to: Math.min(range.to, count) };
}

function useLabelRows() {
  const { session } = useEditor();
  const { labels, selected, primary, editable, tracks, findings } = useSnapshot();
  const timed = labels.filter((label) => !isTimeless(label));
  const several = !tracks.some((track) => track.editable) && tracks.length > 1;
  if (several) timed.sort((a, b) => (a.start_ns ?? 0) - (b.start_ns ?? 0));
  const broken = new Map<string, string>();
  for (const { severity, label_id: id, message } of findings) {
    if (severity === "error" && id && !broken.has(id)) broken.set(id, reworded(message));
  }
  const short = shortOwners(tracks.map((track) => track.name));
  const owners = new Map(
    several
      ? tracks.flatMap((track, i) =>
          track.timeline.labels.map((label): [string, string] => [label.id, short[i]!]),
        )
      : [],
  );
  const at = primary ? timed.findIndex((label) => label.id === primary.id) : -1;
  const rowOf = (label: Label, index: number): RowProps => ({
    label,
    index,
    schema: session.schema,
    owner: owners.get(label.id) ?? null,
    selected: selected.has(label.id),
    current: index === Math.max(0, at),
    editable,
    removable: editable && session.history.timeline.has(label.id),
    broken: broken.get(label.id) ?? "",
  });
  return { timed, at, rowOf, editable };
}

/** A deleted row takes the focus with it; it goes on to the row that is current then. */
function useKeptFocus(scroller: RefObject<HTMLDivElement | null>, count: number) {
  const inside = useRef(false);
  const before = useRef(count);
  useEffect(() => {
    const fewer = count < before.current;
    before.current = count;
    if (!fewer || !inside.current || document.activeElement !== document.body) return;
    scroller.current?.querySelector<HTMLElement>('tr[tabindex="0"]')?.focus();
  }, [scroller, count]);
  return {
    onFocus: () => {
      inside.current = true;
    },
    onBlur: (event: FocusEvent) => {
      if (event.relatedTarget) inside.current = false;
    },
  };
}

/** All labels as a table: what the canvas shows, for keyboard and screen reader. */
export function LabelList() {
  const { session, marking } = useEditor();
  const { timed, at, rowOf, editable } = useLabelRows();
  const scroller = useRef<HTMLDivElement>(null);
  const { from, to } = useWindow(scroller, timed.length);
  const keptFocus = useKeptFocus(scroller, timed.length);
  const boundary = useKeyText("mark.boundary");

  useEffect(() => {
    const element = scroller.current;
    if (!element || at < 0) return;
    const [top, bottom] = [at * ROW_PX, (at + 1) * ROW_PX];
    if (top < element.scrollTop) element.scrollTop = top;
    else if (bottom > element.scrollTop + element.clientHeight) {
      element.scrollTop = bottom - element.clientHeight;
    }
  }, [at]);

  const move = (event: KeyboardEvent) => {
    const way = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!way || event.altKey || event.ctrlKey) return;
    event.preventDefault();
    if (event.shiftKey) {
      marking.selecting.widen(way as 1 | -1);
      return;
    }
    const next = timed[at < 0 ? 0 : at + way];
    if (!next) return;
    session.jumpTo(next.id, next.start_ns);
    session.announce(session.describe(next));
  };

  return (
    <section className="tl-panel tl-labels" aria-labelledby="tl-labels-title">
      <h2 id="tl-labels-title">
        {say("Labels")} <span className="tl-count">{timed.length}</span>
      </h2>
      <Offers />
      <div ref={scroller} className="tl-labels__scroll" {...keptFocus}>
        <table
          className="tl-table"
          // Room for the rows that are not there: the scroll bar tells the truth about all of them.
          style={{ marginTop: from * ROW_PX, marginBottom: (timed.length - to) * ROW_PX }}
          // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: rows are chosen here, which makes the table a grid.
          role="grid"
          aria-labelledby="tl-labels-title"
          aria-rowcount={timed.length + 1}
          aria-multiselectable="true"
          onKeyDown={move}
        >
          <colgroup>
            <col className="tl-col--time" />
            <col />
            {editable && <col className="tl-col--act" />}
          </colgroup>
          <thead>
            <tr className="tl-hidden" aria-rowindex={1}>
              <th scope="col">{say("Time in seconds")}</th>
              <th scope="col">{say("Class, text, effector")}</th>
              {editable && <th scope="col">{say("Actions")}</th>}
            </tr>
          </thead>
          <tbody>
            {timed.slice(from, to).map((label, i) => (
              <Row key={label.id} {...rowOf(label, from + i)} />
            ))}
          </tbody>
        </table>
        {timed.length === 0 && (
          <p className="tl-empty">
            {editable
              ? say(
                  "Nothing marked yet. Go to the frame of a contact and press its key, or press {boundary} at the end of each instruction.",
                  { boundary },
                )
              : say("No labels.")}
          </p>
        )}
      </div>
    </section>
  );
}
