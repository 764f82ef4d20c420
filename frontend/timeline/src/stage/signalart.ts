import type { Ns } from "../model/time";
import { clippedText } from "./labelart";
import { LEGEND_ROW_PX, LEGEND_TOP_PX, type SignalLane } from "./lanes";
import type { SignalGroup, SignalLine } from "./signallanes";
import type { Samples } from "./signals";
import type { Surface } from "./surface";
import { lineColour, type Theme } from "./theme";
import { tOf, type Viewport, xOf } from "./viewport";

export type SamplesOf = (line: SignalLine) => Samples | null;

export interface Scale {
  readonly low: number;
  readonly high: number;
}

/** The least and greatest value of all lines of a lane over the episode. */
export function scaleOf(group: SignalGroup, samplesOf: SamplesOf): Scale | null {
  let low = Infinity;
  let high = -Infinity;
  for (const line of group.lines) {
    const samples = samplesOf(line);
    if (!samples) continue;
    const [least, most] = samples.extentOf(line.dimension).between(0, samples.times.length);
    low = Math.min(low, least);
    high = Math.max(high, most);
  }
  if (low > high) return null;
  const room = high > low ? 0 : Math.max(1e-6, Math.abs(high) * 0.1);
  return { low: low - room, high: high + room };
}

/** A line where samples are sparse; the stretch from least to greatest of each pixel where not. */
function tracePath(
  path: Path2D,
  samples: Samples,
  dimension: number,
  view: Viewport,
  yOf: (value: number) => number,
) {
  const first = Math.max(0, samples.indexAt(view.fromNs) - 1);
  const last = Math.min(samples.times.length, samples.indexAt(view.toNs) + 1);
  const series = samples.series[dimension]!;
  if (last - first <= view.width * 2) {
    let pen = false;
    for (let i = first; i < last; i += 1) {
      const value = series[i]!;
      if (Number.isNaN(value)) {
        pen = false;
        continue;
      }
      const x = xOf(view, samples.times[i]!);
      if (pen) path.lineTo(x, yOf(value));
      else path.moveTo(x, yOf(value));
      pen = true;
    }
    return;
  }
  const extents = samples.extentOf(dimension);
  let from = first;
  let pen = false;
  for (let x = view.left; x < view.left + view.width; x += 1) {
    const to = samples.indexAt(tOf(view, x + 1));
    const [low, high] = extents.between(from, Math.max(to, from + 1));
    from = to;
    if (low > high) {
      pen = false;
      continue;
    }
    if (pen) path.lineTo(x, yOf(low));
    else path.moveTo(x, yOf(low));
    path.lineTo(x, yOf(high));
    pen = true;
  }
}

export function drawSignals(
  surface: Surface,
  lane: SignalLane,
  offset: number,
  view: Viewport,
  theme: Theme,
  samplesOf: SamplesOf,
  scale: Scale | string,
) {
  const { context } = surface;
  const top = lane.top - offset;
  if (typeof scale === "string") {
    context.fillStyle = theme.muted;
    context.font = `11px ${theme.font}`;
    context.textBaseline = "middle";
    context.fillText(scale, view.left + 20, top + lane.height / 2);
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
    const samples = samplesOf(line);
    if (!samples) continue;
    const path = new Path2D();
    tracePath(path, samples, line.dimension, view, yOf);
    context.strokeStyle = lineColour(theme, line.colour);
    context.setLineDash(line.command ? [3, 3] : []);
    context.globalAlpha = line.command ? 0.6 : 1;
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

/** The values at the playhead, in the lane's head: each by its name, in its line's colour. */
export function drawValues(
  surface: Surface,
  lane: SignalLane,
  offset: number,
  view: Viewport,
  theme: Theme,
  samplesOf: SamplesOf,
  t: Ns,
) {
  const { context } = surface;
  const { legend } = lane.group;
  const right = view.left - 8;
  const value = ({ line }: (typeof legend)[number]) => {
    const at = samplesOf(line)?.valueAt(line.dimension, t) ?? Number.NaN;
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
