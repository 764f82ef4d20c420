import type { Candidate } from "../model/candidates";
import { classOf } from "../model/schema";
import type { Snap } from "../model/snapping";
import { formatSeconds, type Ns } from "../model/time";
import { phrase, say, translated } from "../words";
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

/** What a candidate is called; also said aloud when a mark goes onto one. */
export const CANDIDATE_NAMES: Readonly<Record<Candidate["kind"], string>> = {
  closing_starts: phrase("gripper starts to close"),
  closing_ends: phrase("gripper stops closing"),
  opening_starts: phrase("gripper starts to open"),
  opening_ends: phrase("gripper stops opening"),
  moving_starts: phrase("gripper starts to move"),
  moving_ends: phrase("gripper stops"),
  force_rises: phrase("force rises"),
  force_falls: phrase("force falls"),
  force_gone: phrase("force gone"),
  speed_minimum: phrase("speed is least"),
};

/** Pointer and snap as lines through everything. */
export function drawLines(over: Over, hoverNs: Ns | null, snappedNs: Ns | null) {
  const { theme, view } = over;
  const lines: [Ns | null, string, number][] = [
    [hoverNs, theme.muted, 0.5],
    [snappedNs, theme.warn, 1],
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
      context.fillRect(x - 0.5, from, 1, height - from);
      context.globalAlpha = 1;
    }
  }
}

/** The playhead in overview and ruler; through the lanes it is an element that moves. */
export function drawKnob({ head, theme, view, playheadNs, crisp }: Over) {
  head.fillStyle = theme.accent;
  head.fillRect(xOf(fitAll(view), playheadNs) - 0.75, 0, 1.5, OVERVIEW_HEIGHT);
  const x = xOf(view, playheadNs);
  if (x < view.left - 1 || x > view.left + view.width + 1) return;
  head.fillRect(crisp(x) - 0.75, OVERVIEW_HEIGHT, 1.5, RULER_HEIGHT);
  head.beginPath();
  head.moveTo(x - 6, OVERVIEW_HEIGHT);
  head.lineTo(x + 6, OVERVIEW_HEIGHT);
  head.lineTo(x, OVERVIEW_HEIGHT + 8);
  head.fill();
}

function snapText({ to, kind, at }: Snap, state: StageState): string {
  if (to === "candidate" && kind) return translated(CANDIDATE_NAMES[kind]);
  if (to === "edge") return say("edge of a label");
  return to === "frame" ? say("frame {frame}", { frame: state.grid.frameAt(at) }) : say("free");
}

/** A word on the ruler, kept within the plot. */
function flag({ head, theme, view }: Over, at: Ns, text: string, ground: string, ink: string) {
  head.font = `11px ${theme.mono}`;
  const width = head.measureText(text).width + 10;
  const most = view.left + view.width - width;
  const x = Math.min(Math.max(xOf(view, at) - width / 2, view.left), most);
  head.fillStyle = ground;
  head.fillRect(x, OVERVIEW_HEIGHT + 4, width, 18);
  head.fillStyle = ink;
  head.textBaseline = "middle";
  head.fillText(text, x + 5, OVERVIEW_HEIGHT + 13.5);
}

/** Says what a drag or a mark has caught: a frame, another label's edge, a candidate, or nothing. */
export function drawSnap(over: Over, snap: Snap) {
  const text = `${formatSeconds(snap.at)} s · ${snapText(snap, over.state)}`;
  flag(over, snap.at, text, over.theme.warn, over.theme.surface);
}

/** The instant under the pointer, and the frame that every camera shows there. */
export function drawHover(over: Over, at: Ns) {
  const { state, theme, view } = over;
  if (at < 0 || at > view.durationNs) return;
  const frame = state.grid.frameAt(at);
  flag(over, at, `${formatSeconds(at)} s · ${frame}`, theme.raised, theme.text);
}

/** The range that is played over and over, on the ruler. */
export function drawLoop({ head, theme, view, state }: Over) {
  if (!state.loop) return;
  const from = Math.max(view.left, xOf(view, state.loop.startNs));
  const to = Math.min(view.left + view.width, xOf(view, state.loop.endNs));
  if (to <= from) return;
  head.fillStyle = theme.accent;
  head.globalAlpha = 0.22;
  head.fillRect(from, OVERVIEW_HEIGHT, to - from, RULER_HEIGHT);
  head.globalAlpha = 1;
  head.fillRect(from, HEAD_HEIGHT - 3, to - from, 3);
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
