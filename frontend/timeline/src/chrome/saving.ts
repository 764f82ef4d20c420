import type { Scope } from "../clock/scope";
import type { Choice, Conflict } from "../model/merge";
import { EditorApi, type Problem, SIGN_IN_PAGE } from "../net/api";
import { type DraftStore, openDrafts } from "../net/drafts";
import { LeaseKeeper } from "../net/lease";
import type { EditorPayload } from "../net/payload";
import { type Opening, recover } from "../net/recovery";
import { SaveQueue, type SaveState } from "../net/savequeue";
import {
  claimClientId,
  livingClients,
  type Said,
  SetChannel,
  SIGNED_IN,
  type SignedIn,
} from "../net/tabs";
import { say, sayCount } from "../words";
import type { EditorSession } from "./session";
import type { Notice } from "./state";
import { type Onward, Submitting } from "./submitting";

const STEPS_KEPT_MS = 30 * 24 * 3_600_000;

export interface Prepared {
  readonly drafts: DraftStore;
  readonly clientId: string;
  readonly opening: Opening;
}

/** What one page needs once, however many episodes are opened on it. */
export interface Tab {
  readonly clientId: string;
  readonly drafts: DraftStore;
}

export async function openTab(until: Promise<void>): Promise<Tab> {
  const [clientId, drafts] = await Promise.all([claimClientId(until), openDrafts()]);
  // Asked for, not insisted on: a browser short of room then takes other sites' data first.
  void navigator.storage?.persist?.().catch(() => false);
  void drafts.sweep(Date.now() - STEPS_KEPT_MS).catch(() => {});
  return { clientId, drafts };
}

/** What is needed before the first label is shown: what this tab, or one that is gone, left here. */
export async function prepare(payload: EditorPayload, tab: Tab): Promise<Prepared | null> {
  const set = payload.sets.find((each) => each.editable);
  if (!set) return null;
  const { clientId, drafts } = tab;
  const living = await livingClients();
  const userId = String(payload.user.id);
  return { drafts, clientId, opening: await recover(set, { clientId, userId, living }, drafts) };
}

/** Between the session and the server: autosave, the lease, other tabs, signing in again. */
export class Saving {
  readonly queue: SaveQueue | null;
  readonly api: EditorApi;
  /** Set once the page is being left on purpose. */
  leaving = false;
  private readonly lease: LeaseKeeper | null;
  private readonly channel: SetChannel | null;
  private readonly submitting: Submitting;
  private contestedId: string | null = null;

  constructor(
    private readonly session: EditorSession,
    prepared: Prepared | null,
    private readonly scope: Scope,
    onward: Onward,
  ) {
    const { payload, editableSet, history } = session;
    this.api = new EditorApi(payload.urls);
    const setId = editableSet?.id;
    this.queue = prepared && setId ? this.makeQueue(setId, prepared) : null;
    this.lease = this.queue && payload.urls.heartbeat ? this.makeLease() : null;
    this.channel = setId
      ? new SetChannel(
          setId,
          (said) => void this.heard(said),
          () => this.tellCompany(),
        )
      : null;
    this.submitting = new Submitting(session, this, onward);
    if (prepared?.opening.steps) history.resume(prepared.opening.steps);
    session.onCommitted = () => this.queue?.changed();
    this.listen(scope);
    if (prepared && prepared.opening.recovered > 0) this.tellRecovered(prepared.opening.recovered);
  }

  private makeQueue(setId: string, { drafts, clientId, opening }: Prepared): SaveQueue {
    const { payload, history } = this.session;
    const { episode, project } = payload;
    return new SaveQueue({
      setId,
      clientId,
      userId: String(payload.user.id),
      about: { episode: episode.key, project: project.name, url: location.pathname },
      labels: history,
      opening,
      drafts,
      send: (request) => this.api.save(request),
      newId: () => crypto.randomUUID(),
      onState: (state) => this.stateChanged(state),
      onAccepted: (accepted) => this.channel?.say({ kind: "saved", ...accepted }),
    });
  }

