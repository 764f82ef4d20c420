import type { Label } from "../model/label";
import { classesOfKind, effectorName, type LabelClass, type LabelSchema } from "../model/schema";
import type { Timeline } from "../model/timeline";
import type { StreamInfo } from "../net/payload";
import { say } from "../words";
import type { Track } from "./host";
import type { SignalGroup } from "./signallanes";

interface Place {
  readonly top: number;
  readonly height: number;
  readonly name: string;
}

export interface LabelLane extends Place {
  readonly kind: "instants" | "segments" | "spans";
  readonly setId: string;
  readonly labels: readonly Label[];
  /** The row of each label, for spans that overlap; 0 elsewhere. */
  readonly rows: ReadonlyMap<string, number>;
}

export interface FilmLane extends Place {
  readonly kind: "film";
  readonly stream: StreamInfo;
}

export interface SignalLane extends Place {
  readonly kind: "signal";
  readonly group: SignalGroup;
  readonly open: boolean;
}

/** The heading over lanes of one kind that several sets have. */
export interface CaptionLane extends Place {
  readonly kind: "caption";
}

export type Lane = LabelLane | FilmLane | SignalLane | CaptionLane;

const HEIGHT = { instants: 26, segments: 28, span: 22, film: 40, caption: 18 } as const;
export const FOLDED_PX = 22;
const OPEN_PX = 46;
// A row of pixels a band.
const SPECTROGRAM_PX = 128;
export const LEGEND_TOP_PX = 19;
export const LEGEND_ROW_PX = 13;
const GAP = 1;

/** Rows for ranges that overlap: each goes to the first row that is free. */
export function packRows(labels: readonly Label[]): Map<string, number> {
  const ends: number[] = [];
  const rows = new Map<string, number>();
  for (const label of labels) {
    const start = label.start_ns ?? 0;
    const free = ends.findIndex((end) => end <= start);
    const row = free >= 0 ? free : ends.length;
    ends[row] = label.end_ns ?? start;
    rows.set(label.id, row);
  }
  return rows;
}

type Draft =
  | Omit<LabelLane, "top">
  | Omit<FilmLane, "top">
  | Omit<SignalLane, "top">
  | Omit<CaptionLane, "top">;

function ofKind(track: Track, classes: readonly LabelClass[]): Label[] {
  const ids = new Set(classes.map((known) => known.id));
  return track.timeline.labels.filter((label) => ids.has(label.label_class));
}

/** One lane an effector that has labels, in the schema's order; at least one lane. */
function byEffector(labels: readonly Label[], schema: LabelSchema): [string, Label[]][] {
  const order = ["", ...schema.effectors.map((effector) => effector.id)];
  const used = [...new Set(labels.map((label) => label.effector))].sort(
    (a, b) => order.indexOf(a) - order.indexOf(b),
  );
  if (used.length === 0) return [["", []]];
  return used.map((effector) => [effector, labels.filter((label) => label.effector === effector)]);
}

/** Instants need lanes of their own only where two effectors have some. */
function byHand(labels: readonly Label[], schema: LabelSchema): [string, Label[]][] {
  const hands = new Set(labels.map((label) => label.effector).filter(Boolean));
  return hands.size > 1 ? byEffector(labels, schema) : [["", [...labels]]];
}

const withEffector = (name: string, effector: string, schema: LabelSchema) =>
  effector ? `${name} ${effectorName(schema, effector).toLowerCase()}` : name;

/** All lanes of one kind of label; what they are called where a single set is shown. */
interface Family {
  readonly name: string;
  readonly of: (track: Track) => Omit<LabelLane, "top">[];
}

function instantFamily(schema: LabelSchema): Family {
  const classes = classesOfKind(schema, "instant");
  return {
    name: say("contacts"),
    of: (track) =>
      byHand(ofKind(track, classes), schema).map(([effector, own]) => ({
        kind: "instants",
        setId: track.setId,
        name: withEffector(say("contacts"), effector, schema),
        height: HEIGHT.instants,
        labels: own,
        rows: new Map(),
      })),
  };
}

