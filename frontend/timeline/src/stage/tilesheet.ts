import type { StripFrame } from "../decode/contract";
import type { Box, Size } from "./arrangement";
import { type Rotation, toUpright, upright } from "./pictureview";

interface Tile {
  readonly position: number;
  /** What of the upright picture it shows, in its pixels. */
  readonly part: Box;
}

/**
 * Copies of the strip's pictures by frame, upright. The camera closes its own as soon as it makes the
 * next strip; these are still to be had while that one is on its way.
 */
export class TileSheet {
  private readonly canvas = document.createElement("canvas");
  private readonly held: (Tile | null)[];
  private width = 0;
  private height = 0;

  constructor(private readonly slots: number) {
    this.held = new Array<Tile | null>(slots).fill(null);
  }

  clear(): void {
    this.held.fill(null);
  }

  put({ position, image, rotation, crop }: StripFrame, stored: Size, turn: Rotation): void {
    const { width, height } = upright(image, rotation);
    if (width !== this.width || height !== this.height) {
      [this.width, this.height] = [width, height];
      this.canvas.width = width * this.slots;
      this.canvas.height = height;
      this.clear();
    }
    const slot = position % this.slots;
    const context = this.canvas.getContext("2d");
    if (!context) return;
    context.save();
    context.translate(slot * width + width / 2, height / 2);
    context.rotate((rotation * Math.PI) / 180);
    context.drawImage(image, -image.width / 2, -image.height / 2);
    context.restore();
    this.held[slot] = { position, part: partOf(crop, stored, turn) };
  }

  /** Draws a part of a frame's picture into a box; false when there is no picture of this frame. */
  draw(context: CanvasRenderingContext2D, position: number, part: Box, box: Box): boolean {
    const slot = position % this.slots;
    const tile = this.held[slot];
    if (tile?.position !== position) return false;
    // Only what the tile has of it: while a picture is moved or zoomed the new ones are on their way.
    const x = Math.max(part.x, tile.part.x);
    const y = Math.max(part.y, tile.part.y);
    const width = Math.min(part.x + part.width, tile.part.x + tile.part.width) - x;
    const height = Math.min(part.y + part.height, tile.part.y + tile.part.height) - y;
    if (width <= 0 || height <= 0) return true;
    const [ax, ay] = [this.width / tile.part.width, this.height / tile.part.height];
    const [bx, by] = [box.width / part.width, box.height / part.height];
    context.drawImage(
      this.canvas,
      slot * this.width + (x - tile.part.x) * ax,
      (y - tile.part.y) * ay,
      width * ax,
      height * ay,
      box.x + (x - part.x) * bx,
      box.y + (y - part.y) * by,
      width * bx,
      height * by,
    );
    return true;
  }
}

/** A part of the stored picture as a part of the upright one. */
function partOf(crop: StripFrame["crop"], stored: Size, rotation: Rotation): Box {
  if (!crop) return { x: 0, y: 0, ...upright(stored, rotation) };
  const a = toUpright(crop, stored, rotation);
  const b = toUpright({ x: crop.x + crop.width, y: crop.y + crop.height }, stored, rotation);
  return {
    x: Math.min(a.x, b.x),
    y: Math.min(a.y, b.y),
    width: Math.abs(a.x - b.x),
    height: Math.abs(a.y - b.y),
  };
}
