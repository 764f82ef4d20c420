import { NS_PER_MS, NS_PER_SECOND, type Ns } from "../model/time";
import type { SignalDimension, SignalInfo } from "../net/payload";
import { type LaneSource, type Piece, type SignalSource, Tile } from "./signals";

/** A speed that is made of three positions of one signal. */
export interface SpeedSpec {
  /** The signal that a lane of it shows; nobody has recorded it. */
  readonly info: SignalInfo;
  readonly base: SignalInfo;
  /** The columns of x, y and z. */
  readonly columns: readonly [number, number, number];
}

const MEASURED = new Set(["state", "ee", "hand_pose", "gripper"]);
const AXES = ["x", "y", "z"] as const;
// Differences over less are mostly the rounding of the positions.
const AROUND_NS = 20 * NS_PER_MS;

/** "ee_x" is the x of "ee"; null for what is no axis. */
function axisOf(name: string): { of: string; axis: (typeof AXES)[number] } | null {
  const match = /^(?:(.*?)[_. [(-]*)([xyz])[\])]?$/i.exec(name);
  if (!match) return null;
  const boundary = match[1] === "" || /[_. [(-]/.test(name.slice(match[1]!.length, -1) || "");
  if (!boundary) return null;
  return { of: match[1]!, axis: match[2]!.toLowerCase() as (typeof AXES)[number] };
}

/**
 * A position where the embodiment says so, or else in a signal that is about the end effector. An
 * action's are steps as often as places: no speed is made of them.
 */
function isPosition(signal: SignalInfo, dimension: SignalDimension): boolean {
  if (!MEASURED.has(signal.kind) || signal.name.includes("environment")) return false;
  if (dimension.quantity) return dimension.quantity === "position";
  return signal.kind === "ee" && !/vel|speed|rot|euler|quat|rpy/.test(signal.name);
}

export function speedSpecs(signals: readonly SignalInfo[]): SpeedSpec[] {
  return signals.flatMap((signal) => {
    const found = new Map<string, Map<string, number>>();
    signal.dimensions.forEach((dimension, column) => {
      const axis = isPosition(signal, dimension) ? axisOf(dimension.name) : null;
      if (!axis) return;
      const axes = found.get(axis.of) ?? new Map<string, number>();
      axes.set(axis.axis, column);
      found.set(axis.of, axes);
    });
    return [...found].flatMap(([of, axes]): SpeedSpec[] => {
      if (axes.size !== AXES.length) return [];
      const [x, y, z] = AXES.map((axis) => axes.get(axis)!) as [number, number, number];
      return [{ base: signal, columns: [x, y, z], info: speedInfo(signal, of, x) }];
    });
  });
}

function speedInfo(signal: SignalInfo, of: string, column: number): SignalInfo {
  const { unit, group } = signal.dimensions[column]!;
  const name = of || "speed";
  return {
    ...signal,
    id: `${signal.id}|speed|${of}`,
    name: "speed",
    kind: "speed",
    dimensions: [{ name, unit: unit ? `${unit}/s` : "/s", group }],
    spectrogram_url: null,
  };
}

/** The distance over 20 ms on either side, a second. */
function exactSpeed(tile: Tile, columns: readonly number[]): Float32Array {
  const { times } = tile;
  const n = times.length;
  const speed = new Float32Array(n).fill(Number.NaN);
  let before = 0;
  let after = 0;
  for (let i = 0; i < n; i += 1) {
    while (before < i && times[before]! < times[i]! - AROUND_NS) before += 1;
    while (after < n - 1 && times[after + 1]! <= times[i]! + AROUND_NS) after += 1;
    const a = Math.max(0, Math.min(before, i - 1));
    const b = Math.min(n - 1, Math.max(after, i + 1));
    const seconds = (times[b]! - times[a]!) / NS_PER_SECOND;
    if (seconds <= 0) continue;
    const parts = columns.map((column) => tile.lows[column]![b]! - tile.lows[column]![a]!);
    speed[i] = Math.hypot(...parts) / seconds;
  }
  return speed;
}

/**
 * Of a row that stands for many samples: the diagonal of where they lay, a second. That is the
 * mean speed of a row that goes one way, and less than it for one that goes to and fro.
 */
function roughSpeed(tile: Tile, columns: readonly number[]): Float32Array {
  const { times } = tile;
  const n = times.length;
  const speed = new Float32Array(n).fill(Number.NaN);
  for (let i = 0; i < n; i += 1) {
    const [a, b] = i + 1 < n ? [i, i + 1] : [i - 1, i];
    const seconds = (times[b]! - times[Math.max(0, a)]!) / NS_PER_SECOND;
    const parts = columns.map((column) => tile.highs[column]![i]! - tile.lows[column]![i]!);
    if (seconds > 0) speed[i] = Math.hypot(...parts) / seconds;
  }
  return speed;
}

/** The tiles of a speed, made of those of the positions as they come: nothing more is fetched. */
export class SpeedSource implements LaneSource {
  private readonly made = new WeakMap<Tile, Tile>();
  private high = 0;

  constructor(
    private readonly base: SignalSource,
    private readonly columns: readonly number[],
    /** Something faster has been seen than all before. */
    private readonly grown: () => void,
  ) {}

  get layout() {
    return this.base.layout;
  }

  extent(): [number, number] | null {
    const tile = this.base.coarsest();
    if (!tile) return null;
    this.of(tile);
    return [0, this.high];
  }

  valueAt(_dimension: number, t: Ns): number {
    const tile = this.base.exactTile(t);
    return tile ? this.of(tile).latest(0, t) : Number.NaN;
  }

  peakAt(_dimension: number, t: Ns): number {
    return this.valueAt(0, t);
  }

  pieces(fromNs: Ns, toNs: Ns, width: number): Piece[] {
    return this.base
      .pieces(fromNs, toNs, width)
      .map((piece) => ({ ...piece, tile: this.of(piece.tile) }));
  }

  exactTileOf(number: number): Tile | null {
    const tile = this.base.exactTileOf(number);
    return tile && this.of(tile);
  }

  wantExact(number: number): void {
    this.base.wantExact(number);
  }

  private of(tile: Tile): Tile {
    const known = this.made.get(tile);
    if (known) return known;
    const values =
      tile.level === 0 ? exactSpeed(tile, this.columns) : roughSpeed(tile, this.columns);
    const made = new Tile(tile.level, tile.times, [values], [values]);
    this.made.set(tile, made);
    const [, high] = made.between(0, 0, values.length);
    if (high > this.high * 1.02) {
      this.high = high;
      this.grown();
    }
    return made;
  }
}
