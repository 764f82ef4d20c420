import { VIRIDIS } from "../decode/viridis";
import { FOLDED_PX, type SignalLane } from "./lanes";
import { type SpectrogramLayout, type SpectrogramSource, ticksOf } from "./spectrogram";
import type { Surface } from "./surface";
import type { Theme } from "./theme";
import { type Viewport, xOf } from "./viewport";

export type SpectrogramPicture = HTMLCanvasElement;

// Motors and fans lie half-way up in decibels all the time: most colours are for what stands out.
const SHADES = Uint8Array.from({ length: 256 }, (_, grey) => Math.round((grey / 255) ** 2 * 255));

/** Grey values in colours, in place: loud is bright, and where there are no samples is nothing. */
export function colourSound(rgba: Uint8ClampedArray): void {
  for (let i = 0; i < rgba.length; i += 4) {
    const grey = rgba[i]!;
    const colour = SHADES[grey]! * 3;
    for (let part = 0; part < 3; part += 1) rgba[i + part] = VIRIDIS[colour + part]!;
    rgba[i + 3] = grey === 0 ? 0 : 255;
  }
}

/** @throws Error when the browser draws no canvases. */
export function colouredPicture(grey: ImageBitmap): SpectrogramPicture {
  const canvas = document.createElement("canvas");
  canvas.width = grey.width;
  canvas.height = grey.height;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) throw new Error("This browser draws no canvases.");
  context.drawImage(grey, 0, 0);
  const image = context.getImageData(0, 0, grey.width, grey.height);
  colourSound(image.data);
  context.putImageData(image, 0, 0);
  return canvas;
}

/**
 * The columns in view, stretched over the lane; true when there are any. They are put side by side
 * on `scratch` first: drawn one by one, pictures would show a seam.
 */
export function drawSpectrogram(
  surface: Surface,
  lane: SignalLane,
  offset: number,
  view: Viewport,
  source: SpectrogramSource<SpectrogramPicture>,
  scratch: HTMLCanvasElement,
): boolean {
  const strip = source.strip(view.fromNs, view.toNs, view.width);
  if (strip.parts.length === 0) return strip.columns === 0;
  const bands = source.layout.bands_hz.length;
  // Setting the size wipes it.
  scratch.width = strip.columns;
  scratch.height = bands;
  const columns = scratch.getContext("2d");
  if (!columns) return false;
  for (const { picture, from, count, at, span } of strip.parts) {
    columns.drawImage(picture, from, 0, count, bands, at, 0, span, bands);
  }
  const left = xOf(view, strip.fromNs);
  const right = xOf(view, strip.fromNs + strip.columns * strip.columnNs);
  const top = lane.top - offset;
  surface.context.drawImage(scratch, left, top, right - left, lane.height);
  return true;
}

const hertz = (hz: number) =>
  hz < 1000 ? `${Math.round(hz)} Hz` : `${Number((hz / 1000).toFixed(1))} kHz`;

const TICK_PX = 15;

/** Which frequencies the lane shows, in its head; open, where in it they lie. */
export function drawFrequencies(
  surface: Surface,
  lane: SignalLane,
  offset: number,
  view: Viewport,
  theme: Theme,
  layout: SpectrogramLayout,
) {
  const { context } = surface;
  const top = lane.top - offset;
  const right = view.left - 8;
  context.textBaseline = "middle";
  context.font = `11px ${theme.mono}`;
  context.fillStyle = theme.muted;
  context.textAlign = "right";
  const most = hertz(layout.rate_hz / 2);
  if (!lane.open) {
    context.fillText(most, right, top + lane.height / 2 + 0.5);
    context.textAlign = "left";
    return;
  }
  for (const { hz, y } of ticksOf(layout, lane.height, TICK_PX)) {
    if (y < FOLDED_PX) continue;
    context.fillText(hertz(hz), right, top + y);
    context.fillRect(view.left - 5, top + y, 5, 1);
  }
  context.textAlign = "left";
  context.font = `11px ${theme.font}`;
  const lines = [`${hertz(layout.least_hz)} to`, most, `${layout.least_db} to 0 dB`];
  lines.forEach((text, i) => {
    context.fillText(text, 18, top + FOLDED_PX + 8 + i * 14);
  });
}
