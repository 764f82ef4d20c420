import type { Label } from "../model/label";
import type { Ns } from "../model/time";
import type { Grip } from "./host";
import { indexOf } from "./laneindex";
import type { LabelLane, Lane } from "./lanes";
import { tOf, type Viewport, xOf } from "./viewport";

export interface Hit {
  readonly lane: Lane | null;
  readonly label: Label | null;
  /** What a drag from here would move; null where the label only can be selected. */
  readonly grip: Grip | null;
}

const EDGE_PX = 6;
const INSTANT_PX = 9;
export const SPAN_ROW_PX = 22;

/** The labels that a pointer at x may mean. */
function near(lane: LabelLane, view: Viewport, x: number, reach: number): readonly Label[] {
  return indexOf(lane.labels).within(tOf(view, x - reach), tOf(view, x + reach));
}

function nearestInstant(lane: LabelLane, view: Viewport, x: number): Hit {
  let best: Label | null = null;
  let distance = INSTANT_PX;
  for (const label of near(lane, view, x, INSTANT_PX)) {
    const d = Math.abs(xOf(view, label.start_ns ?? 0) - x);
    if (d <= distance) [best, distance] = [label, d];
  }
  return { lane, label: best, grip: best && { labelId: best.id, part: "instant" } };
}

/** An edge wins within a few pixels; a selected label's edge over its neighbour's. */
function nearestRange(
  lane: LabelLane,
  view: Viewport,
  x: number,
  y: number,
  selected: ReadonlySet<string>,
): Hit {
  const row = lane.kind === "spans" ? Math.floor((y - lane.top - 2) / SPAN_ROW_PX) : 0;
  let inside: Label | null = null;
  let grip: { label: Label; part: "start" | "end"; distance: number } | null = null;
  for (const label of near(lane, view, x, EDGE_PX)) {
    if ((lane.rows.get(label.id) ?? 0) !== row) continue;
    const [from, to] = [xOf(view, label.start_ns ?? 0), xOf(view, label.end_ns ?? 0)];
    if (x >= from && x < to) inside = label;
    // In a range of few pixels the middle third is left to selecting it.
    const reach = Math.min(EDGE_PX, Math.max(2, (to - from) / 3));
    for (const [part, at] of [
      ["start", from],
      ["end", to],
    ] as const) {
      const away = Math.abs(x - at);
      const outside = part === "start" ? x < at : x >= at;
      if (away > (outside ? EDGE_PX : reach)) continue;
      const distance = away - (selected.has(label.id) ? EDGE_PX : 0) + (outside ? 0.5 : 0);
      if (!grip || distance < grip.distance) grip = { label, part, distance };
    }
  }
  if (grip) return { lane, label: grip.label, grip: { labelId: grip.label.id, part: grip.part } };
  return { lane, label: inside, grip: null };
}

export function laneAt(lanes: readonly Lane[], y: number): Lane | null {
  return lanes.find((lane) => y >= lane.top && y < lane.top + lane.height) ?? null;
}

/** What lies under a point of the lanes; y counts from the top of the first lane. */
export function hitTest(
  lanes: readonly Lane[],
  view: Viewport,
  x: number,
  y: number,
  selected: ReadonlySet<string>,
): Hit {
  const lane = laneAt(lanes, y);
  if (!lane || x < view.left) return { lane, label: null, grip: null };
  if (lane.kind === "instants") return nearestInstant(lane, view, x);
  if (lane.kind === "segments" || lane.kind === "spans") {
    return nearestRange(lane, view, x, y, selected);
  }
  return { lane, label: null, grip: null };
}

/** Round steps for a time axis: 1, 2 or 5 times a power of ten seconds, at least `leastPx` apart. */
export function axisStep(nsPerPx: number, leastPx: number): Ns {
  const least = nsPerPx * leastPx;
  const power = 10 ** Math.floor(Math.log10(least));
  return [1, 2, 5, 10].map((n) => n * power).find((step) => step >= least) ?? 10 * power;
}
