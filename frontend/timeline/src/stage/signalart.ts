import type { Candidate } from "../model/candidates";
import type { Ns } from "../model/time";
import { sayCount } from "../words";
import { clippedText } from "./labelart";
import { FOLDED_PX, LEGEND_ROW_PX, LEGEND_TOP_PX, type SignalLane } from "./lanes";
import {
  decimalsFor,
  FULL_SCALE,
  type LaneScale,
  type Scale,
  type SourceOf,
  valueText,
} from "./signalscale";
import type { Surface } from "./surface";
import { lineColour, type Theme } from "./theme";
import { type Viewport, xOf } from "./viewport";

const LEVEL_AROUND_NS = 20_000_000;

/** Where a value lies in a lane whose top is at `top`. */
export function yIn(lane: SignalLane, top: number, { low, high }: Scale, value: number): number {
  const room = lane.open ? 5 : 3;
  return top + lane.height - room - ((value - low) / (high - low)) * (lane.height - 2 * room);
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

const VALUE_PX = 46;

/** How loud it is, in decibels below full scale. */
function levelText(peak: number): string {
  if (Number.isNaN(peak)) return "–";
  return peak > 0 ? `${(20 * Math.log10(peak / FULL_SCALE)).toFixed(0)} dB` : "silent";
}

type LegendRow = SignalLane["group"]["legend"][number];

/** What a lane's line says at t. */
export function rowValue(
  lane: SignalLane,
  { line }: LegendRow,
  t: Ns,
  sourceOf: SourceOf,
  scale: LaneScale | string,
): string {
  const source = sourceOf(line);
  if (lane.group.look === "waveform") {
    return levelText(source?.peakAt(line.dimension, t, LEVEL_AROUND_NS) ?? Number.NaN);
  }
  const value = source?.valueAt(line.dimension, t) ?? Number.NaN;
  return valueText(value, line.unit, typeof scale === "string" ? null : scale.of(line));
}

/** The values at the playhead, in the lane's head: each by its name, in its line's colour. */
export function drawValues(
  surface: Surface,
  lane: SignalLane,
  offset: number,
  view: Viewport,
  theme: Theme,
  sourceOf: SourceOf,
  scale: LaneScale | string,
  t: Ns,
) {
  const { context } = surface;
  const { legend } = lane.group;
  const right = view.left - 8;
  const value = (row: LegendRow) => rowValue(lane, row, t, sourceOf, scale);
  context.textBaseline = "middle";
  if (!lane.open) {
    context.font = `11px ${theme.mono}`;
    context.fillStyle = legend.length === 1 ? lineColour(theme, 0) : theme.muted;
    context.textAlign = "right";
    const text =
      legend.length === 1
        ? value(legend[0]!)
        : sayCount(legend.length, "{count} line", "{count} lines");
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
    const room = right - 18 - Math.max(VALUE_PX, text.length * 7 + 10);
    context.fillText(clippedText(context, row.name, room), 18, y);
  });
}

const AXIS_ROOM_PX = 44;

/** The least and the greatest value, at the right edge of an open lane that has one scale. */
export function drawAxis(
  { context }: Surface,
  lane: SignalLane,
  offset: number,
  view: Viewport,
  theme: Theme,
  scale: LaneScale | string,
) {
  const single = typeof scale === "string" || !lane.open ? null : scale.single;
  if (!single || lane.height < AXIS_ROOM_PX || lane.group.look === "waveform") return;
  const top = lane.top - offset;
  const right = view.left + view.width - 3;
  context.font = `10px ${theme.mono}`;
  context.textAlign = "right";
  context.textBaseline = "top";
  for (const [value, y] of [
    [single.high, top + 2],
    [single.low, top + lane.height - 12],
  ] as const) {
    const text = value.toFixed(decimalsFor(single, value));
    context.fillStyle = theme.surface;
    context.globalAlpha = 0.8;
    context.fillRect(right - text.length * 6.1 - 2, y - 1, text.length * 6.1 + 4, 12);
    context.globalAlpha = 1;
    context.fillStyle = theme.muted;
    context.fillText(text, right, y);
  }
  context.textAlign = "left";
}

