import type { Diff } from "./diff";
import { isRange, type Label, type RangeLabel } from "./label";
import { classOf, type LabelSchema } from "./schema";
import type { Ns } from "./time";
import type { Timeline } from "./timeline";

/*
 * What a reviewer's one key means: which verdicts follow when one lane is right, and what a
 * consensus takes over from it.
 */

export type Word =
  | "ok"
  | "wrong_time"
  | "wrong_class"
  | "missing"
  | "extra"
  | "not_visible"
  | "withdrawn";

/** A verdict on one label of one set; of what is missing, the label is another set's. */
export interface Mark {
  readonly id: number;
  readonly set: string;
  readonly label_id: string | null;
  readonly at_ns: Ns | null;
  readonly verdict: Word;
  readonly comment: string;
  readonly by: string;
}

/** One place at which lanes disagree; `sides` has the labels of each, empty where it has none. */
export interface Disagreement {
  readonly id: string;
  readonly code: string;
  readonly codes: readonly string[];
  readonly at_ns: Ns | null;
  readonly message: string;
  readonly label_ids: readonly string[];
  readonly sides: Readonly<Record<string, readonly string[]>>;
  readonly rank: number;
}

export interface Judged {
  readonly set: string;
  readonly labelId: string;
  readonly verdict: Word;
}

/** Whether a word can be said of a label: what is about the whole episode has no wrong time. */
export function speaksOf(word: Word, label: Label): boolean {
  return word !== "wrong_time" || label.start_ns !== null;
}

const ATTRIBUTES = ["attribute_differs", "goal_differs"];

type Find = (id: string) => Label | undefined;

/**
 * The verdicts on the labels of `lanes` at a place when `right` is right there: its own labels are,
 * another's are extra where it has none, missing where they have none, right where they say the
 * same within the tolerance, and otherwise wrong in their time, or in what they say.
 */
export function implied(
  place: Disagreement,
  right: string,
  lanes: readonly string[],
  find: Find,
  schema: LabelSchema,
): Judged[] {
  const own = place.sides[right] ?? [];
  const codes = new Set(place.codes);
  const verdict = (id: string): Word => {
    if (own.length === 0) return "extra";
    const label = find(id);
    const alike = own
      .flatMap((other) => find(other) ?? [])
      .filter((other) => sameWords(label, other, codes));
    if (alike.length === 0) return "wrong_class";
    return alike.some((other) => sameTimes(label, other, schema)) ? "ok" : "wrong_time";
  };
  return lanes.flatMap((set): Judged[] => {
    const labels = place.sides[set] ?? [];
    if (set === right) return labels.map((labelId) => ({ set, labelId, verdict: "ok" }));
    if (labels.length === 0) return own.map((labelId) => ({ set, labelId, verdict: "missing" }));
    return labels.map((labelId) => ({ set, labelId, verdict: verdict(labelId) }));
  });
}

/** Whether both say the same, as far as the place is about what they say. */
function sameWords(a: Label | undefined, b: Label, codes: ReadonlySet<string>): boolean {
  if (!a || a.label_class !== b.label_class || a.effector !== b.effector) return false;
  if (codes.has("segment_text") && a.text !== b.text) return false;
  if (!ATTRIBUTES.some((code) => codes.has(code))) return true;
  const keys = [...new Set([...Object.keys(a.attributes), ...Object.keys(b.attributes)])];
  return keys.every((key) => a.attributes[key] === b.attributes[key]);
}

function sameTimes(a: Label | undefined, b: Label, schema: LabelSchema): boolean {
  const tolerance = classOf(schema, b.label_class)?.tolerance_ns ?? 0;
  const near = (one: Ns | null, other: Ns | null) =>
    one === null || other === null ? one === other : Math.abs(one - other) <= tolerance;
  return a !== undefined && near(a.start_ns, b.start_ns) && near(a.end_ns, b.end_ns);
}

