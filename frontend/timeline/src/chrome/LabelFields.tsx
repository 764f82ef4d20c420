import { common } from "../model/bulk";
import type { Edge } from "../model/edits";
import type { Label } from "../model/label";
import { classesOfKind } from "../model/schema";
import { formatSeconds, type Ns, parseClock } from "../model/time";
import { say } from "../words";
import { useEditor } from "./context";
import { Typed } from "./fields";

/** An edge of a label in seconds and as a frame, each to be typed. */
export function TimeFields({ label, edge, at }: { label: Label; edge: Edge; at: Ns }) {
  const { session, marking } = useEditor();
  const names = { time: say("time"), start: say("start"), end: say("end") };
  const name = names[label.kind === "instant" ? "time" : edge];
  const { grid, durationNs } = session;
  const frame = at >= durationNs ? grid.count : grid.frameAt(at);
  const put = (to: Ns | null) => {
    if (to === null) {
      session.announce(say("That is no time of this episode"));
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
        label={say("{edge} in seconds", { edge: name })}
        value={formatSeconds(at)}
        inputMode="decimal"
        className="tl-field--number"
        onCommit={(text) => put(parseClock(text))}
      />
      <span className="tl-unit">s</span>
      <Typed
        label={say("{edge} as frame", { edge: name })}
        value={String(frame)}
        inputMode="numeric"
        className="tl-field--number"
        onCommit={(text) => put(frameTime(text))}
      />
      <span className="tl-unit">{say("frame")}</span>
    </div>
  );
}

/** How far from its time the label may lie, kept as a range. */
export function Uncertainty({ labels }: { labels: readonly Label[] }) {
  const { session, marking } = useEditor();
  const same = common(labels, (label) => label.uncertainty_ns);
  const { periodNs } = session.grid;
  const frames = same === undefined ? null : Math.round((same / periodNs) * 10) / 10;
  return (
    <div className="tl-line">
      <span className="tl-line__name">{say("uncertain")}</span>
      <span className="tl-unit">±</span>
      <Typed
        label={say("uncertain by frames on either side")}
        value={frames === null ? "" : String(frames)}
        inputMode="numeric"
        className="tl-field--number"
        onCommit={(text) => {
          if (/^\d+$/.test(text)) marking.selecting.setUncertainty(Number(text));
          else session.announce(say("That is no number of frames"));
        }}
      />
      <span className="tl-unit">{say("frames")}</span>
      {same !== undefined && same > 0 && <span className="tl-unit">± {formatSeconds(same)} s</span>}
    </div>
  );
}

/** What the labels have in common of the two, to be chosen for all of them. */
export function ClassAndEffector({ labels }: { labels: readonly Label[] }) {
  const { session, marking } = useEditor();
  const { schema } = session;
  const kind = common(labels, (label) => label.kind);
  const known = common(labels, (label) => label.label_class);
  const effector = common(labels, (label) => label.effector);
  return (
    <div className="tl-line">
      {kind && (
        <select
          className="tl-field"
          aria-label={say("Class")}
          value={known ?? ""}
          onChange={(event) => marking.selecting.setClassById(event.target.value)}
        >
          {known === undefined && <option value="">{say("several classes")}</option>}
          {classesOfKind(schema, kind).map((each) => (
            <option key={each.id} value={each.id}>
              {each.name}
            </option>
          ))}
        </select>
      )}
      <select
        className="tl-field"
        aria-label={say("Effector")}
        value={effector ?? "?"}
        onChange={(event) => marking.selecting.setEffector(event.target.value)}
      >
        {effector === undefined && (
          <option value="?" disabled>
            {say("several effectors")}
          </option>
        )}
        <option value="">{say("no effector")}</option>
        {schema.effectors.map((each) => (
          <option key={each.id} value={each.id}>
            {each.name}
          </option>
        ))}
      </select>
    </div>
  );
}
