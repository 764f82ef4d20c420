import type { FrameGrid } from "../model/frames";
import { NS_PER_SECOND, type Ns } from "../model/time";
import { axisStep } from "./hit";
import type { Surface } from "./surface";
import type { Theme } from "./theme";
import { nsPerPixel, tOf, type Viewport, xOf } from "./viewport";

export const RULER_HEIGHT = 26;

function secondsLabel(t: Ns, step: Ns): string {
  const decimals = Math.max(0, Math.min(3, Math.ceil(-Math.log10(step / NS_PER_SECOND))));
  const seconds = t / NS_PER_SECOND;
  if (seconds < 60) return `${seconds.toFixed(decimals)} s`;
  const minutes = Math.floor(seconds / 60 + 1e-9);
  const rest = Math.max(0, seconds - minutes * 60).toFixed(decimals);
  return `${minutes}:${rest.padStart(decimals > 0 ? decimals + 3 : 2, "0")}`;
}

/** Seconds above, and frames below once they are far enough apart to be told from each other. */
export function drawRuler(
  surface: Surface,
  top: number,
  view: Viewport,
  grid: FrameGrid,
  theme: Theme,
) {
  const { context } = surface;
  const [from, to] = [Math.max(0, view.fromNs), Math.min(view.durationNs, view.toNs)];
  context.save();
  context.beginPath();
  context.rect(view.left, top, view.width, RULER_HEIGHT);
  context.clip();
  context.font = `11px ${theme.font}`;
  context.textBaseline = "top";
  context.fillStyle = theme.muted;
  context.strokeStyle = theme.muted;
  context.lineWidth = 1;
  const step = axisStep(nsPerPixel(view), 84);
  context.beginPath();
  for (let n = Math.ceil(from / (step / 5)); n * (step / 5) <= to; n += 1) {
    const x = surface.crisp(xOf(view, n * (step / 5)));
    context.moveTo(x, top + RULER_HEIGHT - (n % 5 === 0 ? 9 : 4));
    context.lineTo(x, top + RULER_HEIGHT);
    if (n % 5 === 0) context.fillText(secondsLabel((n / 5) * step, step), x + 4, top + 3);
  }
  context.globalAlpha = 0.7;
  context.stroke();
  context.globalAlpha = 1;
  drawFrames(surface, top, view, grid, theme);
  context.restore();
}

function drawFrames(surface: Surface, top: number, view: Viewport, grid: FrameGrid, theme: Theme) {
  const { context } = surface;
  const perFrame = grid.periodNs / nsPerPixel(view);
  if (perFrame < 7) return;
  const first = grid.frameAt(Math.max(0, tOf(view, view.left)));
  const last = grid.frameAt(tOf(view, view.left + view.width));
  const every = [1, 2, 5, 10, 20, 50].find((n) => n * perFrame >= 40) ?? 100;
  context.font = `10px ${theme.mono}`;
  context.strokeStyle = theme.border;
  context.beginPath();
  for (let frame = first; frame <= last; frame += 1) {
    const x = surface.crisp(xOf(view, grid.timeOf(frame)));
    context.moveTo(x, top + RULER_HEIGHT - 4);
    context.lineTo(x, top + RULER_HEIGHT);
    if (frame % every === 0 && perFrame * every >= 40) {
      context.fillText(String(frame), x + 3, top + 14);
    }
  }
  context.stroke();
}

/** Small triangles at the ruler's foot, where something is said. */
export function drawComments(
  surface: Surface,
  top: number,
  view: Viewport,
  times: readonly Ns[],
  theme: Theme,
) {
  const { context } = surface;
  const y = top + RULER_HEIGHT;
  context.fillStyle = theme.accent;
  for (const at of times) {
    if (at < view.fromNs || at > view.toNs) continue;
    const x = xOf(view, at);
    context.beginPath();
    context.moveTo(x, y);
    context.lineTo(x - 4, y - 7);
    context.lineTo(x + 4, y - 7);
    context.fill();
  }
}
