import { lowerBound } from "../model/snapping";
import type { Ns } from "../model/time";
import type { SignalLane } from "./lanes";
import { drawAxis, drawCandidates, drawHoverValues, drawSignals, drawValues } from "./signalart";
import type { SignalStore } from "./signalstore";
import type { Spectrograms } from "./spectrograms";
import type { Surface } from "./surface";
import type { Theme } from "./theme";
import { tOf, type Viewport } from "./viewport";

const TICK_REACH_PX = 6;

/** Draws signal lanes: what stays until something changes, and what goes with playhead and pointer. */
export class SignalPainter {
  constructor(
    private readonly store: SignalStore,
    private readonly spectrograms: Spectrograms,
  ) {}

  draw(surface: Surface, lane: SignalLane, offset: number, view: Viewport, theme: Theme): void {
    if (lane.group.look === "spectrogram") {
      this.spectrograms.draw(surface, lane, offset, view, theme);
      return;
    }
    const scale = this.store.scale(lane.group);
    drawSignals(surface, lane, offset, view, theme, this.store.sourceOf, scale);
    drawAxis(surface, lane, offset, view, theme, scale);
    const all = this.store.finder.of(lane.group.lines, lane.group.id);
    const from = lowerBound(all, tOf(view, view.left - TICK_REACH_PX), ({ at }) => at);
    const end = tOf(view, view.left + view.width + TICK_REACH_PX);
    const to = lowerBound(all, end, ({ at }) => at);
    drawCandidates(surface, lane, offset, view, theme, all.slice(from, to));
  }

  /** The values at the playhead, and those under the pointer. */
  drawOver(
    surface: Surface,
    lane: SignalLane,
    offset: number,
    view: Viewport,
    theme: Theme,
    [playheadNs, hoverNs]: readonly [Ns, Ns | null],
  ): void {
    if (lane.group.look === "spectrogram") {
      this.spectrograms.drawHead(surface, lane, offset, view, theme);
      return;
    }
    const scale = this.store.scale(lane.group);
    const { sourceOf } = this.store;
    drawValues(surface, lane, offset, view, theme, sourceOf, scale, playheadNs);
    if (hoverNs !== null) {
      drawHoverValues(surface, lane, offset, view, theme, sourceOf, scale, hoverNs);
    }
  }
}
