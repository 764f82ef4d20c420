import { type Diff, isEmpty, without } from "../model/diff";
import { type Label, sameLabel } from "../model/label";
import { type Conflict, merge } from "../model/merge";
import { diffBetween, Timeline } from "../model/timeline";
import type { Problem, SaveAnswer, SaveRequest } from "./api";
import type { Draft, DraftStore } from "./drafts";
import type { Opening } from "./recovery";

export type SavePhase =
  | "saved"
  | "waiting"
  | "saving"
  | "offline"
  | "refused"
  | "lease_lost"
  | "frozen";

export interface SaveState {
  readonly phase: SavePhase;
  /** Labels that differ from what the server is known to hold. */
  readonly changes: number;
  readonly conflicts: readonly Conflict[];
  readonly problem: Problem | null;
  readonly retryInMs: number | null;
  /** False when the browser lets us keep nothing: a reload would lose what is not saved. */
  readonly kept: boolean;
}

export interface Labels {
  readonly committed: Timeline;
  absorb(diff: Diff): void;
  perform(name: string, diff: Diff): boolean;
}

export interface SaveQueueOptions {
  readonly setId: string;
  readonly clientId: string;
  readonly labels: Labels;
  readonly opening: Opening;
  readonly drafts: DraftStore;
  readonly send: (request: SaveRequest) => Promise<SaveAnswer>;
  readonly newId: () => string;
  readonly onState: (state: SaveState) => void;
}

const AUTOSAVE_MS = 400;
// Phases in which a change alone starts nothing: a timer runs already, or a person has to act.
const UNWAKING: ReadonlySet<SavePhase> = new Set(["saved", "offline", "lease_lost", "frozen"]);
const BACK_OFF_MS = [1_000, 2_000, 4_000, 8_000, 15_000, 30_000];

/**
 * Carries committed labels to the server, one request at a time. The draft in the browser is
 * written before anything is sent; a request keeps its id until it is answered, so that sending
 * it twice changes nothing; a stale one is merged, label by label, and sent anew.
 */
export class SaveQueue {
  private base: Timeline;
  private revision: number;
  private flight: SaveRequest | null;
  private news: Opening["news"];
  private readonly disputed: Set<string>;
  private phase: SavePhase = "saved";
  private problem: Problem | null = null;
  private attempts = 0;
  private retryInMs: number | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private pumping: Promise<void> | null = null;
  private writing: Promise<void> = Promise.resolve();
  private kept: boolean;
  private closed = false;

  constructor(private readonly options: SaveQueueOptions) {
    const { opening } = options;
    this.base = Timeline.of(opening.base);
    this.revision = opening.revision;
    this.flight = opening.flight;
    this.news = opening.news;
    this.disputed = new Set(opening.disputed);
    this.kept = options.drafts.durable;
  }

  get baseRevision(): number {
    return this.revision;
  }

  /** Whether leaving the page now would leave something behind. */
  get unsaved(): boolean {
    return this.flight !== null || this.disputed.size > 0 || !isEmpty(this.pending());
  }

  /** Sends what an earlier visit left behind. */
  start(): void {
    if (this.unsaved || this.news) void this.pump();
    else this.publish();
  }

  /** To be called after every change of the labels. */
  changed(): void {
    if (this.closed) return;
    this.settleDisputes();
    if (this.unsaved) void this.keepDraft();
    if (this.unsaved && (this.phase === "saved" || this.phase === "refused"))
      this.phase = "waiting";
    this.publish();
    if (this.timer === undefined && !UNWAKING.has(this.phase)) this.wake(AUTOSAVE_MS);
  }

  /** Sends everything now; resolves when it is through or cannot go on by itself. */
  async flush(): Promise<SaveState> {
    await this.pump();
    return this.state();
  }

  /** Another try, asked for by a person or by the network coming back. */
  retry(): Promise<SaveState> {
    this.attempts = 0;
    if (this.phase !== "frozen") this.phase = "waiting";
    return this.flush();
  }

  /** What the server holds now, learnt elsewhere: taken in before anything more is sent. */
  learn(revision: number, labels: readonly Label[]): Promise<SaveState> {
    this.news = { revision, labels };
    return this.flush();
  }

  loseLease(problem: Problem): void {
    this.stop("lease_lost", problem);
    this.publish();
  }

  /** Settles a conflict. Both: mine stays as a label of its own beside theirs. */
  resolve(id: string, choice: "mine" | "theirs" | "both"): void {
    if (!this.disputed.delete(id)) return;
    const { labels, newId } = this.options;
    const theirs = this.base.get(id);
    const mine = labels.committed.get(id);
    if (choice !== "mine") {
      const copy = choice === "both" && mine ? [{ ...mine, id: newId() }] : [];
      const put = theirs ? [theirs, ...copy] : copy;
      labels.perform("Settle a conflict", { put, remove: theirs ? [] : [id] });
    }
    this.changed();
    this.publish();
  }

