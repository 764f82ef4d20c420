import type { Candidate } from "./candidates";
import { newLabel } from "./edits";
import type { FrameGrid } from "./frames";
import { isRange, isTimeless, type Label } from "./label";
import { attributeFor, classOf, type LabelClass, type LabelSchema } from "./schema";
import { nearestOf, settled } from "./snapping";
import type { Ns } from "./time";
import type { Timeline } from "./timeline";

export interface Pattern {
  readonly labels: readonly Label[];
  readonly durationNs: Ns;
}

export interface Onto {
  readonly schema: LabelSchema;
  readonly grid: FrameGrid;
  readonly durationNs: Ns;
  /** Instants that this episode's own signals tell of, in the order of time. */
  readonly candidates: readonly Candidate[];
  /** How far a time may be drawn to one of them. */
  readonly reachNs: Ns;
}

/**
 * Another episode's labels on this one's time: scaled by the durations, drawn to this episode's own
 * candidates and else onto frames. Proposals, to be looked at one by one. What belongs to the other
 * recording alone stays there: outcome, tags, contact points; and a track that has labels of its
 * own already is left as it is.
 */
export function transferred(
  pattern: Pattern,
  timeline: Timeline,
  onto: Onto,
  newId: () => string,
): Label[] {
  const ratio = pattern.durationNs > 0 ? onto.durationNs / pattern.durationNs : 1;
  const time = (t: Ns, end: boolean) => place(Math.round(t * ratio), end, onto);
  const taken = new Set(timeline.labels.map(trackKey));
  return pattern.labels.flatMap((label) => {
    const known = classOf(onto.schema, label.label_class);
    if (!known || known.kind !== label.kind || isTimeless(label)) return [];
    if (label.start_ns === null || taken.has(trackKey(label))) return [];
    const start = time(label.start_ns, false);
    const end = isRange(label) ? time(label.end_ns, true) : null;
    if (end !== null && end <= start) return [];
    const { effector, text, uncertainty_ns } = label;
    const attributes = carried(label, known, ratio, start, end);
    const values = { start_ns: start, end_ns: end, effector, text, uncertainty_ns, attributes };
    return [newLabel(newId(), known, { ...values, source: "proposal" })];
  });
}

const trackKey = (label: Label) => JSON.stringify([label.label_class, label.effector]);

function place(t: Ns, end: boolean, { grid, durationNs, candidates, reachNs }: Onto): Ns {
  const last = end ? durationNs : durationNs - 1;
  const inside = Math.min(Math.max(0, t), last);
  // The edges of the episode are the same in both: nothing draws them away.
  if (inside === 0 || inside === durationNs) return inside;
  const near = nearestOf(candidates, inside, reachNs, (each) => each.at);
  return Math.min(near ? settled(near.at, grid) : grid.nearest(inside, end), last);
}

function carried(label: Label, known: LabelClass, ratio: number, start: Ns, end: Ns | null) {
  const entries = Object.entries(label.attributes).flatMap(([key, value]) => {
    const attribute = attributeFor(known, key);
    if (!attribute || attribute.type === "point") return [];
    if (attribute.type !== "time" || typeof value !== "number") return [[key, value] as const];
    const scaled = Math.min(Math.max(start, Math.round(value * ratio)), end ?? start);
    return [[key, scaled] as const];
  });
  return Object.fromEntries(entries);
}
