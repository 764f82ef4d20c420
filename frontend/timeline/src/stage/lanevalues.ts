import type { Ns } from "../model/time";
import type { Lane } from "./lanes";
import type { SignalPainter } from "./signalpainter";
import { Surface } from "./surface";
import type { Theme } from "./theme";
import type { Viewport } from "./viewport";

// While playing nobody reads digits that change faster.
const WHILE_PLAYING_MS = 100;

interface When {
  /** Lanes, view or theme are others than before. */
  readonly anew: boolean;
  readonly playing: boolean;
}

/** The values at the playhead beside the lanes: text is dear, so only where and when it is read. */
export class LaneValues {
  private readonly surface = new Surface("tl-lanes__body tl-lanes__over");
  private at: Ns | null = null;
  private since = 0;

  constructor(private readonly painter: SignalPainter) {}

  get canvas(): HTMLCanvasElement {
    return this.surface.canvas;
  }

  fit(width: number, height: number): void {
    this.surface.fit(width, height);
    this.at = null;
  }

  /** False when it was too early for new ones. */
  draw(
    lanes: readonly Lane[],
    offset: number,
    view: Viewport,
    theme: Theme,
    at: Ns,
    { anew, playing }: When,
  ): boolean {
    if (!anew && at === this.at) return true;
    const now = performance.now();
    if (playing && !anew && now - this.since < WHILE_PLAYING_MS) return false;
    this.since = now;
    this.at = at;
    this.surface.begin();
    for (const lane of lanes) {
      const top = lane.top - offset;
      if (lane.kind !== "signal" || top > this.surface.height || top + lane.height < 0) continue;
      this.painter.drawValues(this.surface, lane, offset, view, theme, at);
    }
    return true;
  }
}
