import type { Label } from "../model/label";
import { classesOfKind, effectorName, type LabelClass, type LabelSchema } from "../model/schema";
import type { SignalInfo, StreamInfo } from "../net/payload";
import type { Track } from "./host";

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

export interface SignalLine {
  readonly signal: SignalInfo;
  readonly dimension: number;
  readonly name: string;
  readonly unit: string;
  /** Commands are drawn thinner and dashed over what was measured. */
  readonly command: boolean;
  /** Lines of one joint share a colour. */
  readonly colour: number;
}

export interface SignalLane extends Place {
  readonly kind: "signal";
  readonly lines: readonly SignalLine[];
}

export type Lane = LabelLane | FilmLane | SignalLane;

const HEIGHT = { instants: 26, segments: 28, span: 22, film: 40, signal: 44 } as const;
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

type Draft = Omit<LabelLane, "top"> | Omit<FilmLane, "top"> | Omit<SignalLane, "top">;

const ofKind = (track: Track, classes: readonly LabelClass[]) =>
  track.timeline.labels.filter((label) => classes.some((known) => known.id === label.label_class));

/** One lane an effector that has labels, in the schema's order; at least one lane. */
function byEffector(labels: readonly Label[], schema: LabelSchema): [string, Label[]][] {
  const order = ["", ...schema.effectors.map((effector) => effector.id)];
  const used = [...new Set(labels.map((label) => label.effector))].sort(
    (a, b) => order.indexOf(a) - order.indexOf(b),
  );
  if (used.length === 0) return [["", []]];
  return used.map((effector) => [effector, labels.filter((label) => label.effector === effector)]);
}

function instantLanes(track: Track, schema: LabelSchema, suffix: string): Draft[] {
  const labels = ofKind(track, classesOfKind(schema, "instant"));
  return byEffector(labels, schema).map(([effector, own], _, all) => ({
    kind: "instants",
    setId: track.setId,
    name: `contacts${all.length > 1 && effector ? ` ${effectorName(schema, effector).toLowerCase()}` : ""}${suffix}`,
    height: HEIGHT.instants,
    labels: own,
    rows: new Map(),
  }));
}

function segmentLanes(track: Track, schema: LabelSchema, suffix: string): Draft[] {
  return classesOfKind(schema, "segment").flatMap((known) =>
    byEffector(ofKind(track, [known]), schema).map(
      ([effector, own]): Draft => ({
        kind: "segments",
        setId: track.setId,
        name: `${known.name.toLowerCase()}${effector ? ` ${effectorName(schema, effector).toLowerCase()}` : ""}${suffix}`,
        height: HEIGHT.segments,
        labels: own,
        rows: new Map(),
      }),
    ),
  );
}

function spanLanes(track: Track, schema: LabelSchema, suffix: string): Draft[] {
  const classes = classesOfKind(schema, "span");
  if (classes.length === 0) return [];
  const labels = ofKind(track, classes);
  const rows = packRows(labels);
  const count = Math.max(1, ...[...rows.values()].map((row) => row + 1));
  const height = count * HEIGHT.span + 4;
  return [
    {
      kind: "spans",
      setId: track.setId,
      name: `${classes[0]!.name.toLowerCase()}${suffix}`,
      height,
      labels,
      rows,
    },
  ];
}

/** The same kind of lane of several sets lies together: differences are seen one above the other. */
function labelLanes(tracks: readonly Track[], schema: LabelSchema): Draft[] {
  const several = tracks.length > 1;
  return [instantLanes, segmentLanes, spanLanes].flatMap((lanes) =>
    tracks.flatMap((track) => lanes(track, schema, several ? ` · ${track.name}` : "")),
  );
}

const GROUP_ORDER = ["gripper", "ee_speed", "speed", "force", "torque"];

/** Signals by group; what is measured and what is commanded lie over each other. */
export function signalLanes(signals: readonly SignalInfo[]): Omit<SignalLane, "top">[] {
  const groups = new Map<string, SignalLine[]>();
  for (const signal of signals) {
    signal.dimensions.forEach((dimension, index) => {
      const group = dimension.group || signal.name;
      const lines = groups.get(group) ?? [];
      groups.set(group, lines);
      const same = lines.find((line) => line.name === dimension.name);
      const colour = same?.colour ?? new Set(lines.map((line) => line.name)).size;
      const { name, unit } = dimension;
      const command = signal.kind === "action";
      lines.push({ signal, dimension: index, name, unit, command, colour });
    });
  }
  const rank = (name: string) => (GROUP_ORDER.indexOf(name) + 1 || GROUP_ORDER.length + 1) - 1;
  return [...groups]
    .sort(([a], [b]) => rank(a) - rank(b))
    .map(([name, lines]) => ({
      kind: "signal",
      name: name.replaceAll("_", " "),
      height: HEIGHT.signal,
      lines,
    }));
}

export function layOut(
  tracks: readonly Track[],
  schema: LabelSchema,
  signals: readonly SignalInfo[],
  film: StreamInfo | null,
): { lanes: Lane[]; height: number } {
  const drafts: Draft[] = [
    ...(film?.sprite
      ? [{ kind: "film" as const, name: film.camera, height: HEIGHT.film, stream: film }]
      : []),
    ...labelLanes(tracks, schema),
    ...signalLanes(signals),
  ];
  let top = 0;
  const lanes = drafts.map((draft) => {
    const lane = { ...draft, top } as Lane;
    top += draft.height + GAP;
    return lane;
  });
  return { lanes, height: top };
}
