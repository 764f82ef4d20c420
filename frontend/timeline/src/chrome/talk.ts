import type { Scope } from "../clock/scope";
import { formatSeconds } from "../model/time";
import { CommentsApi, type NewRemark, type Thread, type Threads } from "../net/comments";
import { reworded, say, sayCount } from "../words";
import type { EditorSession } from "./session";

const AGAIN_MS = 60_000;

/** The comments on the episode, as the server last told them. */
export class Talk {
  private readonly api: CommentsApi;
  /** What is written and not posted, by the thread that it answers. */
  private readonly written = new Map<string, string>();

  constructor(
    private readonly session: EditorSession,
    scope: Scope,
  ) {
    this.api = new CommentsApi(session.payload.urls);
    if (!session.payload.urls.comments) return;
    void this.load();
    const timer = setInterval(() => {
      if (document.visibilityState === "visible") void this.load();
    }, AGAIN_MS);
    scope.own(() => clearInterval(timer));
  }

  private get threads(): readonly Thread[] {
    return this.session.snapshot().talk?.threads ?? [];
  }

  private async load(): Promise<void> {
    const talk = await this.api.list();
    if (!talk) return;
    const known = count(this.session.snapshot().talk);
    const fresh = count(talk) - known;
    const first = this.session.snapshot().talk === null;
    this.session.set({ talk });
    if (!first && fresh > 0)
      this.session.announce(sayCount(fresh, "One new comment", "{count} new comments"));
  }

  /** What went wrong, in words; null when it is posted. */
  async post(remark: NewRemark): Promise<string | null> {
    const refused = this.said(await this.api.post(remark));
    if (refused === null) {
      await this.loadOwn();
      this.session.announce(say("Comment posted"));
    }
    return refused;
  }

  async resolve(thread: Thread): Promise<void> {
    const resolved = thread.resolved_at === null;
    const refused = this.said(await this.api.change(thread.id, { resolved }));
    if (refused !== null) this.session.notify({ tone: "error", text: refused });
    else {
      await this.loadOwn();
      this.session.announce(resolved ? say("Comment resolved") : say("Comment open again"));
    }
  }

  private async loadOwn(): Promise<void> {
    const talk = await this.api.list();
    if (talk) this.session.set({ talk });
  }

  private said(done: Awaited<ReturnType<CommentsApi["post"]>>): string | null {
    if (done === null) return null;
    if (!done.problem) return say("The server is not reached. What you wrote is still here.");
    return `${reworded(done.problem.detail)} ${reworded(done.problem.remedy)}`.trim();
  }

  /** What was last written here, though its field may have gone meanwhile. */
  draft(answering: string): string {
    return this.written.get(answering) ?? "";
  }

  write(answering: string, text: string): void {
    if (text.trim() === "") this.written.delete(answering);
    else this.written.set(answering, text);
  }

  /** Leads to what is not posted; false when everything is. */
  showUnposted(): boolean {
    const [answering] = this.written.keys();
    if (answering === undefined) return false;
    const { session, threads } = this;
    const thread = threads.find(({ id }) => id === answering);
    if (thread) this.show(thread);
    else session.set({ composing: session.snapshot().composing + 1 });
    session.notify({
      tone: "error",
      text: say("A comment is written and not posted yet."),
      remedy: say("Post it or cancel it first."),
    });
    return true;
  }

  get unposted(): boolean {
    return this.written.size > 0;
  }

  show(thread: Thread): void {
    this.session.set({ thread: thread.id });
    this.session.jumpTo(thread.label_id, thread.at_ns);
  }

  /** The next comment, or the one before, round and round. */
  go(step: 1 | -1): void {
    const { threads, session } = this;
    const here = threads.findIndex(({ id }) => id === session.snapshot().thread);
    const from = here < 0 && step < 0 ? 0 : here;
    const next = threads[(from + step + threads.length) % threads.length];
    if (!next) return;
    this.show(next);
    const said = { name: next.author, text: next.text };
    session.announce(
      next.at_ns === null
        ? say("{name} on the whole episode: {text}", said)
        : say("{name} at {time} seconds: {text}", { ...said, time: formatSeconds(next.at_ns) }),
    );
  }
}

const count = (talk: Threads | null) =>
  (talk?.threads ?? []).reduce((sum, { answers }) => sum + 1 + answers.length, 0);
