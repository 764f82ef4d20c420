import type { Diff } from "./diff";
import { type Field, newLabel } from "./edits";
import type { Label, RangeLabel } from "./label";
import type { LabelClass } from "./schema";
import type { Ns } from "./time";
import type { Timeline } from "./timeline";

/*
 * Segments that tile a track from the first frame to the end: cutting, painting and deleting leave
 * no gap behind. Each edit answers with one diff, as those of edits.ts do.
 */

export interface TrackOf {
  readonly known: LabelClass;
  readonly effector: string;
}

export type NewId = () => string;

function tile(of: TrackOf, id: string, start: Ns, end: Ns): Label {
  return newLabel(id, of.known, { start_ns: start, end_ns: end, effector: of.effector });
}

/** Gives every gap to the segment before it, the first one to the segment after it. */
export function closeGaps(
  timeline: Timeline,
  of: TrackOf,
  newId: NewId,
  field: Field,
): Diff | null {
  const track = timeline.track(of.known.id, of.effector);
  if (track.length === 0) {
    return { put: [tile(of, newId(), 0, field.durationNs)], remove: [] };
  }
  const put = track.flatMap((label, i): Label[] => {
    const start = i === 0 ? 0 : label.start_ns;
    const next = track[i + 1]?.start_ns ?? field.durationNs;
    const end = Math.max(label.end_ns, next);
    return start === label.start_ns && end === label.end_ns
      ? []
      : [{ ...label, start_ns: start, end_ns: end }];
  });
  return put.length > 0 ? { put, remove: [] } : null;
}

/** A boundary at t: the tile there is cut, its left part keeps what it says. */
export function cut(
  timeline: Timeline,
  of: TrackOf,
  at: Ns,
  newId: NewId,
  field: Field,
): { readonly diff: Diff; readonly rightId: string } | null {
  const whole = timeline.apply(closeGaps(timeline, of, newId, field) ?? NOTHING);
  const label = whole
    .track(of.known.id, of.effector)
    .find((each) => each.start_ns < at && at < each.end_ns);
  if (!label) return null;
  if (at - label.start_ns < field.leastNs || label.end_ns - at < field.leastNs) return null;
  const right = tile(of, newId(), at, label.end_ns);
  const after = whole.apply({ put: [{ ...label, end_ns: at }, right], remove: [] });
  return { diff: between(timeline, after, of), rightId: right.id };
}

/** A tile over the range: what lay there gives way, and is cut where it reaches out. */
export function paint(
  timeline: Timeline,
  of: TrackOf,
  range: { readonly from: Ns; readonly to: Ns },
  newId: NewId,
  field: Field,
): { readonly diff: Diff; readonly id: string } | null {
  const start = Math.max(0, Math.min(range.from, range.to));
  const end = Math.min(field.durationNs, Math.max(range.from, range.to));
  if (end - start < field.leastNs) return null;
  const whole = timeline.apply(closeGaps(timeline, of, newId, field) ?? NOTHING);
  const put: Label[] = [];
  const remove: string[] = [];
  let painted: RangeLabel | null = null;
  for (const label of whole.track(of.known.id, of.effector)) {
    if (label.end_ns <= start || label.start_ns >= end) continue;
    const left = start - label.start_ns;
    const right = label.end_ns - end;
    // A tile that lies inside keeps its words: the painted one grows out of it.
    if (left <= 0 && right <= 0 && !painted) painted = label;
    else if (left <= 0 && right <= 0) remove.push(label.id);
    else if (left > 0 && right > 0) {
      put.push({ ...label, end_ns: start }, { ...label, id: newId(), start_ns: end, text: "" });
    } else if (left > 0) put.push({ ...label, end_ns: start });
    else put.push({ ...label, start_ns: end });
  }
  const id = painted?.id ?? newId();
  put.push({ ...(painted ?? tile(of, id, start, end)), start_ns: start, end_ns: end });
  return { diff: between(timeline, whole.apply({ put, remove }), of), id };
}

/** Deletes tiles; each one's time goes to the tile before it, or else to the one after. */
export function removeTiles(timeline: Timeline, ids: ReadonlySet<string>): Diff | null {
  const remove = [...ids].filter((id) => timeline.has(id));
  if (remove.length === 0) return null;
  const gone = new Set(remove);
  const put: Label[] = [];
  const tracks = new Set(
    remove
      .map((id) => timeline.get(id)!)
      .map((label) => JSON.stringify([label.label_class, label.effector])),
  );
  for (const key of tracks) {
    const [labelClass, effector] = JSON.parse(key) as [string, string];
    const track = timeline.track(labelClass, effector);
    const kept = track.filter((label) => !gone.has(label.id));
    const first = kept[0];
    if (!first) continue;
    for (const [i, label] of kept.entries()) {
      const at = track.indexOf(label);
      const followers = followersOf(track, at, gone);
      const end = followers.at(-1)?.end_ns ?? label.end_ns;
      const start = i === 0 && at > 0 ? track[0]!.start_ns : label.start_ns;
      if (end !== label.end_ns || start !== label.start_ns) {
        put.push({ ...label, start_ns: start, end_ns: end });
      }
    }
  }
  return { put, remove };
}

/** The removed tiles that abut one after the other behind a kept one. */
function followersOf(
  track: readonly RangeLabel[],
  at: number,
  gone: ReadonlySet<string>,
): RangeLabel[] {
  const found: RangeLabel[] = [];
  let reach = track[at]!.end_ns;
  for (let i = at + 1; i < track.length && gone.has(track[i]!.id); i += 1) {
    if (track[i]!.start_ns > reach) break;
    found.push(track[i]!);
    reach = track[i]!.end_ns;
  }
  return found;
}

const NOTHING: Diff = { put: [], remove: [] };

/** What differs on one track: the way from one timeline to the other. */
function between(before: Timeline, after: Timeline, of: TrackOf): Diff {
  const [old, now] = [before, after].map((each) => each.track(of.known.id, of.effector)) as [
    RangeLabel[],
    RangeLabel[],
  ];
  const kept = new Set(now.map((label) => label.id));
  return {
    put: now.filter((label) => before.get(label.id) !== label),
    remove: old.filter((label) => !kept.has(label.id)).map((label) => label.id),
  };
}
