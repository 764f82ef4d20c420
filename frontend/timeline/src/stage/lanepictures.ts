import type { Ns } from "../model/time";
import type { SignalLane } from "./lanes";
import { yIn } from "./signalart";
import { drawReach, lineReach, partsOf, type Raster } from "./signalraster";
import type { LaneScale } from "./signalscale";
import type { SignalStore } from "./signalstore";
import type { Surface } from "./surface";
import { lineColour, type Theme } from "./theme";
import { nsPerPixel, type Viewport, xOf } from "./viewport";

/** The lines of one lane, a stretch of time wider than what is seen. */
interface Picture {
  readonly canvas: HTMLCanvasElement;
  readonly fromNs: Ns;
  readonly toNs: Ns;
  readonly nsPerPx: Ns;
  /** What it was made of: another scale, size or theme wants another picture. */
  readonly made: readonly unknown[];
  /** The samples that had come by then, when some of those wanted had not; else null. */
  readonly waits: number | null;
}

// For new pictures, of the 16 ms that a frame has; what is not done goes on in the next one.
const BUDGET_MS = 5;
// Beside what is seen, in widths of it: moving on draws nothing anew until that is used up.
const BESIDE = 0.5;
const DASH_PX = 3;

/** Lanes drawn once and moved or stretched until there is time to draw them anew. */
export class LanePictures {
  private readonly pictures = new Map<string, Picture>();
  private readonly seen = new Set<string>();
  private until = 0;
  private late = false;

  constructor(private readonly store: SignalStore) {}

  /** Before the lanes of a frame. */
  begin(): void {
    this.until = performance.now() + BUDGET_MS;
    this.late = false;
    this.seen.clear();
  }

  /** After them; true when some could not be drawn anew in time. */
  end(): boolean {
    for (const id of this.pictures.keys()) if (!this.seen.has(id)) this.pictures.delete(id);
    return this.late;
  }

  draw(
    surface: Surface,
    lane: SignalLane,
    offset: number,
    view: Viewport,
    theme: Theme,
    scale: LaneScale,
  ): void {
    const { id } = lane.group;
    this.seen.add(id);
    const made = [scale, lane.height, lane.open, theme, surface.pixelRatio, lane.group];
    let picture = this.pictures.get(id);
    if (!picture || !this.suits(picture, view, made)) {
      if (performance.now() < this.until) {
        const panned = picture?.nsPerPx === nsPerPixel(view);
        picture = this.make(
          lane,
          view,
          theme,
          scale,
          made,
          panned ? BESIDE : 0,
          surface.pixelRatio,
        );
        this.pictures.set(id, picture);
      } else this.late = true;
    }
    if (!picture) return;
    const left = xOf(view, picture.fromNs);
    const width = xOf(view, picture.toNs) - left;
    surface.context.drawImage(picture.canvas, left, lane.top - offset, width, lane.height);
  }

  private suits(picture: Picture, view: Viewport, made: readonly unknown[]): boolean {
    const { durationNs } = view;
    return (
      picture.nsPerPx === nsPerPixel(view) &&
      picture.fromNs <= Math.max(view.fromNs, 0) &&
      picture.toNs >= Math.min(view.toNs, durationNs) &&
      (picture.waits === null || picture.waits === this.store.version) &&
      made.every((part, i) => part === picture.made[i])
    );
  }

  private make(
    lane: SignalLane,
    view: Viewport,
    theme: Theme,
    scale: LaneScale,
    made: readonly unknown[],
    beside: number,
    ratio: number,
  ): Picture {
    const nsPerPx = nsPerPixel(view);
    const widthPx = Math.round(view.width * (1 + 2 * beside));
    const nsPerColumn = nsPerPx / ratio;
    // On whole columns of the episode, so that dashes and steps do not swim while it is moved.
    const phase = Math.floor((view.fromNs - beside * view.width * nsPerPx) / nsPerColumn);
    const count = Math.ceil(widthPx * ratio) + 1;
    const fromNs = phase * nsPerColumn;
    const toNs = fromNs + count * nsPerColumn;
    const height = Math.max(1, Math.round(lane.height * ratio));
    const image = new ImageData(count, height);
    const raster: Raster = { width: count, height, pixels: image.data };
    const columns = { fromNs, nsPerColumn, count };
    let complete = true;
    // Commands first: what was measured lies on top.
    for (const line of [...lane.group.lines].sort(
      (a, b) => Number(b.command) - Number(a.command),
    )) {
      const source = this.store.sourceOf(line);
      if (!source) continue;
      const pieces = source.pieces(fromNs, toNs, widthPx);
      complete &&= pieces.every((piece) => !piece.standIn);
      const own = scale.of(line);
      const yOf = (value: number) => yIn(lane, 0, own, value) * ratio;
      const [red, green, blue] = partsOf(lineColour(theme, line.colour));
      // Channels lie over each other and are alike for the most part.
      const channels = lane.group.look === "waveform" && lane.group.legend.length > 1;
      const alpha = line.command || channels ? 0.6 : 1;
      const width = (line.command || !lane.open ? 1 : 1.4) * ratio;
      const dash = line.command ? DASH_PX * ratio : 0;
      const reach = lineReach(pieces, line.dimension, columns, yOf);
      drawReach(raster, reach, { red, green, blue, alpha, width, dash, phase });
    }
    const canvas = document.createElement("canvas");
    canvas.width = count;
    canvas.height = height;
    canvas.getContext("2d")?.putImageData(image, 0, 0);
    const waits = complete ? null : this.store.version;
    return { canvas, fromNs, toNs, nsPerPx, made, waits };
  }
}
