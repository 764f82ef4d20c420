import type { StageState } from "./host";
import { clippedText } from "./labelart";
import { FOLDED_PX, type Lane } from "./lanes";
import type { Surface } from "./surface";
import type { Theme } from "./theme";
import { type Viewport, xOf } from "./viewport";

export interface Head {
  readonly top: number;
  /** The width of the column of names. */
  readonly width: number;
  readonly theme: Theme;
  /** Labels that can be changed here, or the lane that the keys act on. */
  readonly strong: boolean;
  readonly chosen: boolean;
}

const INDENT = 18;

function drawFold(context: CanvasRenderingContext2D, x: number, y: number, open: boolean) {
  context.beginPath();
  if (open) {
    context.moveTo(x - 4, y - 2);
    context.lineTo(x + 4, y - 2);
    context.lineTo(x, y + 3);
  } else {
    context.moveTo(x - 2, y - 4);
    context.lineTo(x + 3, y);
    context.lineTo(x - 2, y + 4);
  }
  context.fill();
}

/** A lane's name in the column beside the plot; never squeezed, cut only where it must be. */
export function drawHead(context: CanvasRenderingContext2D, lane: Lane, head: Head) {
  const { top, width, theme, strong, chosen } = head;
  const signal = lane.kind === "signal";
  const caption = lane.kind === "caption";
  if (chosen) {
    context.fillStyle = theme.accent;
    context.fillRect(2, top, 3, lane.height);
  }
  context.fillStyle = strong || chosen || caption ? theme.text : theme.muted;
  const size = caption ? 11 : 12;
  context.font = `${caption || chosen ? "600 " : ""}${size}px ${theme.font}`;
  context.textBaseline = "middle";
  const line = signal ? FOLDED_PX : lane.height;
  const y = top + Math.min(lane.height, line) / 2 + 0.5;
  if (signal) drawFold(context, 11, y, lane.open);
  const left = signal ? INDENT : 10;
  // Beside a folded lane's name stands a value or a count.
  const room = width - left - (signal && !lane.open ? 56 : 8);
  context.fillText(caption ? lane.name : clippedText(context, lane.name, room), left, y);
}

/** The stretch that two sets see differently, behind the labels of every lane. */
export function drawBand(
  { context }: Surface,
  view: Viewport,
  theme: Theme,
  { fromNs, toNs }: NonNullable<StageState["band"]>,
  [top, height]: readonly [number, number],
) {
  const from = Math.max(view.left, xOf(view, fromNs) - 1);
  const to = Math.min(view.left + view.width, xOf(view, toNs) + 1);
  if (to <= from) return;
  context.fillStyle = theme.warn;
  context.globalAlpha = 0.16;
  context.fillRect(from, top, to - from, height);
  context.globalAlpha = 1;
}
