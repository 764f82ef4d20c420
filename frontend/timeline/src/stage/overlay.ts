import { classOf } from "../model/schema";
import { formatSeconds, type Ns } from "../model/time";
import type { StageState } from "./host";
import { classColour } from "./labelart";
import type { Lane } from "./lanes";
import { OVERVIEW_HEIGHT } from "./overview";
import { RULER_HEIGHT } from "./ruler";
import type { Theme } from "./theme";
import { fitAll, type Viewport, xOf } from "./viewport";

export const HEAD_HEIGHT = OVERVIEW_HEIGHT + RULER_HEIGHT;

/** The layer above overview, ruler and lanes: what moves with the playhead and the pointer. */
export interface Over {
  readonly head: CanvasRenderingContext2D;
  readonly body: CanvasRenderingContext2D;
  readonly crisp: (x: number) => number;
  readonly bodyHeight: number;
  readonly scrolled: number;
  readonly view: Viewport;
  readonly theme: Theme;
  readonly state: StageState;
  readonly playheadNs: Ns;
}

export interface Snap {
  readonly at: Ns;
  readonly to: "edge" | "frame" | "none";
}

/** Pointer, snap and playhead as lines through everything. */
export function drawLines(over: Over, hoverNs: Ns | null, snappedNs: Ns | null) {
  const { theme, view, playheadNs } = over;
  const lines: [Ns | null, string, number][] = [
    [hoverNs, theme.muted, 0.5],
    [snappedNs, theme.warn, 1],
    [playheadNs, theme.accent, 1],
  ];
  for (const [t, colour, alpha] of lines) {
    if (t === null) continue;
    const x = over.crisp(xOf(view, t));
    if (x < view.left || x > view.left + view.width) continue;
    for (const [context, from, height] of [
      [over.head, OVERVIEW_HEIGHT, HEAD_HEIGHT],
      [over.body, 0, over.bodyHeight],
    ] as const) {
      context.globalAlpha = alpha;
      context.fillStyle = colour;
      context.fillRect(x - 0.5, from, t === playheadNs ? 1.5 : 1, height - from);
      context.globalAlpha = 1;
    }
  }
}

export function drawKnob({ head, theme, view, playheadNs }: Over) {
  head.fillStyle = theme.accent;
  head.fillRect(xOf(fitAll(view), playheadNs) - 0.75, 0, 1.5, OVERVIEW_HEIGHT);
  const x = xOf(view, playheadNs);
  if (x < view.left - 1 || x > view.left + view.width + 1) return;
  head.beginPath();
  head.moveTo(x - 6, OVERVIEW_HEIGHT);
  head.lineTo(x + 6, OVERVIEW_HEIGHT);
  head.lineTo(x, OVERVIEW_HEIGHT + 8);
  head.fill();
}

/** Says what a drag has caught: a frame by its number, another label's edge, or nothing. */
export function drawSnap({ head, theme, view, state }: Over, { at, to }: Snap) {
  const what = to === "frame" ? `frame ${state.grid.frameAt(at)}` : to === "edge" ? "edge" : "free";
  const text = `${formatSeconds(at)} s · ${what}`;
  head.font = `11px ${theme.mono}`;
  const width = head.measureText(text).width + 10;
  const most = view.left + view.width - width;
  const x = Math.min(Math.max(xOf(view, at) - width / 2, view.left), most);
  head.fillStyle = theme.warn;
  head.fillRect(x, OVERVIEW_HEIGHT + 4, width, 18);
  head.fillStyle = theme.surface;
  head.textBaseline = "middle";
  head.fillText(text, x + 5, OVERVIEW_HEIGHT + 13.5);
}

/** The range that is being drawn, up to the playhead. */
export function drawDrawing(over: Over, lanes: readonly Lane[]) {
  const { state, view, body } = over;
  if (!state.drawing) return;
  const known = classOf(state.schema, state.drawing.labelClass);
  const own = state.tracks.find((track) => track.editable);
  const kind = known?.kind === "segment" ? "segments" : "spans";
  const lane = lanes.find((each) => each.kind === kind && each.setId === own?.setId);
  if (!lane) return;
  const [a, b] = [xOf(view, state.drawing.fromNs), xOf(view, over.playheadNs)];
  body.fillStyle = classColour(known, over.theme);
  body.globalAlpha = 0.35;
  const top = lane.top - over.scrolled + 3;
  body.fillRect(Math.max(view.left, Math.min(a, b)), top, Math.abs(b - a), lane.height - 6);
  body.globalAlpha = 1;
}
