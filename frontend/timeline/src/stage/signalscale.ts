import type { SignalGroup, SignalLine } from "./signallanes";
import type { LaneSource } from "./signals";

export type SourceOf = (line: SignalLine) => LaneSource | null;

export interface Scale {
  readonly low: number;
  readonly high: number;
}

/** The scales of a lane, one a unit: quantities in two units lie over each other, each in its own. */
export class LaneScale {
  constructor(private readonly byUnit: ReadonlyMap<string, Scale>) {}

  of(line: SignalLine): Scale {
    return this.byUnit.get(unitOf(line)) ?? { low: 0, high: 1 };
  }

  /** The scale of all lines; null where there are several. */
  get single(): Scale | null {
    return this.byUnit.size === 1 ? [...this.byUnit.values()][0]! : null;
  }
}

// Sound comes as 16-bit samples.
export const FULL_SCALE = 32_768;

/** Numbers without a unit are only alike within one signal. */
const unitOf = (line: SignalLine) => line.unit || `of ${line.signal.name}`;

function widened({ low, high }: Scale, waveform: boolean): Scale {
  if (waveform) {
    // As high as its loudest sample goes: contacts are faint beside full scale.
    const most = Math.max(-low, high) || FULL_SCALE;
    return { low: -most, high: most };
  }
  const room = high > low ? 0 : Math.max(1e-6, Math.abs(high) * 0.1);
  return { low: low - room, high: high + room };
}

/** The least and greatest value of a lane's lines over the episode; null before any is known. */
export function scaleOf(group: SignalGroup, sourceOf: SourceOf): LaneScale | null {
  const found = new Map<string, Scale>();
  for (const line of group.lines) {
    const extent = sourceOf(line)?.extent(line.dimension);
    if (!extent || !(extent[0] <= extent[1])) continue;
    const unit = unitOf(line);
    const known = found.get(unit) ?? { low: Infinity, high: -Infinity };
    found.set(unit, {
      low: Math.min(known.low, extent[0]),
      high: Math.max(known.high, extent[1]),
    });
  }
  if (found.size === 0) return null;
  for (const [unit, scale] of found) found.set(unit, widened(scale, group.look === "waveform"));
  return new LaneScale(found);
}

const SIGNS: Readonly<Record<string, string>> = {
  "1": "",
  deg: "°",
  "deg/s": "°/s",
  Nm: "N·m",
  "m/s2": "m/s²",
  "m/s^2": "m/s²",
  "rad/s2": "rad/s²",
  percent: "%",
};

export const unitText = (unit: string): string => SIGNS[unit] ?? unit;

/** As many decimals as tell two hundredths of the lane apart; three digits where that is unknown. */
export function decimalsFor(scale: Scale | null, value: number): number {
  const span = scale ? scale.high - scale.low : Math.abs(value);
  if (!(span > 0)) return 2;
  return Math.min(5, Math.max(0, Math.ceil(-Math.log10(span / 100))));
}

/** A value in its unit, "0.42 rad"; a dash where there is none. */
export function valueText(value: number, unit: string, scale: Scale | null): string {
  if (Number.isNaN(value)) return "–";
  const text = value.toFixed(decimalsFor(scale, value)).replace(/^-(0(?:\.0*)?)$/, "$1");
  const sign = unitText(unit);
  return sign === "" ? text : sign === "°" || sign === "%" ? `${text}${sign}` : `${text} ${sign}`;
}
