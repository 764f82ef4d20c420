import { classOf } from "../model/schema";
import type { StageState } from "./host";
import { classColour } from "./labelart";
import type { Surface } from "./surface";
import type { Theme } from "./theme";
import { fitAll, tOf, type Viewport, xOf } from "./viewport";

export const OVERVIEW_HEIGHT = 24;

/** The whole episode in the same columns as the lanes. */
export function overviewOf(view: Viewport): Viewport {
  return fitAll(view);
}

/** All labels of the episode, small, with a window where the lanes are. */
export function drawOverview(surface: Surface, view: Viewport, state: StageState, theme: Theme) {
  const { context } = surface;
  const whole = overviewOf(view);
  const height = OVERVIEW_HEIGHT;
  context.fillStyle = theme.raised;
  context.fillRect(view.left, 0, view.width, height);
  for (const track of state.tracks) {
    for (const label of track.timeline.labels) {
      if (label.start_ns === null) continue;
      const x = xOf(whole, label.start_ns);
      context.fillStyle = classColour(classOf(state.schema, label.label_class), theme);
      if (label.kind === "instant") context.fillRect(x - 0.75, 3, 1.5, 8);
      else {
        const width = xOf(whole, label.end_ns ?? label.start_ns) - x;
        const y = label.kind === "segment" ? 12 : 17;
        context.fillRect(x, y, Math.max(1, width - 1), 3.5);
      }
    }
  }
  context.fillStyle = theme.danger;
  for (const at of state.marks) context.fillRect(xOf(whole, at) - 1, height - 4, 2, 4);
  const [from, to] = [xOf(whole, view.fromNs), xOf(whole, view.toNs)];
  context.fillStyle = theme.background;
  context.globalAlpha = 0.55;
  context.fillRect(view.left, 0, from - view.left, height);
  context.fillRect(to, 0, view.left + view.width - to, height);
  context.globalAlpha = 1;
  context.strokeStyle = theme.accent;
  context.lineWidth = 1.5;
  context.strokeRect(from + 0.75, 0.75, Math.max(3, to - from - 1.5), height - 1.5);
}

/** The time in the overview under x. */
export function overviewTime(view: Viewport, x: number) {
  return tOf(overviewOf(view), x);
}
