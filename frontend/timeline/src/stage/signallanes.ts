import type { SignalDimension, SignalInfo } from "../net/payload";
import { speedSpecs } from "./speed";

/** What a line can tell of: where a gripper stops, where a force steps, where a speed is least. */
export type LineTells = "gripper" | "force" | "speed" | null;

export interface SignalLine {
  /** The same in every episode of an embodiment: a person's choice of lanes is kept by it. */
  readonly key: string;
  readonly tells: LineTells;
  /** Whether larger values open a gripper; null where nobody has said so. */
  readonly opens: boolean | null;
  readonly signal: SignalInfo;
  readonly dimension: number;
  readonly name: string;
  readonly unit: string;
  /** Commands are drawn thinner and dashed over what was measured. */
  readonly command: boolean;
  /** Lines of one joint share a colour. */
  readonly colour: number;
}

/** One row of a lane's legend: a line's short name, and where its value is read. */
export interface LegendRow {
  readonly name: string;
  readonly line: SignalLine;
}

/** A waveform is sound around 0; a spectrogram shows the sound that its lines belong to. */
export type LaneLook = "lines" | "waveform" | "spectrogram";

/** The lines of one quantity in one unit: they can share a scale. */
export interface SignalGroup {
  /** Also the key under which the person's choice to open or fold it is kept. */
  readonly id: string;
  readonly name: string;
  readonly lines: readonly SignalLine[];
  readonly legend: readonly LegendRow[];
  /** Folded until asked for: much to look at, and little to label by. */
  readonly folded: boolean;
  readonly look: LaneLook;
  /** Put together by the person who looks at it. */
  readonly own?: boolean;
}

/** A lane that a person has put together: its name and the keys of its lines. */
export interface OwnLane {
  readonly id: string;
  readonly name: string;
  readonly keys: readonly string[];
}

const POSITIONS = new Set(["state", "action", "gripper"]);
// What contacts are told by comes first; what only a simulation knows comes last.
const ORDER = [
  /gripper/,
  /force/,
  /torque|effort/,
  /audio|sound|microphone/,
  /hand|finger/,
  /speed|velocity/,
  /^ee|eef|pose/,
  /joint|arm|state/,
];
const LAST = ORDER.length + 1;
const ROWS_OPEN = 6;
const ROWS_OPEN_BACK = 3;
const BACK = 7;

/** What the embodiment calls a quantity, as a lane's name; where groups by hand do not say more. */
const QUANTITIES: Readonly<Record<string, string>> = {
  gripper_aperture: "gripper",
  joint_position: "joints",
  joint_velocity: "joint velocity",
  joint_torque: "joint torque",
  position: "ee position",
  rotation: "ee rotation",
  rotation_matrix: "ee rotation",
  force: "force",
  torque: "torque",
  linear_velocity: "velocity",
  angular_velocity: "turning",
};

const isSound = (signal: SignalInfo) => signal.kind === "audio";
const isEnvironment = (signal: SignalInfo) => signal.name.includes("environment");
const plain = (name: string) => name.replace(/^observation\./, "").replaceAll(/[_.]/g, " ");

/** Which quantity a dimension is: positions by their group, everything else by its signal. */
function quantityOf(signal: SignalInfo, dimension: SignalDimension): string {
  if (isEnvironment(signal)) return "environment";
  if (isSound(signal)) return `audio ${plain(signal.name)}`;
  if (signal.kind === "speed") return "ee speed";
  if (POSITIONS.has(signal.kind)) {
    if (dimension.group) return dimension.group.replaceAll("_", " ");
    const quantity = QUANTITIES[dimension.quantity ?? ""];
    if (quantity) return quantity;
    return signal.dimensions.some(({ name }) => name.endsWith(".pos")) ? "joints" : "state";
  }
  const force = signal.kind === "force" && !/torque|effort|wrench|tactile/.test(signal.name);
  const name = force ? "force" : plain(signal.name);
  const groups = new Set(signal.dimensions.map(({ group }) => group));
  return groups.size > 1 && dimension.group ? `${name} ${dimension.group}` : name;
}

function rankOf(name: string): number {
  if (name === "environment") return LAST;
  const found = ORDER.findIndex((pattern) => pattern.test(name.toLowerCase()));
  return found < 0 ? ORDER.length : found;
}

const isBoundary = (before: string | undefined, after: string | undefined) =>
  /[_. ]/.test(before ?? "") || /[_. ]/.test(after ?? "") || /[A-Z]/.test(after ?? "");

/** What tells the names apart: "kLeftHandRing" among its like is "Ring". */
export function shortNames(names: readonly string[]): string[] {
  const [first = "", ...others] = names;
  if (others.length === 0) return names.map(plain);
  const alike = (from: (name: string, i: number) => string | undefined) => {
    let i = 0;
    while (i < first.length && others.every((name) => from(name, i) === from(first, i))) i += 1;
    return i;
  };
  let start = alike((name, i) => name[i]);
  while (start > 0 && !isBoundary(first[start - 1], first[start])) start -= 1;
  let end = alike((name, i) => name[name.length - 1 - i]);
  while (end > 0 && !/[_. ]/.test(first[first.length - end] ?? "")) end -= 1;
  return names.map((name) => plain(name.slice(start, name.length - end)).trim() || plain(name));
}

