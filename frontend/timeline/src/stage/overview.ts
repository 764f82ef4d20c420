import { classOf } from "../model/schema";
import type { StageState } from "./host";
import { classColour } from "./labelart";
import { Surface } from "./surface";
import type { Theme } from "./theme";
import { fitAll, tOf, type Viewport, xOf } from "./viewport";

export const OVERVIEW_HEIGHT = 24;

/** The whole episode in the same columns as the lanes. */
export function overviewOf(view: Viewport): Viewport {
  return fitAll(view);
}

/** All labels of the episode, small, with a window where the lanes are. */
export class Overview {
  private readonly labels = new Surface("");
  /** What the labels' picture was made of. */
  private drawn: readonly unknown[] = [];

  draw(surface: Surface, view: Viewport, state: StageState, theme: Theme): void {
    const { context } = surface;
    const whole = overviewOf(view);
    const height = OVERVIEW_HEIGHT;
    context.fillStyle = theme.raised;
    context.fillRect(view.left, 0, view.width, height);
    this.drawLabels(whole, state, theme);
    context.drawImage(this.labels.canvas, view.left, 0, view.width, height);
    context.fillStyle = theme.danger;
    for (const at of state.marks) context.fillRect(xOf(whole, at) - 1, height - 4, 2, 4);
    drawWindow(context, view, whole, theme);
  }

  /** Only when a label has changed: panning and zooming move no more than the window. */
  private drawLabels(whole: Viewport, state: StageState, theme: Theme): void {
    const made = [...state.tracks.map((track) => track.timeline), whole.width, theme];
    const same =
      made.length === this.drawn.length && made.every((part, i) => part === this.drawn[i]);
    if (same) return;
    this.drawn = made;
    this.labels.fit(whole.width, OVERVIEW_HEIGHT);
    const context = this.labels.begin();
    const colours = new Map<string, string>();
    for (const { id } of state.schema.classes) {
      colours.set(id, classColour(classOf(state.schema, id), theme));
    }
    for (const label of state.tracks.flatMap((track) => track.timeline.labels)) {
      if (label.start_ns === null) continue;
      const x = xOf(whole, label.start_ns) - whole.left;
      context.fillStyle = colours.get(label.label_class) ?? theme.muted;
      if (label.kind === "instant") context.fillRect(x - 0.75, 3, 1.5, 8);
      else {
        const width = xOf(whole, label.end_ns ?? label.start_ns) - whole.left - x;
        const y = label.kind === "segment" ? 12 : 17;
        context.fillRect(x, y, Math.max(1, width - 1), 3.5);
      }
    }
  }
}

function drawWindow(
  context: CanvasRenderingContext2D,
  view: Viewport,
  whole: Viewport,
  theme: Theme,
) {
  const height = OVERVIEW_HEIGHT;
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
