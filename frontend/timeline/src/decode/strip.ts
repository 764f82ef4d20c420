import type { StripFrame, StripLook } from "./contract";

/** Pictures kept for strips that come back; 96 x 128 pixels are 49 kB. */
const KEPT = 160;

interface Asked {
  readonly id: number;
  readonly positions: readonly number[];
  readonly resolve: (frames: readonly StripFrame[] | null) => void;
}

/** The small pictures of the contact strip: made once, kept while they are used. */
export class StripCache {
  private readonly thumbs = new Map<number, StripFrame>();
  private asked: Asked | null = null;
  private nextId = 1;
  look: StripLook | null = null;
  /** Strips from this one on are made as `look` says. */
  private firstId = 1;

  constructor(private readonly timesNs: Float64Array) {}

  /** The positions of a strip that are still to be made, and the promise of the whole. */
  ask(
    positions: readonly number[],
    look: StripLook,
  ): {
    readonly id: number;
    readonly missing: number[];
    readonly done: Promise<readonly StripFrame[] | null>;
  } {
    this.asked?.resolve(null);
    this.asked = null;
    if (!sameLook(look, this.look)) this.restart(look);
    const id = this.nextId;
    this.nextId += 1;
    const done = new Promise<readonly StripFrame[] | null>((resolve) => {
      this.asked = { id, positions, resolve };
    });
    const missing = positions.filter((position) => !this.thumbs.has(position));
    this.finishIfWhole();
    return { id, missing, done };
  }

  /** A picture made for a strip; one that was asked for otherwise is closed. */
  put(
    id: number,
    position: number,
    image: ImageBitmap,
    made: Pick<StripFrame, "rotation" | "crop">,
  ): void {
    if (id < this.firstId || this.thumbs.has(position)) {
      image.close();
      return;
    }
    this.thumbs.set(position, { position, timeNs: this.timesNs[position]!, image, ...made });
    this.finishIfWhole();
  }

  /** Nothing more will come for this strip. */
  end(id: number): void {
    if (this.asked?.id === id) this.finish(this.asked);
  }

  endAll(): void {
    if (this.asked) this.finish(this.asked);
  }

  /** All are to be made again: in other colours. */
  forget(): void {
    if (this.look) this.restart(this.look);
  }

  close(): void {
    this.asked?.resolve(null);
    this.asked = null;
    this.clear();
  }

  private restart(look: StripLook): void {
    this.asked?.resolve(null);
    this.asked = null;
    this.look = look;
    this.firstId = this.nextId;
    this.clear();
  }

  private clear(): void {
    for (const thumb of this.thumbs.values()) thumb.image.close();
    this.thumbs.clear();
  }

  private finishIfWhole(): void {
    if (this.asked?.positions.every((position) => this.thumbs.has(position))) {
      this.finish(this.asked);
    }
  }

  private finish(asked: Asked): void {
    this.asked = null;
    const frames = asked.positions.flatMap((position) => this.use(position));
    for (const [position, thumb] of this.thumbs) {
      if (this.thumbs.size <= KEPT || asked.positions.includes(position)) break;
      this.thumbs.delete(position);
      thumb.image.close();
    }
    asked.resolve(frames);
  }

  private use(position: number): StripFrame[] {
    const thumb = this.thumbs.get(position);
    if (!thumb) return [];
    this.thumbs.delete(position);
    this.thumbs.set(position, thumb);
    return [thumb];
  }
}

function sameLook(a: StripLook, b: StripLook | null): boolean {
  if (b === null || a.height !== b.height) return false;
  if (a.crop === null || b.crop === null) return a.crop === b.crop;
  const { x, y, width, height } = b.crop;
  return a.crop.x === x && a.crop.y === y && a.crop.width === width && a.crop.height === height;
}
