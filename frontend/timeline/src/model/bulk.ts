import type { Diff } from "./diff";
import { type Field, setAttribute, setClass } from "./edits";
import type { FrameGrid } from "./frames";
import type { AttributeValue } from "./label";
import { isRange, type Label, type RangeLabel, sameLabel } from "./label";
import { attributeFor, classOf, type LabelClass, type LabelSchema } from "./schema";
import type { Ns } from "./time";
import type { Timeline } from "./timeline";

/*
 * Edits of several labels at once, each one diff and so one step.
 */

type Edit = (timeline: Timeline, id: string) => Diff | null;

/** The edit of each label that it changes, together. */
export function together(timeline: Timeline, ids: Iterable<string>, edit: Edit): Diff | null {
  const diffs = [...ids].flatMap((id) => edit(timeline, id) ?? []);
  if (diffs.length === 0) return null;
  return {
    put: diffs.flatMap((diff) => diff.put),
    remove: diffs.flatMap((diff) => diff.remove),
  };
}

export function changeAll(
  timeline: Timeline,
  ids: Iterable<string>,
  values: Partial<Label>,
): Diff | null {
  return together(timeline, ids, (before, id) => {
    const label = before.get(id);
    if (!label) return null;
    const next = { ...label, ...values, id };
    return sameLabel(label, next) ? null : { put: [next], remove: [] };
  });
}

/** Another class for those of its kind; the others stay as they are. */
export function setClassOfAll(
  timeline: Timeline,
  ids: Iterable<string>,
  known: LabelClass,
): Diff | null {
  return together(timeline, ids, (before, id) => setClass(before, id, known));
}

/** A value for those whose class has the attribute. */
export function setAttributeOfAll(
  timeline: Timeline,
  ids: Iterable<string>,
  key: string,
  value: AttributeValue,
  schema: LabelSchema,
): Diff | null {
  return together(timeline, ids, (before, id) => {
    const known = classOf(schema, before.get(id)?.label_class ?? "");
    return known && attributeFor(known, key) ? setAttribute(before, id, key, value) : null;
  });
}

/** The attribute times of a label that is moved as a whole move along, within it. */
function withTimes(label: Label, start: Ns, end: Ns | null, schema: LabelSchema): Label {
  const known = classOf(schema, label.label_class);
  const by = start - (label.start_ns ?? start);
  const attributes = Object.fromEntries(
    Object.entries(label.attributes).map(([key, value]) => {
      const timed = known && attributeFor(known, key)?.type === "time";
      if (!timed || typeof value !== "number") return [key, value];
      return [key, Math.min(Math.max(start, value + by), end ?? start)];
    }),
  );
  return { ...label, start_ns: start, end_ns: end, attributes };
}

/**
 * Moves labels by whole frames, all of them or none. On an exclusive track a neighbour that abuts
 * gives way or follows; null where there is no room.
 */
export function shift(
  timeline: Timeline,
  ids: ReadonlySet<string>,
  frames: number,
  grid: FrameGrid,
  field: Field,
): Diff | null {
  const put = new Map<string, Label>();
  for (const id of ids) {
    const label = timeline.get(id);
    if (!label || label.start_ns === null) continue;
    const start = grid.step(label.start_ns, frames);
    const end = label.end_ns === null ? null : grid.step(label.end_ns, frames, true);
    const stuck = start === label.start_ns || (end !== null && end === label.end_ns);
    if (stuck || (end !== null && end - start < field.leastNs)) return null;
    put.set(id, withTimes(label, start, end, field.schema));
  }
  if (put.size === 0) return null;
  for (const track of tracksOf(timeline, put, field.schema)) {
    if (!makeRoom(track, put, field)) return null;
  }
  return { put: [...put.values()], remove: [] };
}

function tracksOf(
  timeline: Timeline,
  moved: ReadonlyMap<string, Label>,
  schema: LabelSchema,
): RangeLabel[][] {
  const keys = new Set<string>();
  for (const { label_class, effector } of moved.values()) {
    if (classOf(schema, label_class)?.exclusive) keys.add(JSON.stringify([label_class, effector]));
  }
  return [...keys].map((key) => timeline.track(...(JSON.parse(key) as [string, string])));
}

/** Lets the neighbours of moved labels follow; false when one would get too short or be met. */
function makeRoom(track: readonly RangeLabel[], put: Map<string, Label>, field: Field): boolean {
  for (const [i, label] of track.entries()) {
    if (put.has(label.id)) continue;
    const before = track[i - 1];
    const after = track[i + 1];
    const movedBefore = before && put.get(before.id);
    const movedAfter = after && put.get(after.id);
    const start =
      movedBefore && before.end_ns === label.start_ns ? movedBefore.end_ns! : label.start_ns;
    const end = movedAfter && after.start_ns === label.end_ns ? movedAfter.start_ns! : label.end_ns;
    if (end - start < field.leastNs) return false;
    if (movedBefore && movedBefore.end_ns! > start) return false;
    if (movedAfter && movedAfter.start_ns! < end) return false;
    if (start !== label.start_ns || end !== label.end_ns) {
      put.set(label.id, { ...label, start_ns: start, end_ns: end });
    }
  }
  return true;
}

/** What all of these have in common for a field, or undefined when they differ. */
export function common<T>(labels: readonly Label[], of: (label: Label) => T): T | undefined {
  const first = labels[0];
  if (!first) return undefined;
  const value = of(first);
  return labels.every((label) => of(label) === value) ? value : undefined;
}

/** A proposal that somebody changed is theirs: it is no proposal any more. */
export function confirmed(diff: Diff, before: Timeline): Diff {
  const put = diff.put.map((label) =>
    label.source === "proposal" && before.get(label.id)?.source === "proposal"
      ? { ...label, source: "human" as const }
      : label,
  );
  return { put, remove: diff.remove };
}

export function isRangeOf(label: Label | null): label is RangeLabel {
  return label !== null && isRange(label);
}
