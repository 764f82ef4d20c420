import { lowerBound } from "../model/snapping";
import type { Ns } from "../model/time";
import { LanePictures } from "./lanepictures";
import type { SignalLane } from "./lanes";
import { drawAxis, drawCandidates, drawHoverValues, drawValues, drawWord } from "./signalart";
import type { SignalStore } from "./signalstore";
import type { Spectrograms } from "./spectrograms";
import type { Surface } from "./surface";
import type { Theme } from "./theme";
import { tOf, type Viewport } from "./viewport";

const TICK_REACH_PX = 6;

/** Draws signal lanes: what stays until something changes, and what goes with playhead and pointer. */
export class SignalPainter {
  readonly pictures: LanePictures;

  constructor(
    private readonly store: SignalStore,
    private readonly spectrograms: Spectrograms,
  ) {
    this.pictures = new LanePictures(store);
  }

  draw(surface: Surface, lane: SignalLane, offset: number, view: Viewport, theme: Theme): void {
    if (lane.group.look === "spectrogram") {
      this.spectrograms.draw(surface, lane, offset, view, theme);
      return;
    }
    const scale = this.store.scale(lane.group);
    if (typeof scale === "string") drawWord(surface, lane, offset, view, theme, scale);
    else this.pictures.draw(surface, lane, offset, view, theme, scale);
    drawAxis(surface, lane, offset, view, theme, scale);
    const all = this.store.finder.of(lane.group.lines, lane.group.id);
    const from = lowerBound(all, tOf(view, view.left - TICK_REACH_PX), ({ at }) => at);
    const end = tOf(view, view.left + view.width + TICK_REACH_PX);
    const to = lowerBound(all, end, ({ at }) => at);
    drawCandidates(surface, lane, offset, view, theme, all.slice(from, to));
  }

  /** The values at the playhead, in the lane's head. */
  drawValues(
    surface: Surface,
    lane: SignalLane,
    offset: number,
    view: Viewport,
    theme: Theme,
    at: Ns,
  ): void {
    if (lane.group.look === "spectrogram") {
      this.spectrograms.drawHead(surface, lane, offset, view, theme);
      return;
    }
    const scale = this.store.scale(lane.group);
    drawValues(surface, lane, offset, view, theme, this.store.sourceOf, scale, at);
  }

  drawHover(
    surface: Surface,
    lane: SignalLane,
    offset: number,
    view: Viewport,
    theme: Theme,
    at: Ns,
  ): void {
    if (lane.group.look === "spectrogram") return;
    const scale = this.store.scale(lane.group);
    drawHoverValues(surface, lane, offset, view, theme, this.store.sourceOf, scale, at);
  }
}
