import type { Scope } from "../clock/scope";
import { errorsOf, type Finding } from "../model/findings";
import { EditorApi, openByPost, type Problem, type SubmitAnswer } from "../net/api";
import { type DraftStore, openDrafts } from "../net/drafts";
import { LeaseKeeper } from "../net/lease";
import type { EditorPayload } from "../net/payload";
import { type Opening, recover } from "../net/recovery";
import { SaveQueue, type SaveState } from "../net/savequeue";
import { claimClientId, livingClients } from "../net/tabs";
import type { EditorSession } from "./session";
import type { Notice } from "./state";

export interface Prepared {
  readonly drafts: DraftStore;
  readonly clientId: string;
  readonly opening: Opening;
}

/** What is needed before the first label is shown: this tab's name, and what it left unsaved. */
export async function prepare(payload: EditorPayload, scope: Scope): Promise<Prepared | null> {
  const set = payload.sets.find((each) => each.editable);
  if (!set) return null;
  const closed = new Promise<void>((resolve) => scope.own(resolve));
  const clientId = await claimClientId(closed);
  const drafts = await openDrafts();
  const living = await livingClients();
  return { drafts, clientId, opening: await recover(set, clientId, living, drafts) };
}

/** Between the session and the server: autosave, lease, submit. */
export class Saving {
  readonly queue: SaveQueue | null;
  private readonly api: EditorApi;
  private readonly lease: LeaseKeeper | null;
  private submission: string | null = null;
  private leaving = false;

  constructor(
    private readonly session: EditorSession,
    prepared: Prepared | null,
    scope: Scope,
  ) {
    const { payload, editableSet, history } = session;
    this.api = new EditorApi(payload.urls);
    this.queue =
      prepared && editableSet
        ? new SaveQueue({
            setId: editableSet.id,
            clientId: prepared.clientId,
            labels: history,
            opening: prepared.opening,
            drafts: prepared.drafts,
            send: (request) => this.api.save(request),
            newId: () => crypto.randomUUID(),
            onState: (state) => this.stateChanged(state),
          })
        : null;
    this.lease =
      this.queue && payload.urls.heartbeat
        ? new LeaseKeeper(
            // Without a lease in the page it has lapsed: ask for it at once.
            payload.lease ?? { expires_at: "", seconds: 0 },
            () => this.api.heartbeat(),
            (problem) => this.leaseLost(problem),
          )
        : null;
    session.onCommitted = () => this.queue?.changed();
    this.listen(scope);
    if (prepared && prepared.opening.recovered > 0) this.tellRecovered(prepared.opening.recovered);
  }

  start(): void {
    this.queue?.start();
    this.lease?.start();
  }

  private listen(scope: Scope): void {
    scope.own(() => {
      this.queue?.close();
      this.lease?.stop();
    });
    scope.listen(window, "online", () => void this.queue?.retry());
    scope.listen(window, "pagehide", () => void this.queue?.flush());
    scope.listen(window, "beforeunload", (event) => {
      if (!this.leaving && this.queue?.unsaved) event.preventDefault();
    });
    scope.listen(document, "visibilitychange", () => {
      if (document.visibilityState === "hidden") void this.queue?.flush();
      else if (this.session.snapshot().save.phase !== "lease_lost") void this.lease?.check();
    });
  }

  private tellRecovered(count: number): void {
    const changes = count === 1 ? "One change" : `${count} changes`;
    this.session.notify({
      tone: "info",
      text: `${changes} from your last visit had not reached the server. They are here again.`,
    });
  }

  private stateChanged(save: SaveState): void {
    const before = this.session.snapshot().save;
    this.session.set({ save });
    if (save.phase === before.phase && save.conflicts.length === before.conflicts.length) return;
    if (save.phase === "offline") this.session.announce("Not saved: the server is not reached");
    if (save.phase === "saved" && before.phase === "offline") this.session.announce("Saved");
    if (save.conflicts.length > before.conflicts.length) {
      this.session.announce(`${save.conflicts.length} labels were changed elsewhere as well`);
    }
    if (save.problem && save.phase !== "waiting") this.session.notify(this.noticeOf(save.problem));
  }