  private makeLease(): LeaseKeeper {
    // Without a lease in the page it has lapsed: it is asked for at once.
    const seconds = this.session.payload.lease?.seconds ?? 0;
    return new LeaseKeeper(seconds, () => this.api.heartbeat(), {
      onHeld: (revision, regained) => void this.held(revision, regained),
      onLost: (problem) => this.queue?.loseLease(problem),
      onSignedOut: (problem) => this.queue?.signedOut(problem),
    });
  }

  start(): void {
    this.queue?.start();
    if (this.session.payload.lease) this.lease?.start();
    else void this.lease?.check();
  }

  /** Whether leaving now would surprise: something is only here and cannot be sent, or not even kept. */
  private get risky(): boolean {
    if (this.leaving) return false;
    if (this.session.talk?.unposted) return true;
    if (!this.queue?.unsaved) return false;
    const { phase, kept, conflicts } = this.session.snapshot().save;
    const onItsWay = phase === "waiting" || phase === "saving";
    return !kept || !onItsWay || conflicts.length > 0;
  }

  private listen(scope: Scope): void {
    scope.own(() => {
      this.queue?.close();
      this.lease?.stop();
      this.channel?.close();
    });
    const wake = () => void this.wake();
    scope.listen(window, "online", wake);
    scope.listen(window, "pageshow", wake);
    scope.listen(document, "resume", wake);
    scope.listen(window, "pagehide", () => void this.queue?.flush());
    scope.listen(window, "beforeunload", (event) => {
      if (this.risky) event.preventDefault();
    });
    scope.listen(document, "visibilitychange", () => {
      if (document.visibilityState === "hidden") void this.queue?.flush();
      else wake();
    });
    if (typeof BroadcastChannel === "undefined") return;
    const people = new BroadcastChannel(SIGNED_IN);
    people.onmessage = ({ data }: MessageEvent<SignedIn>) => void this.signedIn(data);
    scope.own(() => people.close());
  }

  /** Timers stand still while a computer sleeps: what is due is done when it is looked at again. */
  private async wake(): Promise<void> {
    await this.lease?.check();
    const { phase } = this.session.snapshot().save;
    if (this.queue?.unsaved && phase !== "lease_lost" && phase !== "signed_out")
      await this.queue.retry();
  }

  private async held(revision: number | null, regained: boolean): Promise<void> {
    const { queue } = this;
    if (!queue) return;
    if (revision !== null && revision > queue.baseRevision) await this.catchUp();
    const { phase } = this.session.snapshot().save;
    if (!regained && phase !== "lease_lost" && phase !== "signed_out") return;
    this.session.notify(null);
    const { changes } = await queue.retry();
    if (regained && changes === 0) this.session.announce(say("The episode is yours again. Saved"));
  }

  /** Another device, or a tab that could not be heard, has saved: its labels come in. */
  private async catchUp(): Promise<void> {
    const stored = await this.api.stored();
    if (!stored || this.scope.closed) return;
    await this.queue?.learn(stored.revision, stored.labels);
    if (stored.state === "submitted") this.submittedElsewhere();
  }

  private async heard(said: Said): Promise<void> {
    if (said.kind === "submitted") this.submittedElsewhere();
    if (said.kind === "saved" && this.queue?.hear(said) === false) await this.catchUp();
  }

  private submittedElsewhere(): void {
    if (this.leaving) return;
    this.queue?.freeze(null);
    this.session.notify({
      tone: "info",
      text: say("This episode was submitted in another tab."),
      actions: [this.toQueue()],
    });
  }

  /** For the other tabs: this set is handed in. */
  tellSubmitted(): void {
    this.channel?.say({ kind: "submitted" });
  }

  private tellCompany(): void {
    if (this.session.snapshot().notice) return;
    this.session.notify({
      tone: "info",
      text: say("This episode is open in another tab, too. What is marked in one shows in both."),
    });
  }

  private tellRecovered(count: number): void {
    this.session.notify({
      tone: "info",
      text: sayCount(
        count,
        "One change from your last visit had not reached the server. It is here again.",
        "{count} changes from your last visit had not reached the server. They are here again.",
      ),
    });
  }