function segmentFamily(schema: LabelSchema, known: LabelClass): Family {
  const name = known.name.toLowerCase();
  const levels = classesOfKind(schema, "segment").map((each) => each.level ?? 0);
  // What lies above the instructions shows once there is some of it.
  const always = (known.level ?? 0) === Math.min(...levels);
  const lanesOf = (labels: Label[]) =>
    labels.length > 0 || always ? byEffector(labels, schema) : [];
  return {
    name,
    of: (track) =>
      lanesOf(ofKind(track, [known])).map(([effector, own]) => ({
        kind: "segments",
        setId: track.setId,
        name: withEffector(name, effector, schema),
        height: HEIGHT.segments,
        labels: own,
        rows: new Map(),
      })),
  };
}

function spanFamily(classes: readonly LabelClass[]): Family {
  const name = classes[0]!.name.toLowerCase();
  return {
    name,
    of: (track) => {
      const labels = ofKind(track, classes);
      const rows = packRows(labels);
      const count = Math.max(1, ...[...rows.values()].map((row) => row + 1));
      const height = count * HEIGHT.span + 4;
      return [{ kind: "spans", setId: track.setId, name, height, labels, rows }];
    },
  };
}

/** A set's lanes are made again only when its labels have changed: most redraws pan or zoom. */
function remembered({ name, of }: Family): Family {
  const made = new WeakMap<Timeline, Map<string, Omit<LabelLane, "top">[]>>();
  return {
    name,
    of: (track) => {
      const bySet = made.get(track.timeline) ?? new Map<string, Omit<LabelLane, "top">[]>();
      made.set(track.timeline, bySet);
      const lanes = bySet.get(track.setId) ?? of(track);
      bySet.set(track.setId, lanes);
      return lanes;
    },
  };
}

const familiesOf = new WeakMap<LabelSchema, Family[]>();

function families(schema: LabelSchema): Family[] {
  const known = familiesOf.get(schema);
  if (known) return known;
  const spans = classesOfKind(schema, "span");
  const made = [
    instantFamily(schema),
    ...classesOfKind(schema, "segment")
      .toSorted((a, b) => (b.level ?? 0) - (a.level ?? 0))
      .map((each) => segmentFamily(schema, each)),
    ...(spans.length > 0 ? [spanFamily(spans)] : []),
  ].map(remembered);
  familiesOf.set(schema, made);
  return made;
}

/** The same kind of several sets lies together: differences are seen one above the other. */
function labelLanes(tracks: readonly Track[], schema: LabelSchema): Draft[] {
  if (tracks.length < 2) {
    return families(schema).flatMap(({ of }) => tracks.flatMap((track) => of(track)));
  }
  return families(schema).flatMap(({ name, of }): Draft[] => {
    const lanes = tracks.flatMap((track) =>
      of(track).map((lane) => ({ ...lane, name: track.name + lane.name.slice(name.length) })),
    );
    const empty = lanes.every((lane) => lane.labels.length === 0);
    const caption: Draft = {
      kind: "caption",
      name: empty ? `${name}: none in any set` : name,
      height: HEIGHT.caption,
    };
    return empty ? [caption] : [caption, ...lanes];
  });
}

function signalLane(group: SignalGroup, isOpen: (group: SignalGroup) => boolean): Draft {
  const open = isOpen(group);
  const least = group.look === "spectrogram" ? SPECTROGRAM_PX : OPEN_PX;
  const legend = LEGEND_TOP_PX + group.legend.length * LEGEND_ROW_PX + 4;
  const height = open ? Math.max(least, legend) : FOLDED_PX;
  return { kind: "signal", name: group.name, height, group, open };
}

export function layOut(
  tracks: readonly Track[],
  schema: LabelSchema,
  signals: readonly SignalGroup[],
  film: StreamInfo | null,
  isOpen: (group: SignalGroup) => boolean = (group) => !group.folded,
): { lanes: Lane[]; height: number } {
  const drafts: Draft[] = [
    ...(film?.sprite
      ? [{ kind: "film" as const, name: film.camera, height: HEIGHT.film, stream: film }]
      : []),
    ...labelLanes(tracks, schema),
    ...signals.map((group) => signalLane(group, isOpen)),
  ];
  let top = 0;
  const lanes = drafts.map((draft) => {
    const lane = { ...draft, top } as Lane;
    top += draft.height + GAP;
    return lane;
  });
  return { lanes, height: top };
}
