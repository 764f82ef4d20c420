import type { Ns } from "../model/time";
import type { SignalInfo } from "../net/payload";
import { CandidateFinder } from "./candidatefinder";
import { LaneChoice, type Shelf } from "./lanechoice";
import { allLines, type SignalGroup, type SignalLine, signalGroups } from "./signallanes";
import type { LaneSource, SignalSource, Tile } from "./signals";
import { type LaneScale, scaleOf, valueText } from "./signalscale";
import { SpeedSource, type SpeedSpec, speedSpecs } from "./speed";

export interface StoreOptions {
  readonly signals: readonly SignalInfo[];
  /** Under which a person's choice of lanes is kept. */
  readonly key: string;
  readonly shelf: Shelf;
  readonly later: (run: () => void) => void;
  /** Something new is to be drawn. */
  readonly changed: () => void;
}

/** What one dimension says at an instant: what was measured, and what was commanded. */
export interface Reading {
  readonly name: string;
  readonly measured: string | null;
  readonly commanded: string | null;
}

export interface ReadingGroup {
  readonly id: string;
  readonly name: string;
  readonly rows: readonly Reading[];
}

/** The signals of an episode: their samples as they come, their lanes, and what they tell of. */
export class SignalStore {
  readonly choice: LaneChoice;
  readonly finder: CandidateFinder;
  /** How many tiles have come: what was drawn without some of them is drawn anew with the next. */
  version = 0;
  private readonly recorded = new Map<string, SignalSource>();
  private readonly sources = new Map<string, LaneSource>();
  private readonly missing = new Set<string>();
  private readonly scales = new Map<string, LaneScale | string>();
  private readonly speeds: readonly SpeedSpec[];

  constructor(private readonly options: StoreOptions) {
    const { signals, key, shelf, later, changed } = options;
    this.speeds = speedSpecs(signals);
    const lines = allLines(signals);
    this.choice = new LaneChoice(signalGroups(signals), lines, key, shelf);
    this.finder = new CandidateFinder({ lines, sourceOf: this.sourceOf, later, changed });
  }

  readonly sourceOf = (line: SignalLine): LaneSource | null =>
    this.sources.get(line.signal.id) ?? null;

  setSource(signalId: string, source: SignalSource): void {
    this.recorded.set(signalId, source);
    this.sources.set(signalId, source);
    for (const { base, columns, info } of this.speeds) {
      if (base.id !== signalId) continue;
      this.sources.set(info.id, new SpeedSource(source, columns, () => this.rescale()));
    }
  }

  addTile(signalId: string, number: number, tile: Tile): void {
    const source = this.recorded.get(signalId);
    source?.add(number, tile);
    this.version += 1;
    if (tile.level === source?.top) this.scales.clear();
    if (tile.level === 0) {
      this.finder.arrived(signalId, number);
      for (const { base, info } of this.speeds) {
        if (base.id === signalId) this.finder.arrived(info.id, number);
      }
    }
    this.options.changed();
  }

  fail(signalId: string): void {
    this.missing.add(signalId);
    for (const { base, info } of this.speeds) if (base.id === signalId) this.missing.add(info.id);
    this.rescale();
  }

  /** Lanes were put together anew. */
  rearranged(): void {
    this.finder.forget();
    this.rescale();
  }

  /** The lane's scale, or in a word why there is none. */
  scale(group: SignalGroup): LaneScale | string {
    const known = this.scales.get(group.id);
    if (known !== undefined) return known;
    const waits = group.lines.some((line) => !this.sourceOf(line)?.extent(line.dimension));
    const lost = group.lines.every(({ signal }) => this.missing.has(signal.id));
    const why = lost ? "not available" : waits ? "loading…" : "no values";
    const scale = scaleOf(group, this.sourceOf) ?? why;
    this.scales.set(group.id, scale);
    return scale;
  }

  /** All of an episode's values at t, by name and in their units, grouped as the lanes are. */
  readings(t: Ns): ReadingGroup[] {
    return this.choice.given
      .filter((group) => group.look === "lines")
      .map((group) => ({ id: group.id, name: group.name, rows: this.rowsOf(group, t) }));
  }

  private rowsOf(group: SignalGroup, t: Ns): Reading[] {
    const scale = this.scale(group);
    return group.legend.map(({ name, line: { colour } }) => {
      const own = group.lines.filter((line) => line.colour === colour);
      const text = (line: SignalLine | undefined) => {
        if (!line) return null;
        const value = this.sourceOf(line)?.valueAt(line.dimension, t) ?? Number.NaN;
        return valueText(value, line.unit, typeof scale === "string" ? null : scale.of(line));
      };
      return {
        name,
        measured: text(own.find((line) => !line.command)),
        commanded: text(own.find((line) => line.command)),
      };
    });
  }

  private rescale(): void {
    this.scales.clear();
    this.options.changed();
  }
}
