import { takes } from "./attributes";
import type { Diff } from "./diff";
import { isRange, type Label, type RangeLabel, sameLabel } from "./label";
import { attributeFor, classOf, isBlank, type LabelClass, type LabelSchema } from "./schema";
import type { Ns } from "./time";
import type { Timeline } from "./timeline";

/*
 * Each edit looks at a timeline and answers with the diff that makes the change, or null when
 * there is nothing to change. None of them changes anything.
 */

export interface Field {
  readonly schema: LabelSchema;
  readonly durationNs: Ns;
  /** The shortest a range may get: one frame. */
  readonly leastNs: Ns;
}

export function newLabel(id: string, known: LabelClass, values: Partial<Label> = {}): Label {
  return {
    id,
    kind: known.kind,
    label_class: known.id,
    start_ns: null,
    end_ns: null,
    effector: "",
    text: "",
    attributes: {},
    uncertainty_ns: 0,
    source: "human",
    ...values,
  };
}

export function dropInstant(
  known: LabelClass,
  id: string,
  at: Ns,
  effector: string,
  field: Field,
): Diff | null {
  if (known.kind !== "instant" || at < 0 || at >= field.durationNs) return null;
  const hand = known.requires_effector ? effector : "";
  return { put: [newLabel(id, known, { start_ns: at, effector: hand })], remove: [] };
}

/**
 * Draws a range. On an exclusive track a segment that is running at its start ends there, and
 * the new one ends where the next begins: drawing never removes a label and never overlaps one.
 */
export function drawRange(
  timeline: Timeline,
  known: LabelClass,
  id: string,
  range: { from: Ns; to: Ns; effector: string },
  field: Field,
): Diff | null {
  const start = Math.max(0, Math.min(range.from, range.to));
  let end = Math.min(field.durationNs, Math.max(range.from, range.to));
  const put: Label[] = [];
  if (known.exclusive) {
    const track = timeline.track(known.id, range.effector);
    const running = track.find((label) => label.start_ns <= start && start < label.end_ns);
    const next = track.find((label) => label.start_ns > start);
    if (running) {
      if (start - running.start_ns < field.leastNs) return null;
      put.push({ ...running, end_ns: start });
    }
    if (next) end = Math.min(end, next.start_ns);
  }
  if (end - start < field.leastNs) return null;
  put.push(newLabel(id, known, { start_ns: start, end_ns: end, effector: range.effector }));
  return { put, remove: [] };
}

export type Edge = "start" | "end";

/** The neighbour on an exclusive track that begins or ends exactly where this edge is. */
export function sharedBoundary(
  timeline: Timeline,
  label: RangeLabel,
  edge: Edge,
  schema: LabelSchema,
): RangeLabel | undefined {
  if (!classOf(schema, label.label_class)?.exclusive) return undefined;
  const track = timeline.track(label.label_class, label.effector);
  return track.find((other) => {
    if (other.id === label.id) return false;
    return edge === "start" ? other.end_ns === label.start_ns : other.start_ns === label.end_ns;
  });
}

function edgeLimits(timeline: Timeline, label: RangeLabel, edge: Edge, field: Field): [Ns, Ns] {
  const shared = sharedBoundary(timeline, label, edge, field.schema);
  const exclusive = classOf(field.schema, label.label_class)?.exclusive ?? false;
  const track = exclusive ? timeline.track(label.label_class, label.effector) : [];
  if (edge === "start") {
    const before = track.findLast((other) => other.end_ns <= label.start_ns);
    const floor = shared ? shared.start_ns + field.leastNs : (before?.end_ns ?? 0);
    return [floor, label.end_ns - field.leastNs];
  }
  const after = track.find((other) => other.start_ns >= label.end_ns && other.id !== label.id);
  const ceiling = shared ? shared.end_ns - field.leastNs : (after?.start_ns ?? field.durationNs);
  return [label.start_ns + field.leastNs, ceiling];
}

/** Moves one edge; a boundary that two segments of a track share moves once, for both. */
export function moveEdge(
  timeline: Timeline,
  id: string,
  edge: Edge,
  to: Ns,
  field: Field,
): Diff | null {
  const label = timeline.get(id);
  if (!label || !isRange(label)) return null;
  const [low, high] = edgeLimits(timeline, label, edge, field);
  if (low > high) return null;
  const at = Math.min(Math.max(to, low), high);
  if (at === (edge === "start" ? label.start_ns : label.end_ns)) return null;
  const shared = sharedBoundary(timeline, label, edge, field.schema);
  const put: Label[] = [edge === "start" ? { ...label, start_ns: at } : { ...label, end_ns: at }];
  if (shared) put.push(edge === "start" ? { ...shared, end_ns: at } : { ...shared, start_ns: at });
  return { put, remove: [] };
}

