import type { StreamInfo } from "../net/payload";
import type { FilmLane } from "./lanes";
import type { Surface } from "./surface";
import type { Theme } from "./theme";
import { tOf, type Viewport } from "./viewport";

/** Sprite sheets by address; asks for a repaint when one has come. */
export class Sprites {
  private readonly images = new Map<string, HTMLImageElement | null>();

  constructor(private readonly arrived: () => void) {}

  get(url: string): HTMLImageElement | null {
    const known = this.images.get(url);
    if (known !== undefined) return known?.complete ? known : null;
    const image = new Image();
    image.decoding = "async";
    this.images.set(url, image);
    image.onload = this.arrived;
    image.onerror = () => this.images.set(url, null);
    image.src = url;
    return null;
  }

  close(): void {
    for (const image of this.images.values()) if (image) image.onload = null;
    this.images.clear();
  }
}

function nearestTile(times: readonly number[], t: number): number {
  let best = 0;
  for (let i = 1; i < times.length; i += 1) {
    if (Math.abs(times[i]! - t) < Math.abs(times[best]! - t)) best = i;
  }
  return best;
}

/** Tiles side by side; each shows the picture nearest to its own middle. */
export function drawFilm(
  surface: Surface,
  lane: FilmLane,
  offset: number,
  view: Viewport,
  theme: Theme,
  sprites: Sprites,
) {
  const sprite: StreamInfo["sprite"] = lane.stream.sprite;
  if (!sprite) return;
  const { context } = surface;
  const image = sprites.get(sprite.url);
  const top = lane.top - offset;
  const width = (sprite.tile_width / sprite.tile_height) * lane.height;
  context.save();
  context.beginPath();
  context.rect(view.left, top, view.width, lane.height);
  context.clip();
  context.fillStyle = theme.raised;
  context.fillRect(view.left, top, view.width, lane.height);
  for (let x = view.left; image && x < view.left + view.width; x += width) {
    const t = tOf(view, x + width / 2);
    if (t < 0 || t > view.durationNs) continue;
    const tile = nearestTile(sprite.times_ns, t);
    context.drawImage(
      image,
      (tile % sprite.columns) * sprite.tile_width,
      Math.floor(tile / sprite.columns) * sprite.tile_height,
      sprite.tile_width,
      sprite.tile_height,
      x,
      top,
      width - 1,
      lane.height,
    );
  }
  context.restore();
}
