import { type Diff, isEmpty, without } from "../model/diff";
import type { Step, Steps, Way } from "../model/history";
import type { Label } from "../model/label";
import { type Choice, type Conflict, type Dispute, merge, settlement } from "../model/merge";
import { diffBetween, Timeline } from "../model/timeline";
import { say } from "../words";
import type { Problem, SaveAnswer, SaveRequest } from "./api";
import { Disputes } from "./disputes";
import type { About, Draft, DraftStore } from "./drafts";
import type { Opening } from "./recovery";
import { StepLog } from "./steplog";

export type SavePhase =
  | "saved"
  | "waiting"
  | "saving"
  | "offline"
  | "refused"
  | "signed_out"
  | "lease_lost"
  | "frozen";

export interface SaveState {
  readonly phase: SavePhase;
  /** Labels that differ from what the server is known to hold. */
  readonly changes: number;
  readonly conflicts: readonly Conflict[];
  readonly problem: Problem | null;
  readonly retryInMs: number | null;
  /** Wall time at which the server was first not reached; null while it is. */
  readonly offlineSince: number | null;
  /** False when the browser lets us keep nothing: a reload would lose what is not saved. */
  readonly kept: boolean;
}

export interface Labels {
  readonly committed: Timeline;
  readonly kept: Steps;
  onTravel: (step: Step, way: Way) => void;
  absorb(diff: Diff): void;
  perform(name: string, diff: Diff, settles?: Dispute): boolean;
}

/** A save that the server took, for other tabs on the same set. */
export interface Accepted extends Diff {
  readonly from: number;
  readonly to: number;
}

export interface SaveQueueOptions {
  readonly setId: string;
  readonly clientId: string;
  readonly userId: string;
  readonly about: About;
  readonly labels: Labels;
  readonly opening: Opening;
  readonly drafts: DraftStore;
  readonly send: (request: SaveRequest) => Promise<SaveAnswer>;
  readonly newId: () => string;
  readonly onState: (state: SaveState) => void;
  readonly onAccepted?: (accepted: Accepted) => void;
}

