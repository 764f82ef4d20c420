import type { Candidate } from "../model/candidates";
import type { FrameGrid } from "../model/frames";
import { type Snap, snapMark } from "../model/snapping";
import { NS_PER_MS, type Ns } from "../model/time";

const STORED = "touchline.snapping";
// A hand is late by less than this; what lies further off was not what it meant.
const HAND_NS = 100 * NS_PER_MS;

/** Whether marks and edges go onto candidates and label edges; suppressed for as long as Alt is held. */
export class Snapping {
  private wanted: boolean;
  /** Alt is held. */
  held = false;

  constructor(private readonly shelf: Pick<Storage, "getItem" | "setItem">) {
    this.wanted = shelf.getItem(STORED) !== "off";
  }

  get on(): boolean {
    return this.wanted;
  }

  get active(): boolean {
    return this.wanted && !this.held;
  }

  toggle(): boolean {
    this.wanted = !this.wanted;
    this.shelf.setItem(STORED, this.wanted ? "on" : "off");
    return this.wanted;
  }

  /** Where a mark at the playhead's frame lies, for a class of that tolerance. */
  mark(
    frameNs: Ns,
    grid: FrameGrid,
    candidates: readonly Candidate[],
    toleranceNs: Ns,
    playing: boolean,
  ): Snap {
    if (!this.active) return { at: frameNs, to: "frame" };
    return snapMark(frameNs, grid, candidates, Math.min(HAND_NS, toleranceNs), playing);
  }
}
