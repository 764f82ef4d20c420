import type { Ns } from "../model/time";
import type { SignalLane, SignalLine } from "./lanes";
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
export function scaleOf(lane: Omit<SignalLane, "top">, samplesOf: SamplesOf): Scale | null {
  let low = Infinity;
  let high = -Infinity;
  for (const line of lane.lines) {
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
  const yOf = (value: number) =>
    top + lane.height - 5 - ((value - scale.low) / (scale.high - scale.low)) * (lane.height - 10);
  context.save();
  context.beginPath();
  context.rect(view.left, top, view.width, lane.height);
  context.clip();
  // Commands first: what was measured lies on top.
  for (const line of [...lane.lines].sort((a, b) => Number(b.command) - Number(a.command))) {
    const samples = samplesOf(line);
    if (!samples) continue;
    const path = new Path2D();
    tracePath(path, samples, line.dimension, view, yOf);
    context.strokeStyle = lineColour(theme, line.colour);
    context.setLineDash(line.command ? [3, 3] : []);
    context.globalAlpha = line.command ? 0.6 : 1;
    context.lineWidth = line.command ? 1 : 1.4;
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

/** The values at the playhead, by name and in their unit; as many as fit. */
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
  context.font = `10px ${theme.mono}`;
  context.textBaseline = "top";
  let x = view.left + view.width - 6;
  const y = lane.top - offset + 3;
  for (const line of lane.lines
    .filter((each) => !each.command)
    .slice()
    .reverse()) {
    const samples = samplesOf(line);
    const value = samples?.valueAt(line.dimension, t) ?? Number.NaN;
    const text = `${line.name} ${Number.isNaN(value) ? "–" : tidy(value)}${line.unit ? ` ${line.unit}` : ""}`;
    const width = context.measureText(text).width;
    if (x - width < view.left + 4) break;
    context.fillStyle = theme.surface;
    context.globalAlpha = 0.8;
    context.fillRect(x - width - 3, y - 2, width + 6, 14);
    context.globalAlpha = 1;
    context.fillStyle = lineColour(theme, line.colour);
    context.fillText(text, x - width, y);
    x -= width + 12;
  }
}