export function moveInstant(timeline: Timeline, id: string, to: Ns, field: Field): Diff | null {
  const label = timeline.get(id);
  if (label?.kind !== "instant") return null;
  const at = Math.min(Math.max(0, to), field.durationNs - 1);
  return change(timeline, id, { start_ns: at });
}

/** Writes some fields of a label. */
export function change(timeline: Timeline, id: string, values: Partial<Label>): Diff | null {
  const label = timeline.get(id);
  if (!label) return null;
  const next = { ...label, ...values, id };
  return sameLabel(label, next) ? null : { put: [next], remove: [] };
}

/** Another class of the same kind; attributes the new class does not have are dropped. */
export function setClass(timeline: Timeline, id: string, known: LabelClass): Diff | null {
  const label = timeline.get(id);
  if (!label || label.kind !== known.kind) return null;
  const attributes = keptAttributes(label.attributes, known);
  return change(timeline, id, { label_class: known.id, attributes });
}

/** Of these attributes those that a label of the class can have. */
export function keptAttributes(
  attributes: Label["attributes"],
  known: LabelClass,
): Label["attributes"] {
  const kept = Object.entries(attributes).filter(([key, value]) => {
    const attribute = attributeFor(known, key);
    return attribute && (isBlank(value) || takes(attribute, value));
  });
  return Object.fromEntries(kept);
}

export function setAttribute(
  timeline: Timeline,
  id: string,
  attribute: string,
  value: string | number | boolean | null,
): Diff | null {
  const label = timeline.get(id);
  if (!label) return null;
  const { [attribute]: _, ...rest } = label.attributes;
  const attributes = value === null || value === "" ? rest : { ...rest, [attribute]: value };
  return change(timeline, id, { attributes });
}

export function removeLabels(timeline: Timeline, ids: Iterable<string>): Diff | null {
  const remove = [...ids].filter((id) => timeline.has(id));
  return remove.length > 0 ? { put: [], remove } : null;
}

/** Cuts a range in two at t. The left part keeps id and text; a segment's right part wants its own. */
export function split(
  timeline: Timeline,
  id: string,
  at: Ns,
  rightId: string,
  field: Field,
): Diff | null {
  const label = timeline.get(id);
  if (!label || !isRange(label)) return null;
  if (at - label.start_ns < field.leastNs || label.end_ns - at < field.leastNs) return null;
  const text = label.kind === "segment" ? "" : label.text;
  const right: Label = { ...label, id: rightId, start_ns: at, text };
  return { put: [{ ...label, end_ns: at }, right], remove: [] };
}

/** The next range of the same class and effector: what `merge` would join this one to. */
export function mergeTarget(timeline: Timeline, id: string): RangeLabel | undefined {
  const label = timeline.get(id);
  if (!label || !isRange(label)) return undefined;
  const track = timeline.track(label.label_class, label.effector);
  return track[track.findIndex((other) => other.id === id) + 1];
}

/** Joins a range and the next one of its track; two different texts are both kept. */
export function mergeWithNext(timeline: Timeline, id: string): Diff | null {
  const label = timeline.get(id);
  const next = mergeTarget(timeline, id);
  if (!label || !isRange(label) || !next) return null;
  const texts = [...new Set([label.text, next.text])].filter(Boolean);
  const merged: Label = {
    ...label,
    end_ns: Math.max(label.end_ns, next.end_ns),
    text: texts.join("; "),
    attributes: { ...next.attributes, ...label.attributes },
  };
  return { put: [merged], remove: [next.id] };
}

/** One outcome a set: choosing another replaces what was there. */
export function setOutcome(timeline: Timeline, known: LabelClass, id: string): Diff | null {
  if (known.kind !== "outcome") return null;
  const old = timeline.labels.filter((label) => label.kind === "outcome");
  const keep = old.find((label) => label.label_class === known.id);
  const remove = old.filter((label) => label !== keep).map((label) => label.id);
  if (keep) return remove.length > 0 ? { put: [], remove } : null;
  return { put: [newLabel(id, known)], remove };
}
