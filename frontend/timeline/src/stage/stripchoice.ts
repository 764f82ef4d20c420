/** Which cameras the contact strip shows, a row each, and how many frames on either side. Immutable. */
export interface StripChoice {
  /** Empty: the large camera, whichever it is. */
  readonly cameras: readonly string[];
  readonly radius: number;
}

export const NARROWEST = 3;
export const WIDEST = 7;
export const STRIP_CAPTION = 15;
/** Space around each picture. */
export const TILE_GAP = 4;
const MOST_SHARE = 0.5;
const LEAST_ROW = 44;
const SHAPES = [0.75, 16 / 9] as const;

export function widened({ cameras, radius }: StripChoice, by: number): StripChoice {
  const wanted = Math.round(radius + by);
  return { cameras, radius: Math.min(WIDEST, Math.max(NARROWEST, wanted)) };
}

/** The rows there are: at least the large camera's. */
export function rowsOf(
  choice: StripChoice,
  all: readonly string[],
  large: string,
): readonly string[] {
  const chosen = all.filter((camera) => choice.cameras.includes(camera));
  return chosen.length > 0 ? chosen : all.includes(large) ? [large] : all.slice(0, 1);
}

/** One row after the other: the large camera's, then each camera's, then all of them at once. */
export function nextRows(
  choice: StripChoice,
  all: readonly string[],
  large: string,
): readonly string[] {
  if (all.length < 2) return [];
  const others = all.filter((camera) => camera !== large);
  const { cameras } = choice;
  if (cameras.length === 0) return others.slice(0, 1);
  if (cameras.length > 1) return [];
  const next = others[others.indexOf(cameras[0]!) + 1];
  return next === undefined ? [...all] : [next];
}

/** A row comes or goes; the last one stays. */
export function toggledRow(
  choice: StripChoice,
  camera: string,
  all: readonly string[],
  large: string,
): readonly string[] {
  const rows = rowsOf(choice, all, large);
  if (!rows.includes(camera)) return all.filter((each) => rows.includes(each) || each === camera);
  return rows.length > 1 ? rows.filter((each) => each !== camera) : rows;
}

/** Widths of the tiles, and heights of the rows: as large as fits in half of the room. */
export function stripSizes(
  radius: number,
  aspects: readonly number[],
  width: number,
  roomHeight: number,
): readonly number[] {
  const tile = Math.max(1, width / (2 * radius + 1) - TILE_GAP);
  const wanted = aspects.map((aspect) => {
    const shape = Math.min(SHAPES[1], Math.max(SHAPES[0], aspect));
    return tile / shape + STRIP_CAPTION + TILE_GAP;
  });
  const total = wanted.reduce((sum, height) => sum + height, 0);
  const most = Math.max(LEAST_ROW * aspects.length, roomHeight * MOST_SHARE);
  const share = Math.min(1, most / Math.max(1, total));
  return wanted.map((height) => Math.round(height * share));
}
