import { errorsOf, type Finding } from "../model/findings";
import { type NextEpisode, openByPost, type SubmitAnswer } from "../net/api";
import type { SaveState } from "../net/savequeue";
import { reworded, say, sayCount } from "../words";
import type { Saving } from "./saving";
import type { EditorSession } from "./session";
import type { Notice } from "./state";

/** The way to the next episode. */
export interface Onward {
  /** Shows what will probably come next while the server is asked. */
  leave(): void;
  /** To the episode that is still open. */
  back(): void;
  goOn(next: NextEpisode): Promise<void>;
}

/** Handing an episode in, and going on to the next. */
export class Submitting {
  private submission: string | null = null;

  constructor(
    private readonly session: EditorSession,
    private readonly saving: Saving,
    private readonly onward: Onward,
  ) {}

  /** Saves, checks, hands in, opens the next. Pressing it twice does it once. */
  async submit(): Promise<void> {
    const { session, saving } = this;
    const { queue } = saving;
    if (!queue || session.snapshot().submitting) return;
    if (session.talk?.showUnposted() || this.tellLeft(session.findings)) return;
    session.set({ submitting: true, notice: null });
    this.onward.leave();
    try {
      const state = await queue.flush();
      if (state.phase !== "saved" || queue.unsaved) {
        session.notify(this.unsavedNotice(state));
        return;
      }
      // The same id until it is answered: a lost answer must not become a second submission.
      this.submission ??= crypto.randomUUID();
      const answer = await saving.api.submit(queue.baseRevision, this.submission);
      if (answer.kind === "stale") await queue.learn(answer.revision, answer.labels);
      await this.answered(answer);
    } finally {
      if (!saving.leaving) this.stay();
    }
  }

  private stay(): void {
    this.onward.back();
    this.session.set({ submitting: false });
  }

  private unsavedNotice(state: SaveState): Notice {
    if (state.phase === "signed_out" || state.phase === "lease_lost") {
      const { notice } = this.session.snapshot();
      if (notice) return notice;
    }
    if (state.conflicts.length > 0) {
      return {
        tone: "error",
        text: say("Settle the conflicts first."),
        remedy: say("They stand above the labels."),
      };
    }
    return {
      tone: "error",
      text: say("Not submitted: the last changes have not reached the server."),
      remedy: say("They are kept here and sent as soon as it is reached. Then submit again."),
      actions: [{ name: say("Try again"), run: () => void this.submit() }],
    };
  }

  private async answered(answer: SubmitAnswer): Promise<void> {
    const { session, saving } = this;
    if (answer.kind === "unreachable") {
      session.notify({
        tone: "error",
        text: say(
          "The server was not reached. Your labels are saved, the episode is not submitted yet.",
        ),
        actions: [{ name: say("Submit again"), run: () => void this.submit() }],
      });
      return;
    }
    if (answer.kind === "signed_out") {
      saving.queue?.signedOut(answer.problem);
      return;
    }
    this.submission = null;
    if (answer.kind === "submitted") await this.leave(answer.submitted);
    else if (answer.kind === "not_submittable") this.tellLeft(answer.findings);
    else if (answer.kind === "stale") {
      session.notify({
        tone: "info",
        text: say("The labels were changed in another tab meanwhile. They are merged here now."),
        remedy: say("Look at them, then submit again."),
      });
    } else session.notify(saving.noticeOf(answer.problem));
  }

  private async leave(submitted: {
    readonly next?: NextEpisode | null;
    readonly next_url: string | null;
    readonly queue_url: string;
  }): Promise<void> {
    const { session, saving } = this;
    saving.leaving = true;
    session.announce(say("Submitted"));
    saving.tellSubmitted();
    const { next, next_url: url, queue_url: queue } = submitted;
    const forgotten = saving.queue?.forget();
    if (next) {
      // The page itself is always there to be loaded.
      await this.onward.goOn(next).catch(() => location.assign(next.url));
      return;
    }
    this.onward.back();
    await forgotten;
    if (url === null) location.assign(queue);
    else openByPost(url);
  }

  /** Names what is left to do and goes to the first of it. */
  private tellLeft(findings: readonly Finding[]): boolean {
    const errors = errorsOf(findings);
    const first = errors[0];
    if (!first) return false;
    this.session.notify({
      tone: "error",
      text: sayCount(
        errors.length,
        "One thing is left before this can be submitted: {what}",
        "{count} things are left before this can be submitted: {what}",
        { what: reworded(first.message) },
      ),
      remedy: say("C goes to the next one."),
    });
    this.session.jumpTo(first.label_id, first.at_ns);
    return true;
  }
}
