import type { StripFrame } from "./contract";

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

  constructor(private readonly timesNs: Float64Array) {}

  /** The positions of a strip that are still to be made, and the promise of the whole. */
  ask(positions: readonly number[]): {
    readonly id: number;
    readonly missing: number[];
    readonly done: Promise<readonly StripFrame[] | null>;
  } {
    this.asked?.resolve(null);
    const id = this.nextId;
    this.nextId += 1;
    const done = new Promise<readonly StripFrame[] | null>((resolve) => {
      this.asked = { id, positions, resolve };
    });
    const missing = positions.filter((position) => !this.thumbs.has(position));
    this.finishIfWhole();
    return { id, missing, done };
  }

  put(position: number, image: ImageBitmap, rotation: StripFrame["rotation"]): void {
    if (this.thumbs.has(position)) {
      image.close();
      return;
    }
    this.thumbs.set(position, { position, timeNs: this.timesNs[position]!, image, rotation });
    this.finishIfWhole();
  }

  /** Nothing more will come for this strip. */
  end(id: number): void {
    if (this.asked?.id === id) this.finish(this.asked);
  }

  endAll(): void {
    if (this.asked) this.finish(this.asked);
  }

  close(): void {
    this.asked?.resolve(null);
    this.asked = null;
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