function legendOf(lines: readonly SignalLine[]): LegendRow[] {
  const rows = new Map<number, SignalLine>();
  for (const line of lines) {
    const known = rows.get(line.colour);
    if (!known || (known.command && !line.command)) rows.set(line.colour, line);
  }
  const chosen = [...rows.values()];
  const names = shortNames(chosen.map((line) => line.name));
  return chosen.map((line, i) => ({ name: names[i]!, line }));
}

function tellsOf(signal: SignalInfo, dimension: SignalDimension): LineTells {
  if (signal.kind === "speed") return "speed";
  const { quantity, group, name } = dimension;
  if (quantity === "gripper_aperture") return "gripper";
  if (quantity === "force") return "force";
  if (signal.kind === "force") return /effort/.test(signal.name) ? null : "force";
  const named = /gripper|aperture/.test(`${name} ${group}`.toLowerCase());
  return POSITIONS.has(signal.kind) && !quantity && !isEnvironment(signal) && named
    ? "gripper"
    : null;
}

function opensOf({ positive }: SignalDimension): boolean | null {
  if (/open/.test(positive ?? "")) return true;
  return /clos/.test(positive ?? "") ? false : null;
}

/** A line for every dimension; a second dimension of one name is told by its place. */
function linesOf(signal: SignalInfo): SignalLine[] {
  const seen = new Set<string>();
  return signal.dimensions.map((dimension, index) => {
    const plainKey = `${signal.name}/${dimension.name}`;
    const key = seen.has(plainKey) ? `${plainKey}/${index}` : plainKey;
    seen.add(plainKey);
    return {
      key,
      tells: tellsOf(signal, dimension),
      opens: opensOf(dimension),
      signal,
      dimension: index,
      name: dimension.name,
      unit: dimension.unit,
      command: signal.kind === "action",
      colour: 0,
    };
  });
}

/** Every line of an episode, those of speeds that are made of positions included. */
export function allLines(signals: readonly SignalInfo[]): SignalLine[] {
  return withSpeeds(signals).flatMap(linesOf);
}

function withSpeeds(signals: readonly SignalInfo[]): SignalInfo[] {
  return [...signals, ...speedSpecs(signals).map(({ info }) => info)];
}

/** A person's own lane of those lines that this episode has; null when it has none of them. */
export function ownGroup(own: OwnLane, lines: readonly SignalLine[]): SignalGroup | null {
  const chosen = own.keys.flatMap((key) => lines.find((line) => line.key === key) ?? []);
  if (chosen.length === 0) return null;
  const coloured = chosen.map((line, colour) => ({ ...line, colour }));
  const legend = legendOf(coloured);
  return {
    id: own.id,
    name: own.name,
    lines: coloured,
    legend,
    folded: false,
    look: "lines",
    own: true,
  };
}

/** Signals by quantity and unit; what is measured and what is commanded lie over each other. */
export function signalGroups(signals: readonly SignalInfo[]): SignalGroup[] {
  const found = new Map<string, { name: string; unit: string; lines: SignalLine[] }>();
  for (const signal of withSpeeds(signals)) {
    const made = linesOf(signal);
    signal.dimensions.forEach((dimension, index) => {
      const quantity = quantityOf(signal, dimension);
      const key = `${quantity}|${dimension.unit}`;
      const group = found.get(key) ?? { name: quantity, unit: dimension.unit, lines: [] };
      found.set(key, group);
      const { lines } = group;
      const same = lines.find((line) => line.name === dimension.name);
      const colour = same?.colour ?? new Set(lines.map((line) => line.name)).size;
      lines.push({ ...made[index]!, colour });
    });
  }
  const all = [...found];
  const sounds = signals.filter(isSound);
  return all
    .map(([id, { name, unit, lines }]) => {
      const mixed = all.some(([other, group]) => other !== id && group.name === name);
      const legend = legendOf(lines);
      const rank = rankOf(name);
      const most = rank >= BACK ? ROWS_OPEN_BACK : ROWS_OPEN;
      // The only lane has the room for itself.
      const folded = all.length > 1 && (rank === LAST || legend.length > most);
      const group = { id, name: mixed && unit ? `${name} (${unit})` : name, lines, legend, folded };
      return { ...group, look: "lines" as const, rank };
    })
    .sort((a, b) => a.rank - b.rank)
    .flatMap(({ rank, ...group }) => {
      const { signal } = group.lines[0]!;
      return isSound(signal) ? soundLanes(group, signal, sounds.length === 1) : [group];
    });
}

/** A sound's waveform, and below it its spectrogram where one is made. */
function soundLanes(group: SignalGroup, signal: SignalInfo, alone: boolean): SignalGroup[] {
  const name = alone ? "audio" : plain(signal.name);
  const waveform: SignalGroup = { ...group, name, look: "waveform" };
  if (!signal.spectrogram_url) return [waveform];
  return [
    waveform,
    {
      ...group,
      id: `${group.id}|spectrogram`,
      name: alone ? "spectrogram" : `${name} spectrogram`,
      legend: [],
      folded: true,
      look: "spectrogram",
    },
  ];
}