  conflicts(): Conflict[] {
    const mine = this.options.labels.committed;
    return [...this.disputed].map((id) => ({
      id,
      base: undefined,
      mine: mine.get(id),
      theirs: this.base.get(id),
    }));
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
  }

  state(): SaveState {
    const changes = diffBetween(this.base, this.options.labels.committed);
    return {
      phase: this.phase,
      changes: changes.put.length + changes.remove.length,
      conflicts: this.conflicts(),
      problem: this.problem,
      retryInMs: this.retryInMs,
      kept: this.kept,
    };
  }

  private publish(): void {
    if (!this.closed) this.options.onState(this.state());
  }

  private wake(delayMs: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.timer = undefined;
      void this.pump();
    }, delayMs);
  }

  private pending(): Diff {
    return without(diffBetween(this.base, this.options.labels.committed), this.disputed);
  }

  private pump(): Promise<void> {
    this.pumping ??= this.run().finally(() => {
      this.pumping = null;
      this.publish();
    });
    return this.pumping;
  }

  private async run(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    while (!this.closed && this.phase !== "frozen") {
      if (!this.flight && this.news) this.takeIn(this.news.revision, Timeline.of(this.news.labels));
      this.flight ??= this.nextFlight();
      if (!this.flight) return this.rest();
      this.phase = "saving";
      this.publish();
      await this.keepDraft();
      const answer = await this.options.send(this.flight);
      if (this.closed || !this.take(answer)) return;
    }
  }

  private nextFlight(): SaveRequest | null {
    const diff = this.pending();
    if (isEmpty(diff)) return null;
    const { clientId, newId } = this.options;
    return {
      base_revision: this.revision,
      request_id: newId(),
      client_id: clientId,
      ...diff,
    };
  }

  /** Acts on an answer; true when there may be more to send. */
  private take(answer: SaveAnswer): boolean {
    const flight = this.flight;
    if (!flight) return false;
    if (answer.kind === "unreachable") {
      this.backOff();
      return false;
    }
    this.flight = null;
    this.attempts = 0;
    this.retryInMs = null;
    if (answer.kind === "saved") {
      this.base = this.base.apply(flight);
      this.revision = answer.revision;
      this.problem = null;
      return true;
    }
    if (answer.kind === "stale") {
      this.takeIn(answer.revision, Timeline.of(answer.labels));
      return true;
    }
    this.stop(answer.kind, answer.problem);
    void this.keepDraft();
    return false;
  }

  /** Brings in what the server holds. Labels changed on both sides wait for a decision. */
  private takeIn(revision: number, theirs: Timeline): void {
    this.news = null;
    if (revision <= this.revision) return;
    const { diff, conflicts } = merge(this.base, this.options.labels.committed, theirs);
    for (const { id } of conflicts) this.disputed.add(id);
    this.base = theirs;
    this.revision = revision;
    this.options.labels.absorb(diff);
    this.settleDisputes();
  }

  private settleDisputes(): void {
    const mine = this.options.labels.committed;
    for (const id of this.disputed) {
      if (sameLabel(mine.get(id), this.base.get(id))) this.disputed.delete(id);
    }
  }

  private backOff(): void {
    this.phase = "offline";
    this.retryInMs = BACK_OFF_MS[Math.min(this.attempts, BACK_OFF_MS.length - 1)]!;
    this.attempts += 1;
    this.wake(this.retryInMs);
  }

  private stop(phase: "lease_lost" | "frozen" | "refused", problem: Problem): void {
    this.phase = phase;
    this.problem = problem;
  }

  private rest(): void {
    this.phase = "saved";
    this.problem = null;
    if (this.disputed.size > 0) void this.keepDraft();
    else this.dropDraft();
  }

  private draft(): Draft {
    return {
      set_id: this.options.setId,
      client_id: this.options.clientId,
      written_at: Date.now(),
      base_revision: this.revision,
      base: this.base.labels,
      labels: this.options.labels.committed.labels,
      flight: this.flight,
      disputed: [...this.disputed],
    };
  }

  /** One write at a time, in order. A full disk must not keep labels from the server. */
  private keepDraft(): Promise<void> {
    this.writing = this.writing
      .then(() => this.options.drafts.write(this.draft()))
      .then(
        () => {
          this.kept = this.options.drafts.durable;
        },
        () => {
          this.kept = false;
        },
      );
    return this.writing;
  }

  private dropDraft(): void {
    const { drafts, setId, clientId } = this.options;
    this.writing = this.writing.then(() => drafts.remove(setId, clientId)).catch(() => {});
  }
}
