import { confirmed } from "../model/bulk";
import { moveEdge, moveInstant, setAttribute } from "../model/edits";
import { errorsOf } from "../model/findings";
import { formatPoint, type PicturePoint, pointKey } from "../model/points";
import { attributeFor, className, classOf } from "../model/schema";
import { type Snap, snap, snapEdges } from "../model/snapping";
import type { Ns } from "../model/time";
import type { Grip, StageHost, StageState } from "../stage/host";
import { say, within } from "../words";
import type { EditorSession } from "./session";

/** What the stage sees of a session, and what hands on the stage do to its labels. */
export class Handling implements StageHost {
  private grip: Grip | null = null;
  /** What the drag under way may go onto. */
  private gripEdges: readonly Ns[] = [];

  constructor(private readonly session: EditorSession) {}

  state(): StageState {
    const { session } = this;
    const { tracks, selected, findings, talk, drawing } = session.snapshot();
    const errors = session.editableSet ? errorsOf(findings) : [];
    const marks = (session.payload.differences ?? errors).map(({ at_ns }) => at_ns);
    return {
      schema: session.schema,
      durationNs: session.durationNs,
      grid: session.grid,
      tracks,
      selected,
      marks: marks.filter((at) => at !== null),
      comments: (talk?.threads ?? [])
        .filter(({ resolved_at }) => resolved_at === null)
        .map(({ at_ns }) => at_ns)
        .filter((at) => at !== null),
      band: this.band(),
      loop: session.transport.loop,
      drawing,
    };
  }

  /** From the first to the last time that the labels of the chosen difference name. */
  private band(): StageState["band"] {
    const { session } = this;
    const difference = session.payload.differences?.[session.snapshot().difference];
    if (!difference) return null;
    const times = difference.label_ids
      .flatMap((id) => [session.find(id)?.start_ns, session.find(id)?.end_ns])
      .filter((at) => at != null);
    if (times.length === 0) return null;
    return { fromNs: Math.min(...times), toNs: Math.max(...times) };
  }

  seek(t: Ns): void {
    this.session.seek(t);
  }

  scrub(active: boolean): void {
    if (active) this.session.transport.pause();
  }

  select(labelId: string | null, additive: boolean): void {
    this.session.select(labelId, additive);
  }

  edit(labelId: string): void {
    this.session.edit(labelId);
  }

  announce(text: string): void {
    this.session.announce(text);
  }

  beginDrag(grip: Grip): boolean {
    const { session } = this;
    const { history } = session;
    const label = history.timeline.get(grip.labelId);
    if (!session.changeable || !label) return false;
    session.transport.pause();
    this.grip = grip;
    this.gripEdges = snapEdges(history.committed, new Set([grip.labelId]));
    const what = { class: within(className(session.schema, label.label_class)) };
    const names = {
      instant: say("Move {class}", what),
      start: say("Move the start of {class}", what),
      end: say("Move the end of {class}", what),
    };
    history.begin(names[grip.part]);
    return true;
  }

  drag(t: Ns, reachNs: Ns, suppressed: boolean): Snap | null {
    const { grip, session } = this;
    const { history, snapping, grid, field } = session;
    const from = history.committed;
    if (!grip || !from.has(grip.labelId)) return null;
    const wanted = snap(t, grid, snapping.on ? this.gripEdges : [], {
      reachNs,
      end: grip.part !== "instant",
      suppressed,
      candidates: snapping.on ? session.candidates : [],
    });
    const diff =
      grip.part === "instant"
        ? moveInstant(from, grip.labelId, wanted.at, field)
        : moveEdge(from, grip.labelId, grip.part, wanted.at, field);
    history.preview(diff ? confirmed(diff, from) : { put: [], remove: [] });
    const label = history.timeline.get(grip.labelId);
    const at = (grip.part === "end" ? label?.end_ns : label?.start_ns) ?? wanted.at;
    // The picture of the frame the edge lies on; for an end, of the last frame inside.
    session.seek(Math.min(at, session.durationNs - 1));
    return at === wanted.at ? wanted : { at, to: "none" as const };
  }

  endDrag(): void {
    const { session } = this;
    this.grip = null;
    const moved = session.history.commit();
    const label = session.primary();
    if (moved && label) session.announce(say("Moved: {label}", { label: session.describe(label) }));
  }

  bailDrag(): void {
    this.grip = null;
    this.session.history.bail();
  }

  point(camera: string, at: PicturePoint | null): void {
    const { session } = this;
    const label = session.primary();
    const { timeline } = session.history;
    if (!label || !timeline.has(label.id)) {
      session.announce(say("Select a label of yours first: the point belongs to it"));
      return;
    }
    const known = classOf(session.schema, label.label_class);
    if (!known || !attributeFor(known, pointKey(camera))) {
      const what = className(session.schema, label.label_class);
      session.announce(say("{class} takes no contact point in this project", { class: what }));
      return;
    }
    const value = at && formatPoint(at);
    const name = value
      ? say("Point at {value} in {camera}", { value, camera })
      : say("No point in {camera}", { camera });
    session.perform(name, setAttribute(timeline, label.id, pointKey(camera), value));
  }
}