export interface Draft {
  readonly timeline: Timeline;
  /** By label of the draft: the lanes' labels that it came from. */
  readonly sources: Readonly<Record<string, readonly string[]>>;
}

/** The labels of a draft that came from those at a place, or are them. */
export function cameFrom({ timeline, sources }: Draft, ids: readonly string[]): Label[] {
  const wanted = new Set(ids);
  return timeline.labels.filter(
    ({ id }) => wanted.has(id) || (sources[id] ?? []).some((source) => wanted.has(source)),
  );
}

/**
 * What makes a draft say at a place what `right` says there. Its labels come in under their own
 * ids; what the draft had of that place goes. Neighbours on the same track follow their edges.
 */
export function taken(
  draft: Draft,
  place: Disagreement,
  right: string,
  find: Find,
  schema: LabelSchema,
): Diff {
  const own = (place.sides[right] ?? []).flatMap((id) => find(id) ?? []);
  const put = own.map((label): Label => ({ ...label, source: "human" }));
  const coming = new Set(put.map(({ id }) => id));
  const going = [...cameFrom(draft, place.label_ids), ...otherOutcomes(draft.timeline, put)];
  const gone = going.filter(({ id }) => !coming.has(id));
  const leaving = new Set(gone.map(({ id }) => id));
  const moved = neighbours(draft.timeline, going, put, schema);
  return {
    put: [
      ...put,
      ...moved.filter(({ id, start_ns, end_ns }) => end_ns > start_ns && !leaving.has(id)),
    ],
    remove: [
      ...leaving,
      ...moved.filter(({ start_ns, end_ns }) => end_ns <= start_ns).map(({ id }) => id),
    ],
  };
}

/** An episode has one outcome. */
function otherOutcomes(timeline: Timeline, put: readonly Label[]): Label[] {
  if (!put.some(({ kind }) => kind === "outcome")) return [];
  return timeline.labels.filter(({ kind }) => kind === "outcome");
}

/** Labels beside those that come in: no overlap, and no gap where there was none. Empty: covered. */
function neighbours(
  timeline: Timeline,
  going: readonly Label[],
  put: readonly Label[],
  schema: LabelSchema,
): RangeLabel[] {
  const changing = new Set([...going, ...put].map(({ id }) => id));
  const moved = new Map<string, RangeLabel>();
  for (const label of put) {
    if (!isRange(label) || !classOf(schema, label.label_class)?.exclusive) continue;
    const before = going.filter(isRange);
    for (const other of timeline.track(label.label_class, label.effector)) {
      if (changing.has(other.id)) continue;
      const now = beside(moved.get(other.id) ?? other, label, before);
      if (now.start_ns !== other.start_ns || now.end_ns !== other.end_ns) moved.set(other.id, now);
    }
  }
  return [...moved.values()];
}

function beside(other: RangeLabel, label: RangeLabel, before: readonly RangeLabel[]): RangeLabel {
  let { start_ns: start, end_ns: end } = other;
  const metStart = before.some((each) => each.start_ns === end);
  const metEnd = before.some((each) => each.end_ns === start);
  if (start < label.start_ns && (end > label.start_ns || metStart)) end = label.start_ns;
  else if (end > label.end_ns && (start < label.end_ns || metEnd)) start = label.end_ns;
  else if (start < label.end_ns && end > label.start_ns) end = start;
  return { ...other, start_ns: start, end_ns: end };
}

/** Whether anything is said of the labels at a place. */
export function isJudged(place: Disagreement, marks: readonly Mark[]): boolean {
  const ids = new Set(place.label_ids);
  return marks.some(({ label_id: id, verdict }) => verdict !== "withdrawn" && id && ids.has(id));
}

/** A label that is missing is the other lane's: the same label is told apart by what is said. */
export const keyOf = (mark: Pick<Mark, "set" | "label_id" | "at_ns">): string =>
  `${mark.set} ${mark.label_id ?? mark.at_ns}`;
