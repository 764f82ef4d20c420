import { confirmed } from "../model/bulk";
import type { Candidate } from "../model/candidates";
import type { Diff } from "../model/diff";
import type { Field } from "../model/edits";
import type { Finding } from "../model/findings";
import { FrameGrid } from "../model/frames";
import { History } from "../model/history";
import type { Label } from "../model/label";
import { className, type LabelSchema } from "../model/schema";
import type { TaskFacts } from "../model/task";
import { formatSeconds, type Ns } from "../model/time";
import { Timeline } from "../model/timeline";
import type { EditorPayload, LabelSetInfo } from "../net/payload";
import type { SaveState } from "../net/savequeue";
import type { Track } from "../stage/host";
import { say } from "../words";
import type { Activity } from "./activity";
import { Checking } from "./checking";
import type { Reviewing } from "./reviewing";
import { Snapping } from "./snapping";
import type { StageView } from "./stageview";
import type { Dialog, Notice, Snapshot } from "./state";
import type { Talk } from "./talk";
import type { Transport } from "./transport";

const UNSAVED_YET: SaveState = {
  phase: "saved",
  changes: 0,
  conflicts: [],
  problem: null,
  retryInMs: null,
  offlineSince: null,
  kept: true,
};

const SNAP_SHOWN_MS = 1500;

type Mode = "gapFree" | "perHand";
const MODE_KEY = { gapFree: "touchline.gap-free", perHand: "touchline.per-hand" } as const;

type Own = Pick<
  Snapshot,
  | "effector"
  | "save"
  | "drawing"
  | "prefix"
  | "dialog"
  | "notice"
  | "difference"
  | "judged"
  | "review"
  | "point"
  | "submitting"
  | "editRequest"
  | "talk"
  | "thread"
  | "composing"
  | Mode
>;

/**
 * One opened episode: labels with their history, the selection, and what the chrome shows.
 * Commands, stage and React all go through it; none of them holds labels of its own.
 */
export class EditorSession {
  readonly history: History;
  readonly schema: LabelSchema;
  readonly editableSet: LabelSetInfo | null;
  readonly stage: { view: StageView | null } = { view: null };
  readonly snapping = new Snapping(localStorage);
  grid: FrameGrid;
  onCommitted: () => void = () => {};
  /** Set once the episode is open. */
  talk: Talk | null = null;
  reviewing: Reviewing | null = null;
  activity: Activity | null = null;
  private selection: ReadonlySet<string> = new Set();
  private readonly others: readonly Track[];
  private own: Own;
  private cached: Snapshot | null = null;
  private readonly checking = new Checking(this);
  private committedBefore: Timeline;
  private readonly listeners = new Set<() => void>();
  private readonly announcers = new Set<(text: string) => void>();

  constructor(
    readonly payload: EditorPayload,
    readonly transport: Transport,
    labels: readonly Label[],
  ) {
    this.schema = payload.schema;
    this.editableSet = payload.sets.find((set) => set.editable) ?? null;
    this.grid = FrameGrid.fromRate(payload.episode.rate, this.durationNs);
    this.history = new History(Timeline.of(labels), () => this.labelsChanged());
    this.committedBefore = this.history.committed;
    this.others = payload.sets
      .filter((set) => set !== this.editableSet)
      .map((set) => ({
        setId: set.id,
        name: set.name,
        editable: false,
        timeline: Timeline.of(set.labels),
      }));
    this.own = {
      effector: payload.schema.effectors[0]?.id ?? "",
      save: UNSAVED_YET,
      drawing: null,
      prefix: null,
      dialog: null,
      notice: null,
      difference: -1,
      judged: null,
      review: { marks: payload.review?.marks ?? [], waiting: 0, trouble: false, remark: 0 },
      point: -1,
      submitting: false,
      editRequest: 0,
      talk: null,
      thread: null,
      composing: 0,
      gapFree: localStorage.getItem(MODE_KEY.gapFree) === "on",
      perHand: localStorage.getItem(MODE_KEY.perHand) === "on",
    };
  }

  /** What the task says that labels are checked against. */
  get task(): TaskFacts {
    const { goals, objects } = this.payload.episode;
    return { goals: goals ?? [], objects: objects ?? [] };
  }

  /** A way of marking that stays for the episodes to come. */
  setMode(mode: Partial<Pick<Own, Mode>>): void {
    for (const [name, on] of Object.entries(mode)) {
      localStorage.setItem(MODE_KEY[name as Mode], on ? "on" : "off");
    }
    this.set(mode);
  }

  get durationNs(): Ns {
    return this.payload.episode.duration_ns;
  }

  get editable(): boolean {
    return this.editableSet !== null && this.own.save.phase !== "frozen";
  }

  /** Not while the labels are being handed in: what came later would be lost. */
  get changeable(): boolean {
    return this.editable && !this.own.submitting;
  }

  get field(): Field {
    return { schema: this.schema, durationNs: this.durationNs, leastNs: this.grid.periodNs };
  }

  // What is shown.

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly snapshot = (): Snapshot => {
    this.cached ??= this.build();
    return this.cached;
  };

  set(values: Partial<Own>): void {
    this.own = { ...this.own, ...values };
    this.changed();
  }

