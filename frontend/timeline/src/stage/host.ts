import type { Edge } from "../model/edits";
import type { FrameGrid } from "../model/frames";
import type { PicturePoint } from "../model/points";
import type { LabelSchema } from "../model/schema";
import type { Snap } from "../model/snapping";
import type { Ns } from "../model/time";
import type { Timeline } from "../model/timeline";

/** One set of labels as it is shown: the editable one, or another's beside it. */
export interface Track {
  readonly setId: string;
  /** Whose it is; shown where several sets lie side by side. */
  readonly name: string;
  readonly editable: boolean;
  readonly timeline: Timeline;
}

export interface StageState {
  readonly schema: LabelSchema;
  readonly durationNs: Ns;
  readonly grid: FrameGrid;
  readonly tracks: readonly Track[];
  readonly selected: ReadonlySet<string>;
  /** Where something is wrong or different: ticked on the overview. */
  readonly marks: readonly Ns[];
  /** Where comments are open: ticked on the ruler. */
  readonly comments: readonly Ns[];
  /** The stretch that a chosen difference is about. */
  readonly band: { readonly fromNs: Ns; readonly toNs: Ns } | null;
  /** What is played over and over. */
  readonly loop: { readonly startNs: Ns; readonly endNs: Ns } | null;
  /** A range being drawn by a held key, from its start to the playhead. */
  readonly drawing: { readonly labelClass: string; readonly fromNs: Ns } | null;
}

export interface Grip {
  readonly labelId: string;
  readonly part: Edge | "instant";
}

/** What the stage asks of the editor. It changes nothing by itself. */
export interface StageHost {
  state(): StageState;
  seek(t: Ns): void;
  scrub(active: boolean): void;
  select(labelId: string | null, additive: boolean): void;
  edit(labelId: string): void;
  beginDrag(grip: Grip): boolean;
  /** Where the drag has put the edge, snapped; null when nothing can move. */
  drag(t: Ns, reachNs: Ns, suppressed: boolean): Snap | null;
  endDrag(): void;
  bailDrag(): void;
  /** Puts the selected label's point in a camera's picture, in stored pixels; null takes it away. */
  point(camera: string, at: PicturePoint | null): void;
  /** Says something to those who listen instead of looking. */
  announce(text: string): void;
}