  private noticeOf(problem: Problem): Notice {
    return {
      tone: "error",
      text: problem.detail,
      remedy: problem.remedy || "What you marked is kept in this browser.",
      actions: [
        { name: "Try again", run: () => void this.regain() },
        { name: "Back to the queue", run: () => location.assign(this.session.payload.urls.queue) },
      ],
    };
  }

  private leaseLost(problem: Problem): void {
    this.lease?.stop();
    this.queue?.loseLease(problem);
  }

  /** After a lost lease or a refusal: asks for the lease again, then saves what waits. */
  private async regain(): Promise<void> {
    const answer = await this.api.heartbeat();
    if (answer.kind === "lost") {
      this.leaseLost(answer.problem);
      this.session.notify(this.noticeOf(answer.problem));
      return;
    }
    this.session.notify(null);
    this.lease?.start();
    await this.queue?.retry();
  }

  async retry(): Promise<void> {
    await this.queue?.retry();
  }

  /** Saves, checks, hands in, opens the next. Pressing it twice does it once. */
  async submit(): Promise<void> {
    const { session, queue } = this;
    if (!queue || session.snapshot().submitting) return;
    if (this.tellLeft(session.findings)) return;
    session.set({ submitting: true, notice: null });
    try {
      const state = await queue.flush();
      if (state.phase !== "saved" || queue.unsaved) {
        session.notify(this.unsavedNotice(state));
        return;
      }
      // The same id until it is answered: a lost answer must not become a second submission.
      this.submission ??= crypto.randomUUID();
      const answer = await this.api.submit(queue.baseRevision, this.submission);
      if (answer.kind === "stale") await queue.learn(answer.revision, answer.labels);
      this.answered(answer);
    } finally {
      if (!this.leaving) session.set({ submitting: false });
    }
  }

  private unsavedNotice(state: SaveState): Notice {
    if (state.conflicts.length > 0) {
      return {
        tone: "error",
        text: "Settle the conflicts first.",
        remedy: "They stand under the labels.",
      };
    }
    return {
      tone: "error",
      text: "Not submitted: the last changes have not reached the server.",
      remedy: "They are kept here and sent as soon as it is reached. Then submit again.",
      actions: [{ name: "Try again", run: () => void this.submit() }],
    };
  }

  private answered(answer: SubmitAnswer): void {
    const { session } = this;
    if (answer.kind === "unreachable") {
      session.notify({
        tone: "error",
        text: "The server was not reached. Your labels are saved, the episode is not submitted yet.",
        actions: [{ name: "Submit again", run: () => void this.submit() }],
      });
      return;
    }
    this.submission = null;
    if (answer.kind === "submitted") {
      this.leaving = true;
      session.announce("Submitted");
      const { next_url: next, queue_url: queue } = answer.submitted;
      if (next === null) location.assign(queue);
      else openByPost(next);
    } else if (answer.kind === "not_submittable") this.tellLeft(answer.findings);
    else if (answer.kind === "stale") {
      session.notify({
        tone: "info",
        text: "The labels were changed in another tab meanwhile. They are merged here now.",
        remedy: "Look at them, then submit again.",
      });
    } else session.notify(this.noticeOf(answer.problem));
  }

  /** Names what is left to do and goes to the first of it. */
  private tellLeft(findings: readonly Finding[]): boolean {
    const errors = errorsOf(findings);
    const first = errors[0];
    if (!first) return false;
    const count = errors.length === 1 ? "One thing is" : `${errors.length} things are`;
    this.session.notify({
      tone: "error",
      text: `${count} left before this can be submitted: ${first.message}`,
      remedy: "C goes to the next one.",
    });
    this.session.jumpTo(first.label_id, first.at_ns);
    return true;
  }
}