  changed(): void {
    this.cached = null;
    for (const listener of this.listeners) listener();
    this.stage.view?.invalidate();
  }

  onAnnounce(announcer: (text: string) => void): () => void {
    this.announcers.add(announcer);
    return () => this.announcers.delete(announcer);
  }

  /** Says something to those who listen instead of looking. */
  announce(text: string): void {
    for (const announcer of this.announcers) announcer(text);
  }

  notify(notice: Notice | null): void {
    this.set({ notice });
  }

  openDialog(dialog: Dialog | null): void {
    this.set({ dialog });
  }

  get findings(): readonly Finding[] {
    return this.checking.findings;
  }

  private get tracks(): readonly Track[] {
    if (!this.editableSet) return this.others;
    const { id, name } = this.editableSet;
    return [{ setId: id, name, editable: true, timeline: this.history.timeline }, ...this.others];
  }

  private build(): Snapshot {
    const { tracks } = this;
    const labels = this.editableSet
      ? this.history.timeline.labels
      : tracks.flatMap((track) => track.timeline.labels);
    return {
      ...this.own,
      tracks,
      labels,
      editable: this.editable,
      selected: this.selection,
      primary: this.primary(),
      findings: this.checking.soFar,
      playing: this.transport.playing,
      looping: this.transport.loop !== null,
      snapping: this.snapping.on,
      rate: this.transport.rate,
      undoName: this.history.undoName,
      redoName: this.history.redoName,
      camera: this.stage.view?.cameraName ?? "",
    };
  }

  // Selection.

  find(id: string): Label | undefined {
    for (const track of this.tracks) {
      const label = track.timeline.get(id);
      if (label) return label;
    }
    return undefined;
  }

  primary(): Label | null {
    const id = [...this.selection].at(-1);
    return (id !== undefined && this.find(id)) || null;
  }

  select(labelId: string | null, additive = false): void {
    const next = new Set(additive ? this.selection : []);
    if (labelId !== null) {
      if (additive && next.has(labelId)) next.delete(labelId);
      else next.add(labelId);
    }
    this.selection = next;
    this.changed();
  }

  selectMany(ids: Iterable<string>): void {
    this.selection = new Set(ids);
    this.changed();
  }

  /** Selects a label and goes to it, wherever that was asked for. */
  jumpTo(labelId: string | null, at: Ns | null): void {
    if (labelId !== null) this.select(labelId);
    if (at === null) return;
    this.transport.pause();
    this.seek(at);
    this.stage.view?.reveal(at);
  }

  describe(label: Label): string {
    const name = className(this.schema, label.label_class);
    const text = label.text ? `, ${label.text}` : "";
    if (label.start_ns === null) return name + text;
    const said = { class: name, time: formatSeconds(label.start_ns) };
    if (label.end_ns === null) return say("{class} at {time} seconds", said) + text;
    const end = formatSeconds(label.end_ns);
    return say("{class} from {time} to {end} seconds", { ...said, end }) + text;
  }

  // Changes.

  /** Makes one undoable step, says so, and selects what is new. False when nothing changed. */
  perform(name: string, diff: Diff | null, select: string | null = null): boolean {
    if (!this.changeable || !diff) return false;
    if (!this.history.perform(name, confirmed(diff, this.history.timeline))) return false;
    if (select !== null) this.select(select);
    this.announce(name);
    return true;
  }

  undo(): void {
    if (this.own.submitting) return;
    const step = this.history.undo();
    if (step) this.activity?.undone();
    if (step) this.selectMany(step.backward.put.map((label) => label.id));
    this.announce(step ? say("Undone: {name}", { name: step.name }) : say("Nothing to undo"));
  }

  redo(): void {
    if (this.own.submitting) return;
    const step = this.history.redo();
    if (step) this.selectMany(step.forward.put.map((label) => label.id));
    this.announce(step ? say("Done again: {name}", { name: step.name }) : say("Nothing to redo"));
  }

  private labelsChanged(): void {
    const { committed, timeline } = this.history;
    if (committed !== this.committedBefore) {
      this.committedBefore = committed;
      this.onCommitted();
    }
    const kept = [...this.selection].filter((id) => timeline.has(id) || this.find(id));
    if (kept.length !== this.selection.size) this.selection = new Set(kept);
    this.changed();
  }

  /** What signals tell of, in the order of time; as much of it as has been looked through. */
  get candidates(): readonly Candidate[] {
    return this.stage.view?.timeline.signals.finder.all ?? [];
  }

  /** Where a mark at the playhead's frame lies; shown for a moment when it is no frame. */
  snapMark(frameNs: Ns, toleranceNs: Ns): Ns {
    const { playing } = this.transport;
    const found = this.snapping.mark(frameNs, this.grid, this.candidates, toleranceNs, playing);
    if (found.to === "candidate") this.stage.view?.timeline.showSnap(found, SNAP_SHOWN_MS);
    return found.at;
  }

  seek(t: Ns): void {
    this.transport.seek(this.grid.timeOf(this.grid.frameAt(t)));
  }

  /** Opens a label's text, or the first thing its class asks for. */
  edit(labelId: string): void {
    this.select(labelId);
    this.set({ editRequest: this.own.editRequest + 1 });
  }
}
