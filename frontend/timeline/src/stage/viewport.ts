import type { Ns } from "../model/time";

/** The stretch of the episode on the screen, and where in pixels. Immutable. */
export interface Viewport {
  readonly fromNs: Ns;
  readonly toNs: Ns;
  readonly durationNs: Ns;
  /** The left edge and width of the plot, beside the lane names. */
  readonly left: number;
  readonly width: number;
}

// A little air on both sides, so that an edge at the very start or end can be seen and caught.
const AIR = 0.01;
const LEAST_SPAN_NS = 20_000_000;

export function fitAll(view: Viewport): Viewport {
  const air = view.durationNs * AIR;
  return { ...view, fromNs: -air, toNs: view.durationNs + air };
}

export function xOf(view: Viewport, t: Ns): number {
  return view.left + ((t - view.fromNs) / (view.toNs - view.fromNs)) * view.width;
}

export function tOf(view: Viewport, x: number): Ns {
  return view.fromNs + ((x - view.left) / view.width) * (view.toNs - view.fromNs);
}

export function nsPerPixel(view: Viewport): Ns {
  return (view.toNs - view.fromNs) / Math.max(1, view.width);
}

function within(view: Viewport, fromNs: Ns, spanNs: Ns): Viewport {
  const air = view.durationNs * AIR;
  const full = view.durationNs + 2 * air;
  const span = Math.min(full, Math.max(Math.min(LEAST_SPAN_NS, full), spanNs));
  const from = Math.min(Math.max(-air, fromNs), view.durationNs + air - span);
  return { ...view, fromNs: from, toNs: from + span };
}

/** Zooms by a factor (above 1: closer) with the time under `t` standing still. */
export function zoomAt(view: Viewport, t: Ns, factor: number): Viewport {
  const span = (view.toNs - view.fromNs) / factor;
  const share = (t - view.fromNs) / (view.toNs - view.fromNs);
  return within(view, t - share * span, span);
}

export function panBy(view: Viewport, ns: Ns): Viewport {
  return within(view, view.fromNs + ns, view.toNs - view.fromNs);
}

export function showRange(view: Viewport, fromNs: Ns, toNs: Ns): Viewport {
  return within(view, fromNs, toNs - fromNs);
}

/** The same span, moved as little as needed to have t well inside. */
export function reveal(view: Viewport, t: Ns): Viewport {
  const span = view.toNs - view.fromNs;
  const margin = span * 0.06;
  if (t < view.fromNs + margin) return within(view, t - margin, span);
  if (t > view.toNs - margin) return within(view, t + margin - span, span);
  return view;
}

/** Follows a running playhead by turning the page, not by sliding under the eye. */
export function follow(view: Viewport, t: Ns): Viewport {
  if (t >= view.fromNs && t <= view.toNs) return view;
  const span = view.toNs - view.fromNs;
  return within(view, t < view.fromNs ? t - span * 0.9 : t - span * 0.1, span);
}

export function resize(view: Viewport, left: number, width: number): Viewport {
  return { ...view, left, width: Math.max(1, width) };
}
