import type { Ns } from "../model/time";
import { clippedText } from "./labelart";
import { LEGEND_ROW_PX, LEGEND_TOP_PX, type SignalLane } from "./lanes";
import type { SignalGroup, SignalLine } from "./signallanes";
import type { Piece, SignalSource } from "./signals";
import type { Surface } from "./surface";
import { lineColour, type Theme } from "./theme";
import { tOf, type Viewport, xOf } from "./viewport";

export type SourceOf = (line: SignalLine) => SignalSource | null;

// Sound comes as 16-bit samples.
const FULL_SCALE = 32_768;
const LEVEL_AROUND_NS = 20_000_000;

export interface Scale {
  readonly low: number;
  readonly high: number;
}

/** The least and greatest value of all lines of a lane over the episode. */
export function scaleOf(group: SignalGroup, sourceOf: SourceOf): Scale | null {
  let low = Infinity;
  let high = -Infinity;
  for (const line of group.lines) {
    const extent = sourceOf(line)?.extent(line.dimension);
    if (!extent) continue;
    const [least, most] = extent;
    low = Math.min(low, least);
    high = Math.max(high, most);
  }
  if (low > high) return null;
  if (group.look === "waveform") {
    // As high as its loudest sample goes: contacts are faint beside full scale.
    const most = Math.max(-low, high) || FULL_SCALE;
    return { low: -most, high: most };
  }
  const room = high > low ? 0 : Math.max(1e-6, Math.abs(high) * 0.1);
  return { low: low - room, high: high + room };
}

/** A line where samples are sparse; the stretch from least to greatest of each pixel where not. */
function tracePath(
  path: Path2D,
  pieces: readonly Piece[],
  dimension: number,
  view: Viewport,
  yOf: (value: number) => number,
) {
  let pen = false;
  const stretch = (x: number, low: number, high: number) => {
    // NaN, and the infinities of an empty stretch, compare so that nothing is drawn.
    if (!(low <= high)) {
      pen = false;
      return;
    }
    if (pen) path.lineTo(x, yOf(low));
    else path.moveTo(x, yOf(low));
    if (high > low) path.lineTo(x, yOf(high));
    pen = true;
  };
  pieces.forEach(({ tile, fromNs, toNs }, place) => {
    // The line comes in from the sample before the view and leaves to the one after it.
    const first = Math.max(0, tile.indexAt(fromNs) - (place === 0 ? 1 : 0));
    const last = Math.min(
      tile.times.length,
      tile.indexAt(toNs) + (place === pieces.length - 1 ? 1 : 0),
    );
    const left = Math.max(view.left, xOf(view, fromNs));
    const right = Math.min(view.left + view.width, xOf(view, toNs));
    if (last - first <= (right - left) * 2) {
      const lows = tile.lows[dimension]!;
      const highs = tile.highs[dimension]!;
      for (let i = first; i < last; i += 1) stretch(xOf(view, tile.times[i]!), lows[i]!, highs[i]!);
      return;
    }
    let from = first;
    for (let x = left; x < right; x += 1) {
      const to = Math.min(last, tile.indexAt(tOf(view, x + 1)));
      stretch(x, ...tile.between(dimension, from, Math.max(to, from + 1)));
      from = to;
    }
  });
}

/** Why there is nothing to see in a lane. */
export function drawWord(
  { context }: Surface,
  lane: SignalLane,
  offset: number,
  view: Viewport,
  theme: Theme,
  word: string,
) {
  context.fillStyle = theme.muted;
  context.font = `11px ${theme.font}`;
  context.textBaseline = "middle";
  context.fillText(word, view.left + 20, lane.top - offset + lane.height / 2);
}

export function drawSignals(
  surface: Surface,
  lane: SignalLane,
  offset: number,
  view: Viewport,
  theme: Theme,
  sourceOf: SourceOf,
  scale: Scale | string,
) {
  const { context } = surface;
  const top = lane.top - offset;
  if (typeof scale === "string") {
    drawWord(surface, lane, offset, view, theme, scale);
    return;
  }
  const room = lane.open ? 5 : 3;
  const yOf = (value: number) =>
    top +
    lane.height -
    room -
    ((value - scale.low) / (scale.high - scale.low)) * (lane.height - 2 * room);
  context.save();
  context.beginPath();
  context.rect(view.left, top, view.width, lane.height);
  context.clip();
  // Commands first: what was measured lies on top.
  for (const line of [...lane.group.lines].sort((a, b) => Number(b.command) - Number(a.command))) {
    const source = sourceOf(line);
    if (!source) continue;
    const path = new Path2D();
    const pieces = source.pieces(view.fromNs, view.toNs, view.width);
    tracePath(path, pieces, line.dimension, view, yOf);
    context.strokeStyle = lineColour(theme, line.colour);
    context.setLineDash(line.command ? [3, 3] : []);
    // Channels lie over each other and are alike for the most part.
    const channels = lane.group.look === "waveform" && lane.group.legend.length > 1;
    context.globalAlpha = line.command || channels ? 0.6 : 1;
    context.lineWidth = line.command || !lane.open ? 1 : 1.4;
    context.stroke(path);
  }
  context.restore();
}

const tidy = (value: number) =>
  Math.abs(value) >= 100
    ? value.toFixed(0)
    : Math.abs(value) >= 10
      ? value.toFixed(1)
      : value.toFixed(2);

const VALUE_PX = 46;

/** How loud it is, in decibels below full scale. */
function levelText(peak: number): string {
  if (Number.isNaN(peak)) return "–";
  return peak > 0 ? `${(20 * Math.log10(peak / FULL_SCALE)).toFixed(0)} dB` : "silent";
}

/** The values at the playhead, in the lane's head: each by its name, in its line's colour. */
export function drawValues(
  surface: Surface,
  lane: SignalLane,
  offset: number,
  view: Viewport,
  theme: Theme,
  sourceOf: SourceOf,
  t: Ns,
) {
  const { context } = surface;
  const { legend } = lane.group;
  const right = view.left - 8;
  const value = ({ line }: (typeof legend)[number]) => {
    if (lane.group.look === "waveform") {
      return levelText(sourceOf(line)?.peakAt(line.dimension, t, LEVEL_AROUND_NS) ?? Number.NaN);
    }
    const at = sourceOf(line)?.valueAt(line.dimension, t) ?? Number.NaN;
    return `${Number.isNaN(at) ? "–" : tidy(at)}${line.unit ? ` ${line.unit}` : ""}`;
  };
  context.textBaseline = "middle";
  if (!lane.open) {
    context.font = `11px ${theme.mono}`;
    context.fillStyle = legend.length === 1 ? lineColour(theme, 0) : theme.muted;
    context.textAlign = "right";
    const text = legend.length === 1 ? value(legend[0]!) : `${legend.length} lines`;
    context.fillText(text, right, lane.top - offset + lane.height / 2 + 0.5);
    context.textAlign = "left";
    return;
  }
  legend.forEach((row, i) => {
    const y = lane.top - offset + LEGEND_TOP_PX + (i + 0.5) * LEGEND_ROW_PX;
    context.fillStyle = lineColour(theme, row.line.colour);
    context.font = `11px ${theme.mono}`;
    context.textAlign = "right";
    const text = value(row);
    context.fillText(text, right, y);
    context.textAlign = "left";
    context.font = `11px ${theme.font}`;
    const room = right - 18 - Math.max(VALUE_PX, context.measureText(text).width + 12);
    context.fillText(clippedText(context, row.name, room), 18, y);
  });
}
