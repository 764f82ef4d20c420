import type { Finding } from "../model/findings";
import type { Label } from "../model/label";
import type { Mark } from "../model/review";
import type { Threads } from "../net/comments";
import type { SaveState } from "../net/savequeue";
import type { Track } from "../stage/host";

export type Dialog =
  | "help"
  | "palette"
  | "menu"
  | "goto"
  | "guideline"
  | "settings"
  | "lanes"
  | "skip";

export interface NoticeAction {
  readonly name: string;
  readonly run: () => void;
}

/** Something the person has to know: what it is, and what can be done about it. */
export interface Notice {
  readonly tone: "info" | "error";
  readonly text: string;
  readonly remedy?: string;
  readonly actions?: readonly NoticeAction[];
}

/** Verdicts as they stand here, and how many of them the server does not have yet. */
export interface ReviewState {
  readonly marks: readonly Mark[];
  readonly waiting: number;
  readonly trouble: boolean;
  /** Grows when a comment on a verdict is to be written. */
  readonly remark: number;
}

/** What the chrome shows. Immutable, made anew on change; the playhead's time is never part of it. */
export interface Snapshot {
  readonly tracks: readonly Track[];
  readonly labels: readonly Label[];
  readonly editable: boolean;
  readonly selected: ReadonlySet<string>;
  readonly primary: Label | null;
  readonly effector: string;
  readonly findings: readonly Finding[];
  readonly save: SaveState;
  readonly playing: boolean;
  readonly rate: number;
  /** A stretch is played over and over. */
  readonly looping: boolean;
  /** Marks and edges go onto candidates and label edges. */
  readonly snapping: boolean;
  readonly drawing: { readonly labelClass: string; readonly fromNs: number } | null;
  /** The first key of a two-key command, waiting for the second. */
  readonly prefix: string | null;
  readonly dialog: Dialog | null;
  readonly notice: Notice | null;
  readonly difference: number;
  /** Of a difference's labels, the one that verdicts are about. */
  readonly judged: string | null;
  readonly review: ReviewState;
  /** The point of a rework gone to last. */
  readonly point: number;
  readonly submitting: boolean;
  readonly undoName: string | null;
  readonly redoName: string | null;
  readonly camera: string;
  /** Segments tile their track. */
  readonly gapFree: boolean;
  /** New segments belong to the effector that is chosen. */
  readonly perHand: boolean;
  /** Grows when the text of the selected label is to be typed. */
  readonly editRequest: number;
  /** Null until it is loaded. */
  readonly talk: Threads | null;
  /** The comment gone to last. */
  readonly thread: string | null;
  /** Grows with each comment begun; 0: none is being written. */
  readonly composing: number;
}
