import type { Label } from "../model/label";
import type { Disagreement, Mark } from "../model/review";
import type { LabelSchema } from "../model/schema";
import type { TaskFacts } from "../model/task";
import type { Ns } from "../model/time";
import type { KeptPreferences } from "./preferences";

/** What the page carries for the editor; the server's builders make the same shape. */
export interface EditorPayload {
  /** "view": nothing is decided on its page, the recording is looked at. */
  readonly mode: "annotate" | "review" | "view";
  readonly project: ProjectInfo;
  readonly episode: EpisodeInfo;
  readonly progress: { readonly position: number; readonly total: number } | null;
  readonly streams: readonly StreamInfo[];
  readonly signals: readonly SignalInfo[];
  readonly schema: LabelSchema;
  readonly sets: readonly LabelSetInfo[];
  readonly returned: Returned | null;
  readonly differences?: readonly Disagreement[];
  readonly review?: ReviewInfo;
  readonly urls: EditorUrls;
  readonly lease: Lease | null;
  readonly user: UserInfo;
  readonly vocabulary: readonly string[];
  /** Labels that the recording brought along, offered to a draft that has none of its own. */
  readonly found?: readonly Label[];
  /** Earlier episodes' instructions in their order, own ones first, objects as {0}, {1}. */
  readonly sequences?: readonly (readonly string[])[];
  /** What this person last handed in for the same task. */
  readonly previous?: PreviousLabels | null;
}

export interface PreviousLabels {
  readonly key: string;
  readonly duration_ns: Ns;
  readonly labels: readonly Label[];
}

export interface UserInfo {
  readonly id: string | number;
  readonly name: string;
  readonly preferences: KeptPreferences;
  readonly preferences_url: string;
}

export interface ProjectInfo {
  readonly id: string | number;
  readonly name: string;
  /** What annotators of this project should know, in plain text. */
  readonly guideline?: string;
  /** The same as HTML that the server has made safe. */
  readonly guideline_html?: string;
}

export interface EpisodeInfo {
  readonly id: string | number;
  readonly key: string;
  readonly task: string;
  readonly goals: TaskFacts["goals"];
  /** What texts are held to; empty when the task does not say. */
  readonly objects: readonly string[];
  /** What is offered for objects: the same, or guessed from the task's text. */
  readonly names: readonly string[];
  /** The task's usual instructions in their order. */
  readonly phrases: readonly string[];
  readonly duration_ns: Ns;
  readonly rate: readonly [number, number];
  readonly embodiment: string;
}

export interface StreamInfo {
  readonly id: string;
  readonly camera: string;
  readonly role: "external" | "wrist" | "egocentric" | "unknown";
  readonly width: number;
  readonly height: number;
  readonly index_url: string;
  readonly pack_url: string;
  readonly sprite: SpriteInfo | null;
  readonly reference: boolean;
}

export interface SpriteInfo {
  readonly url: string;
  readonly columns: number;
  readonly tile_width: number;
  readonly tile_height: number;
  readonly count: number;
  readonly times_ns: readonly Ns[];
}

export interface SignalDimension {
  readonly name: string;
  readonly unit: string;
  readonly group: string;
  /** What the embodiment says it measures, such as "gripper_aperture"; absent where none does. */
  readonly quantity?: string;
  /** What a growing value means, such as "opens". */
  readonly positive?: string;
}

export interface SignalInfo {
  readonly id: string;
  readonly name: string;
  readonly kind: string;
  readonly dimensions: readonly SignalDimension[];
  readonly samples: number;
  readonly layout_url: string;
  readonly tile_url: string;
  /** Where the pictures of a sound are described; null where there are none. */
  readonly spectrogram_url: string | null;
}

export interface LabelSetInfo {
  readonly id: string;
  readonly name: string;
  readonly role: "annotator" | "gold" | (string & {});
  readonly state: "draft" | "submitted" | (string & {});
  readonly revision: number;
  readonly editable: boolean;
  readonly labels: readonly Label[];
  readonly round: number;
}

/** Work that was sent back: why, and what to look at again. */
export interface Returned {
  readonly comment: string;
  readonly by: string;
  readonly points?: readonly ReworkPoint[];
}

export interface ReworkPoint {
  readonly label_id: string | null;
  readonly at_ns: Ns | null;
  readonly finding: string;
  readonly text: string;
  readonly comment: string;
}

/** What a reviewer decides here. `lanes` are the sets that are judged, in their order. */
export interface ReviewInfo {
  readonly version: number;
  readonly decidable: boolean;
  readonly blind: boolean;
  readonly lanes: readonly string[];
  /** The last word on each label, those taken back included. */
  readonly marks: readonly Mark[];
  /** Ways to begin a consensus, the usual one first. */
  readonly methods: readonly string[];
  readonly draft: {
    readonly id: number;
    readonly method: string;
    readonly sources: Readonly<Record<string, readonly string[]>>;
  } | null;
}

export interface EditorUrls {
  readonly save: string;
  readonly submit: string;
  readonly heartbeat: string;
  readonly release: string;
  /** Gives the episode away for a reason; absent where that cannot be. */
  readonly skip?: string;
  /** Asks what would come next; absent where nothing is claimed. */
  readonly ahead?: string;
  readonly queue: string;
  readonly verdict?: string;
  /** Takes verdicts on labels. */
  readonly marks?: string;
  /** Begins a consensus. */
  readonly adjudications?: string;
  /** Absent where nothing is talked about. */
  readonly comments?: string;
  /** One comment, by its id at the end. */
  readonly comment?: string;
  /** Claims the next episode; only by a form. */
  readonly next?: string;
  /** Takes reports of active time. */
  readonly activity?: string;
}

export interface Lease {
  readonly expires_at: string;
  readonly seconds: number;
}

export function readPayload(document: Document): EditorPayload {
  const text = document.getElementById("timeline-payload")?.textContent;
  if (!text)
    throw new Error("The page carries no episode. Go back to the queue and open it again.");
  return JSON.parse(text) as EditorPayload;
}

/** The page carries another episode from now on. */
export function writePayload(document: Document, payload: EditorPayload): void {
  const carrier = document.getElementById("timeline-payload");
  if (carrier) carrier.textContent = JSON.stringify(payload);
}
