/** Where the cameras of an episode lie: boxes in CSS pixels, in the order of the cameras given. */

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Box extends Size {
  readonly x: number;
  readonly y: number;
}

export type Mode = "large" | "grid";

const GAP = 2;
/** Shares of the room that the large camera may take; what shows most of all is chosen. */
const SHARES = [0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8];
/** A pixel of the large picture is worth this many of the small ones. */
const WORTH = 1.5;

/** A picture of that shape as large as it fits. */
export function fitted(aspect: number, room: Size): Size {
  const width = Math.min(room.width, room.height * aspect);
  return { width, height: width / aspect };
}

function area(aspect: number, room: Size): number {
  if (room.width <= 0 || room.height <= 0) return 0;
  const { width, height } = fitted(aspect, room);
  return width * height;
}

/** Cells of one size, row by row; the number of columns that shows most of the pictures. */
export function gridBoxes(aspects: readonly number[], room: Box): Box[] {
  let best: Box[] = [];
  let most = -1;
  for (let columns = 1; columns <= aspects.length; columns += 1) {
    const boxes = cells(aspects.length, columns, room);
    const shown = aspects.reduce((sum, aspect, i) => sum + area(aspect, boxes[i]!), 0);
    if (shown <= most) continue;
    most = shown;
    best = boxes;
  }
  return best;
}

function cells(count: number, columns: number, room: Box): Box[] {
  const rows = Math.ceil(count / columns);
  const width = (room.width - GAP * (columns - 1)) / columns;
  const height = (room.height - GAP * (rows - 1)) / rows;
  return Array.from({ length: count }, (_, i) => ({
    x: room.x + (i % columns) * (width + GAP),
    y: room.y + Math.floor(i / columns) * (height + GAP),
    width,
    height,
  }));
}

/** The first camera large, the others beside or below it, whichever shows more. */
function largeBoxes(aspects: readonly number[], room: Box): Box[] {
  const [first = 1, ...others] = aspects;
  if (others.length === 0) return aspects.map(() => room);
  let best: Box[] = [];
  let most = -1;
  for (const beside of [true, false]) {
    for (const share of SHARES) {
      const [large, rest] = beside ? splitWidth(room, share) : splitHeight(room, share);
      const boxes = gridBoxes(others, rest);
      const small = others.map((aspect, i) => area(aspect, boxes[i]!));
      const own = area(first, large);
      // The large one is the largest, whatever else would show more.
      if (small.some((each) => each > own * 1.001)) continue;
      const worth = own * WORTH + small.reduce((sum, each) => sum + each, 0);
      if (worth <= most) continue;
      most = worth;
      best = [large, ...boxes];
    }
  }
  return best.length > 0 ? best : gridBoxes(aspects, room);
}

function splitWidth(room: Box, share: number): [Box, Box] {
  const width = (room.width - GAP) * share;
  const x = room.x + width + GAP;
  return [
    { ...room, width },
    { ...room, x, width: room.width - GAP - width },
  ];
}

function splitHeight(room: Box, share: number): [Box, Box] {
  const height = (room.height - GAP) * share;
  const y = room.y + height + GAP;
  return [
    { ...room, height },
    { ...room, y, height: room.height - GAP - height },
  ];
}

/** A box for each camera, in the order given; `large` is the index of the large one. */
export function arrange(
  mode: Mode,
  aspects: readonly number[],
  large: number,
  { width, height }: Size,
): Box[] {
  const room = { x: 0, y: 0, width: Math.max(0, width), height: Math.max(0, height) };
  if (mode === "grid") return gridBoxes(aspects, room);
  const rest = aspects.map((_, i) => i).filter((i) => i !== large);
  const boxes = largeBoxes(
    [large, ...rest].map((i) => aspects[i] ?? 1),
    room,
  );
  return aspects.map((_, i) => boxes[i === large ? 0 : rest.indexOf(i) + 1]!);
}

/** The list with one item moved to another's place; the others keep their order. */
export function movedTo<T>(items: readonly T[], item: T, place: number): T[] {
  const rest = items.filter((each) => each !== item);
  if (rest.length === items.length) return [...items];
  const at = Math.max(0, Math.min(rest.length, place));
  return [...rest.slice(0, at), item, ...rest.slice(at)];
}
