import type { SignalLane } from "./lanes";
import { drawWord } from "./signalart";
import { type SpectrogramLayout, SpectrogramSource } from "./spectrogram";
import { drawFrequencies, drawSpectrogram, type SpectrogramPicture } from "./spectrogramart";
import type { Surface } from "./surface";
import type { Theme } from "./theme";
import type { Viewport } from "./viewport";

/** The spectrograms of an episode's sounds, by their signals. */
export class Spectrograms {
  private readonly sources = new Map<string, SpectrogramSource<SpectrogramPicture>>();
  private readonly missing = new Set<string>();
  private readonly scratch = document.createElement("canvas");

  constructor(private readonly arrived: () => void) {}

  open(signalId: string, layout: SpectrogramLayout, want: (number: number) => void): void {
    this.sources.set(signalId, new SpectrogramSource(layout, want));
    this.arrived();
  }

  add(signalId: string, number: number, picture: SpectrogramPicture): void {
    this.sources.get(signalId)?.add(number, picture);
    this.arrived();
  }

  fail(signalId: string): void {
    this.missing.add(signalId);
    this.arrived();
  }

  /** The lane's pictures, or in a word why there are none. */
  draw(surface: Surface, lane: SignalLane, offset: number, view: Viewport, theme: Theme): void {
    const id = lane.group.lines[0]!.signal.id;
    const source = this.sources.get(id);
    if (source && drawSpectrogram(surface, lane, offset, view, source, this.scratch)) return;
    drawWord(
      surface,
      lane,
      offset,
      view,
      theme,
      this.missing.has(id) ? "not available" : "loading…",
    );
  }

  drawHead(surface: Surface, lane: SignalLane, offset: number, view: Viewport, theme: Theme): void {
    const source = this.sources.get(lane.group.lines[0]!.signal.id);
    if (source) drawFrequencies(surface, lane, offset, view, theme, source.layout);
  }
}
