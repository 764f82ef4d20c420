import { lowerBound } from "../model/snapping";
import type { SpriteInfo, StreamInfo } from "../net/payload";
import type { FilmLane } from "./lanes";
import type { Surface } from "./surface";
import type { Theme } from "./theme";
import { tOf, type Viewport, xOf } from "./viewport";

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
  const next = lowerBound(times, t, (time) => time);
  if (next === 0) return 0;
  const later = times[next];
  return later !== undefined && later - t < t - times[next - 1]! ? next : next - 1;
}

/** Where a sheet has its picture nearest to t: x, y, width and height. */
function tileAt(sprite: SpriteInfo, t: number): [number, number, number, number] {
  const tile = nearestTile(sprite.times_ns, t);
  const x = (tile % sprite.columns) * sprite.tile_width;
  const y = Math.floor(tile / sprite.columns) * sprite.tile_height;
  return [x, y, sprite.tile_width, sprite.tile_height];
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
    context.drawImage(image, ...tileAt(sprite, t), x, top, width - 1, lane.height);
  }
  context.restore();
}

/** The picture under the pointer, over the film. */
export function drawFilmAt(
  { context }: Surface,
  lane: FilmLane,
  offset: number,
  view: Viewport,
  theme: Theme,
  sprites: Sprites,
  t: number,
) {
  const sprite: StreamInfo["sprite"] = lane.stream.sprite;
  const image = sprite && sprites.get(sprite.url);
  if (!sprite || !image || t < 0 || t > view.durationNs) return;
  const width = (sprite.tile_width / sprite.tile_height) * lane.height;
  const most = view.left + view.width - width - 1;
  const x = Math.min(most, Math.max(view.left + 1, xOf(view, t) - width / 2));
  context.drawImage(image, ...tileAt(sprite, t), x, lane.top - offset, width, lane.height);
  context.strokeStyle = theme.accent;
  context.lineWidth = 2;
  context.strokeRect(x, lane.top - offset + 1, width, lane.height - 2);
}