const AUTOSAVE_MS = 400;
// Phases in which a change alone starts nothing: a timer runs already, or a person has to act.
const UNWAKING: ReadonlySet<SavePhase> = new Set([
  "saved",
  "offline",
  "signed_out",
  "lease_lost",
  "frozen",
]);
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
  private readonly disputes: Disputes;
  private readonly log: StepLog;
  private phase: SavePhase = "saved";
  private problem: Problem | null = null;
  private attempts = 0;
  private retryInMs: number | null = null;
  private offlineSince: number | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private pumping: Promise<void> | null = null;
  private writing: Promise<void> = Promise.resolve();
  private nextWrite: Promise<void> | null = null;
  private drafted: boolean;
  private kept: boolean;
  private closed = false;

  constructor(private readonly options: SaveQueueOptions) {
    const { opening, labels } = options;
    this.base = Timeline.of(opening.base);
    this.revision = opening.revision;
    this.flight = opening.flight;
    this.news = opening.news;
    this.disputes = new Disputes(opening.disputed);
    this.log = new StepLog(opening.stored);
    this.drafted = opening.recovered > 0;
    this.kept = options.drafts.durable;
    labels.onTravel = (step, way) => this.disputes.travelled(step, way);
  }

  get baseRevision(): number {
    return this.revision;
  }

  /** Whether the server lacks something that is here. */
  get unsaved(): boolean {
    return this.flight !== null || this.disputes.size > 0 || !isEmpty(this.pending());
  }

  /** Sends what an earlier visit left behind. */
  start(): void {
    if (this.unsaved || this.news) void this.pump();
    else this.publish();
  }

  /** To be called after every change of the labels. */
  changed(): void {
    if (this.closed) return;
    this.disputes.settle(this.options.labels.committed);
    void this.keep();
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

  /**
   * What another tab's save did. False when it does not join on to what is known here, and the
   * whole set has to be asked for.
   */
  hear(accepted: Accepted): boolean {
    if (accepted.to <= this.revision) return true;
    if (accepted.from !== this.revision || this.flight) return false;
    void this.learn(accepted.to, this.base.apply(accepted).labels);
    return true;
  }

  loseLease(problem: Problem): void {
    this.stop("lease_lost", problem);
    this.publish();
  }

  signedOut(problem: Problem): void {
    if (this.phase === "frozen") return;
    this.stop("signed_out", problem);
    this.publish();
  }

  /** The set was handed in elsewhere: it takes nothing more. */
  freeze(problem: Problem | null): void {
    this.stop("frozen", problem);
    this.publish();
  }

  /** Settles a conflict, as a step that undo takes back. */
  resolve(id: string, choice: Choice): void {
    const dispute = this.disputes.take(id);
    if (!dispute) return;
    const { labels, newId } = this.options;
    const diff = settlement(dispute, labels.committed.get(id), choice, newId());
    labels.perform(say("Settle a conflict"), diff, dispute);
    this.changed();
  }

  /** Forgets steps and draft here: the work is handed in, or given up by the person. */
  async forget(): Promise<void> {
    const { drafts, setId, clientId } = this.options;
    this.close();
    await this.writing;
    await drafts.remove(setId, clientId).catch(() => {});
  }

  /** Resolves when what was written here is through. */
  get settledHere(): Promise<void> {
    return this.writing;
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
    this.options.labels.onTravel = () => {};
  }

  state(): SaveState {
    const changes = diffBetween(this.base, this.options.labels.committed);
    return {
      phase: this.phase,
      changes: changes.put.length + changes.remove.length,
      conflicts: this.disputes.conflicts(this.options.labels.committed),
      problem: this.problem,
      retryInMs: this.retryInMs,
      offlineSince: this.offlineSince,
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
    const { labels } = this.options;
    return without(diffBetween(this.base, labels.committed), this.disputes.ids);
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
      await this.keep();
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
    this.attempts = 0;
    this.retryInMs = null;
    this.offlineSince = null;
    if (answer.kind === "signed_out") {
      // Not looked at by anybody who could have refused it: it stays as it is, under its id.
      this.stop("signed_out", answer.problem);
      return false;
    }
    this.flight = null;
    if (answer.kind === "saved") {
      this.accept(flight, answer.revision);
      return true;
    }
    if (answer.kind === "stale") {
      this.takeIn(answer.revision, Timeline.of(answer.labels));
      return true;
    }
    this.stop(answer.kind, answer.problem);
    void this.keep();
    return false;
  }

  private accept(flight: SaveRequest, revision: number): void {
    const from = this.revision;
    this.base = this.base.apply(flight);
    this.revision = revision;
    this.problem = null;
    const { put, remove } = flight;
    this.options.onAccepted?.({ from, to: revision, put, remove });
  }

  /** Brings in what the server holds. Labels changed on both sides wait for a decision. */
  private takeIn(revision: number, theirs: Timeline): void {
    this.news = null;
    if (revision <= this.revision) return;
    const { diff, conflicts } = merge(this.base, this.options.labels.committed, theirs);
    this.disputes.hear(this.base, theirs, conflicts);
    this.base = theirs;
    this.revision = revision;
    this.options.labels.absorb(diff);
    this.disputes.settle(this.options.labels.committed);
  }

  private backOff(): void {
    this.phase = "offline";
    this.offlineSince ??= Date.now();
    this.retryInMs = BACK_OFF_MS[Math.min(this.attempts, BACK_OFF_MS.length - 1)]!;
    this.attempts += 1;
    this.wake(this.retryInMs);
  }

  private stop(
    phase: "lease_lost" | "frozen" | "refused" | "signed_out",
    problem: Problem | null,
  ): void {
    this.phase = phase;
    this.problem = problem;
  }

  private rest(): void {
    this.phase = "saved";
    this.problem = null;
    void this.keep();
  }

  private draft(): Draft {
    const { setId, clientId, userId, about, labels } = this.options;
    return {
      set_id: setId,
      client_id: clientId,
      user_id: userId,
      about,
      written_at: Date.now(),
      base_revision: this.revision,
      base: this.base.labels,
      diff: diffBetween(this.base, labels.committed),
      flight: this.flight,
      disputed: this.disputes.all,
    };
  }

  /**
   * Writes what is here now, one write at a time and in order; a write that has not begun takes
   * the newest state along. A full disk must not keep labels from the server.
   */
  private keep(): Promise<void> {
    this.nextWrite ??= this.writing.then(() => {
      this.nextWrite = null;
      return this.write();
    });
    this.writing = this.nextWrite;
    return this.nextWrite;
  }

  private async write(): Promise<void> {
    const { drafts, setId: set_id, clientId: client_id, userId: user_id, labels } = this.options;
    const draft = this.unsaved ? this.draft() : null;
    const steps = labels.kept;
    const key = { set_id, client_id };
    const change = this.log.change(steps, { ...key, user_id, written_at: Date.now() });
    if (!draft && !change && !this.drafted) return;
    try {
      await drafts.keep(key, draft, change);
      this.drafted = draft !== null;
      this.log.written(steps);
      this.kept = drafts.durable;
    } catch {
      this.log.lost();
      this.kept = false;
    }
  }
}
