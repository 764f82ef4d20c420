import type { FrameGrid } from "./frames";
import type { Ns } from "./time";
import type { Timeline } from "./timeline";

export interface Snap {
  readonly at: Ns;
  readonly to: "edge" | "frame" | "none";
}

export interface SnapOptions {
  /** How near an edge has to be to win over the nearest frame. */
  readonly reachNs: Ns;
  /** Whether the end of the episode is a place to be: for ends, not for instants. */
  readonly end?: boolean;
  readonly suppressed?: boolean;
}

/** Times another label offers to the one being dragged: all edges but its own. */
export function snapEdges(timeline: Timeline, exceptIds: ReadonlySet<string>): Ns[] {
  const others = timeline.labels.filter((label) => !exceptIds.has(label.id));
  return [...new Set(others.flatMap((label) => [label.start_ns, label.end_ns]))]
    .filter((at) => at !== null)
    .sort((a, b) => a - b);
}

/** Where a mark put down at t goes: onto a near edge of another label, or else onto a frame. */
export function snap(t: Ns, grid: FrameGrid, edges: readonly Ns[], options: SnapOptions): Snap {
  const inside = Math.min(Math.max(0, Math.round(t)), grid.durationNs);
  if (options.suppressed) return { at: inside, to: "none" };
  let best: Ns | null = null;
  for (const edge of edges) {
    const distance = Math.abs(edge - t);
    if (distance <= options.reachNs && (best === null || distance < Math.abs(best - t)))
      best = edge;
  }
  if (best !== null && (options.end || best < grid.durationNs)) return { at: best, to: "edge" };
  return { at: grid.nearest(inside, options.end), to: "frame" };
}
