import type { Ns } from "../model/time";

/** What the server says of a sound's spectrogram; see docs/formats/README.md. */
export interface SpectrogramLayout {
  readonly start_ns: Ns;
  readonly rate_hz: number;
  readonly least_hz: number;
  readonly least_db: number;
  readonly tile_columns: number;
  /** The middles of the bands, ascending. */
  readonly bands_hz: readonly number[];
  readonly levels: readonly SpectrogramLevel[];
}

export interface SpectrogramLevel {
  readonly columns: number;
  readonly column_ns: Ns;
  readonly first_tile: number;
}

/** Columns of a picture, and the columns of a strip that they fill. */
export interface StripPart<Picture> {
  readonly picture: Picture;
  readonly from: number;
  readonly count: number;
  readonly at: number;
  readonly span: number;
}

/** Columns side by side, whichever pictures they come from; the first one begins at fromNs. */
export interface Strip<Picture> {
  readonly fromNs: Ns;
  readonly columnNs: Ns;
  readonly columns: number;
  readonly parts: readonly StripPart<Picture>[];
}

/** Half a megabyte each on the screen's side. */
const MOST_TILES = 40;
// Finer than that the columns would only be thrown away.
const COLUMNS_A_PIXEL = 2;

/**
 * The pictures of one sound: gives for a stretch of time the columns that draw it, and asks for
 * those it does not have. Until they come, coarser ones stand in.
 */
export class SpectrogramSource<Picture> {
  // In the order of their last use.
  private readonly tiles = new Map<number, Picture>();

  constructor(
    readonly layout: SpectrogramLayout,
    private readonly want: (number: number) => void,
    private readonly mostTiles = MOST_TILES,
  ) {}

  add(number: number, picture: Picture): void {
    this.tiles.set(number, picture);
    const top = this.layout.levels.at(-1)!.first_tile;
    for (const old of this.tiles.keys()) {
      if (this.tiles.size <= this.mostTiles) break;
      // The coarsest level stands in for all others; the newest was asked for.
      if (old !== top && old !== number) this.tiles.delete(old);
    }
  }

  /** What draws [fromNs, toNs] on `width` pixels. */
  strip(fromNs: Ns, toNs: Ns, width: number): Strip<Picture> {
    const { start_ns: start, levels, tile_columns: size } = this.layout;
    const at = this.levelFor((toNs - fromNs) / Math.max(1, width));
    const { columns, column_ns: columnNs, first_tile: firstTile } = levels[at]!;
    const within = (column: number) => Math.min(columns, Math.max(0, column));
    // A column beyond either edge, so that what is drawn smoothly goes on there.
    const first = within(Math.floor((fromNs - start) / columnNs) - 1);
    const last = within(Math.ceil((toNs - start) / columnNs) + 1);
    const parts: StripPart<Picture>[] = [];
    for (let from = first; from < last; ) {
      const tile = Math.floor(from / size);
      const span = Math.min(last, (tile + 1) * size) - from;
      const picture = this.tile(firstTile + tile);
      const part = picture
        ? { picture, from: from - tile * size, count: span }
        : this.standIn(at, from, span);
      if (part) parts.push({ ...part, at: from - first, span });
      from += span;
    }
    // Neighbours, so that panning finds them here.
    for (const tile of [Math.floor(first / size) - 1, Math.ceil(last / size)]) {
      if (last > first && tile >= 0 && tile * size < columns) this.tile(firstTile + tile);
    }
    return { fromNs: start + first * columnNs, columnNs, columns: last - first, parts };
  }

  private levelFor(nsAPixel: Ns): number {
    const { levels } = this.layout;
    const found = levels.findIndex(({ column_ns: ns }) => nsAPixel <= ns * COLUMNS_A_PIXEL);
    return found < 0 ? levels.length - 1 : found;
  }

  /** A tile's columns lie in one tile of every coarser level: its size is a multiple of the factor. */
  private standIn(
    level: number,
    from: number,
    span: number,
  ): Omit<StripPart<Picture>, "at" | "span"> | null {
    const { levels, tile_columns: size } = this.layout;
    for (const coarser of levels.slice(level + 1)) {
      const share = levels[level]!.column_ns / coarser.column_ns;
      const tile = Math.floor((from * share) / size);
      const picture = this.tiles.get(coarser.first_tile + tile);
      if (picture) return { picture, from: from * share - tile * size, count: span * share };
    }
    return null;
  }

  private tile(number: number): Picture | null {
    const picture = this.tiles.get(number);
    if (picture === undefined) {
      this.want(number);
      return null;
    }
    this.tiles.delete(number);
    this.tiles.set(number, picture);
    return picture;
  }
}

/** How far up a frequency lies between the lowest (0) and the highest band (1). */
export function heightOf(layout: SpectrogramLayout, hz: number): number {
  const { bands_hz: bands } = layout;
  const above = bands.findIndex((band) => band >= hz);
  if (above < 0) return 1;
  if (above === 0) return 0;
  const [low, high] = [bands[above - 1]!, bands[above]!];
  // Half a band lies beyond the middles of the outermost ones.
  return (above - 1 + (hz - low) / (high - low) + 0.5) / bands.length;
}

const OCTAVES_HZ = [125, 250, 500, 1000, 2000, 4000, 8000, 16_000];

/** The octaves to name beside a lane, `least` pixels apart, from the top; never past its bands. */
export function ticksOf(
  layout: SpectrogramLayout,
  height: number,
  least: number,
): { readonly hz: number; readonly y: number }[] {
  const found: { hz: number; y: number }[] = [];
  for (const hz of [...OCTAVES_HZ].reverse()) {
    if (hz < layout.bands_hz[0]! || hz > layout.bands_hz.at(-1)!) continue;
    const y = height * (1 - heightOf(layout, hz));
    if (y - (found.at(-1)?.y ?? 0) >= least && y <= height - least / 2) found.push({ hz, y });
  }
  return found;
}