const TICK_PX = 4;
// Nearer than this only the ticks are told from each other, not their lines.
const LINES_APART_PX = 6;

/** Ticks at the foot of a lane, one a candidate; a wedge points the way the gripper or force goes. */
export function drawCandidates(
  surface: Surface,
  lane: SignalLane,
  offset: number,
  view: Viewport,
  theme: Theme,
  candidates: readonly Candidate[],
) {
  const { context } = surface;
  const foot = lane.top - offset + lane.height;
  context.fillStyle = theme.text;
  const apart = view.width / Math.max(1, candidates.length);
  for (const { at, kind } of candidates) {
    const x = surface.crisp(xOf(view, at));
    if (lane.open && apart >= LINES_APART_PX) {
      context.globalAlpha = 0.22;
      context.fillRect(x - 0.5, lane.top - offset + 2, 1, lane.height - 2);
    }
    context.globalAlpha = 0.85;
    context.beginPath();
    wedge(context, x, foot, kind);
    context.fill();
  }
  context.globalAlpha = 1;
}

/** Up: opens, or the force comes. Down: closes, or it goes. A bar: where something stops or is least. */
function wedge(
  context: CanvasRenderingContext2D,
  x: number,
  foot: number,
  kind: Candidate["kind"],
) {
  const height = TICK_PX * 1.5;
  if (kind === "opening_starts" || kind === "force_rises") {
    context.moveTo(x - TICK_PX, foot);
    context.lineTo(x + TICK_PX, foot);
    context.lineTo(x, foot - height);
  } else if (kind === "closing_starts" || kind === "force_falls" || kind === "moving_starts") {
    context.moveTo(x - TICK_PX, foot - height);
    context.lineTo(x + TICK_PX, foot - height);
    context.lineTo(x, foot);
  } else context.rect(x - 1, foot - height, 2, height);
}

/** The values under the pointer: a dot on each line, and beside it what it says. */
export function drawHoverValues(
  surface: Surface,
  lane: SignalLane,
  offset: number,
  view: Viewport,
  theme: Theme,
  sourceOf: SourceOf,
  scale: LaneScale | string,
  t: Ns,
) {
  if (typeof scale === "string" || !lane.open) return;
  const { context } = surface;
  const top = lane.top - offset;
  const x = xOf(view, t);
  const rows = lane.group.legend.slice(0, Math.floor((lane.height - 2) / LEGEND_ROW_PX));
  if (lane.group.look === "lines") {
    for (const { line } of lane.group.legend) {
      const value = sourceOf(line)?.valueAt(line.dimension, t) ?? Number.NaN;
      if (Number.isNaN(value)) continue;
      context.fillStyle = lineColour(theme, line.colour);
      context.beginPath();
      context.arc(x, yIn(lane, top, scale.of(line), value), 2.5, 0, 7);
      context.fill();
    }
  }
  const texts = rows.map((row) => rowValue(lane, row, t, sourceOf, scale));
  if (texts.length === 0) return;
  context.font = `11px ${theme.mono}`;
  context.textBaseline = "middle";
  const width = Math.max(...texts.map((text) => text.length)) * 6.7 + 8;
  // To the left of the pointer where there is no room to its right.
  const left = x + 10 + width > view.left + view.width ? x - 10 - width : x + 10;
  const height = texts.length * LEGEND_ROW_PX + 2;
  const head = top + Math.max(0, Math.min(FOLDED_PX / 2 - 4, (lane.height - height) / 2));
  context.fillStyle = theme.surface;
  context.globalAlpha = 0.88;
  context.fillRect(left, head, width, height);
  context.globalAlpha = 1;
  texts.forEach((text, i) => {
    context.fillStyle = lineColour(theme, rows[i]!.line.colour);
    context.fillText(text, left + 4, head + 1 + (i + 0.5) * LEGEND_ROW_PX);
  });
}