  private stateChanged(save: SaveState): void {
    const before = this.session.snapshot().save;
    this.session.set({ save });
    const { phase, conflicts, problem } = save;
    if (phase === before.phase && conflicts.length === before.conflicts.length) return;
    if (phase === "offline" && before.phase !== "saving")
      this.session.announce(say("Not saved: the server is not reached"));
    if (phase === "saved" && before.offlineSince !== null) this.session.announce(say("Saved"));
    if (conflicts.length > before.conflicts.length) {
      this.session.announce(
        sayCount(
          conflicts.length,
          "One label was changed elsewhere as well",
          "{count} labels were changed elsewhere as well",
        ),
      );
    }
    if (phase === "signed_out" && problem) this.session.notify(this.signedOutNotice(problem));
    else if (problem && phase !== "waiting" && phase !== "saving")
      this.session.notify(this.noticeOf(problem));
  }

  toQueue() {
    const { queue } = this.session.payload.urls;
    return { name: say("Back to the queue"), run: () => location.assign(queue) };
  }

  noticeOf(problem: Problem): Notice {
    const lost = this.session.snapshot().save.phase === "lease_lost";
    const kept = say(
      "What you marked is kept in this browser. My work lists it, and it is sent as soon as the episode is free again.",
    );
    return {
      tone: "error",
      text: problem.detail,
      remedy: lost ? kept : problem.remedy || say("What you marked is kept in this browser."),
      actions: [{ name: say("Try again"), run: () => void this.regain() }, this.toQueue()],
    };
  }

  private signedOutNotice(problem: Problem): Notice {
    const stranger = problem.code !== "not_authenticated";
    return {
      tone: "error",
      text: stranger
        ? say("Somebody else is signed in on this browser now.")
        : say("You are signed out."),
      remedy: say(
        "Your marks are kept here. Sign in as {name} and they are saved, without leaving this page.",
        { name: this.session.payload.user.name },
      ),
      actions: [{ name: say("Sign in"), run: () => this.openSignIn() }],
    };
  }

  private openSignIn(): void {
    const { queue } = this.session.payload.urls;
    const page = `${SIGN_IN_PAGE}?next=${encodeURIComponent(queue)}`;
    window.open(page, "touchline-sign-in", "popup,width=520,height=640");
  }

  private async signedIn({ userId }: SignedIn): Promise<void> {
    if (this.session.snapshot().save.phase !== "signed_out") return;
    if (userId !== String(this.session.payload.user.id)) return;
    await this.regain();
  }

  /** After a lost lease or a refusal: asks for the lease again, then saves what waits. */
  private async regain(): Promise<void> {
    const answer = await this.lease?.check();
    if (answer?.kind === "lost") this.session.notify(this.noticeOf(answer.problem));
    if (answer?.kind === "lost" || answer?.kind === "signed_out") return;
    this.session.notify(null);
    await this.queue?.retry();
  }

  /** The conflict that keys are about: the one gone to last, else the first. */
  get contested(): Conflict | null {
    const { conflicts } = this.session.snapshot().save;
    return conflicts.find(({ id }) => id === this.contestedId) ?? conflicts[0] ?? null;
  }

  nextConflict(): void {
    const { session } = this;
    const { conflicts } = session.snapshot().save;
    const here = conflicts.findIndex(({ id }) => id === this.contestedId);
    const next = conflicts[(here + 1) % conflicts.length];
    if (!next) return;
    this.contestedId = next.id;
    const label = next.mine ?? next.theirs ?? next.base;
    session.jumpTo(next.mine ? next.id : null, label?.start_ns ?? null);
    session.changed();
    const what = label ? session.describe(label) : "";
    session.announce(say("Changed here and elsewhere: {label}", { label: what }));
  }

  settle(choice: Choice, id = this.contested?.id): void {
    if (id === undefined) return;
    this.queue?.resolve(id, choice);
    const { conflicts } = this.session.snapshot().save;
    this.session.announce(
      sayCount(
        conflicts.length,
        "Settled. 1 label changed elsewhere is left",
        "Settled. {count} labels changed elsewhere are left",
      ),
    );
  }

  submit(): Promise<void> {
    return this.submitting.submit();
  }

  async retry(): Promise<void> {
    const { phase } = this.session.snapshot().save;
    if (phase === "signed_out" || phase === "lease_lost") await this.regain();
    else await this.queue?.retry();
  }
}
