import { changeAll } from "../model/bulk";
import type { Label } from "../model/label";
import { transferred } from "../model/pattern";
import { NS_PER_MS } from "../model/time";
import { say, sayCount } from "../words";
import type { EditorSession } from "./session";

// About the reaction of a hand: farther away another event is meant.
const REACH_NS = 150 * NS_PER_MS;

/** Labels that nobody has looked at yet: found in the recording, or another episode's pattern. */
export class Proposals {
  constructor(private readonly session: EditorSession) {}

  get open(): readonly Label[] {
    return this.session.history.timeline.labels.filter((label) => label.source === "proposal");
  }

  /** What the recording brought along and is not here yet. */
  get found(): readonly Label[] {
    const { payload, history } = this.session;
    return (payload.found ?? []).filter((label) => !history.timeline.has(label.id));
  }

  takeOver(): void {
    const { session } = this;
    const { timeline } = session.history;
    const outcome = timeline.outcome();
    const put = this.found.filter((label) => label.kind !== "outcome" || !outcome);
    if (put.length === 0) {
      session.announce(say("The recording brought no labels along"));
      return;
    }
    const name = sayCount(
      put.length,
      "Take over {count} label found in the recording",
      "Take over {count} labels found in the recording",
    );
    if (session.perform(name, { put, remove: [] })) this.begin();
  }

  /** The last episode's labels on this one's time. */
  copyPattern(): void {
    const { session } = this;
    const { previous } = session.payload;
    if (!previous) {
      session.announce(say("You have handed in no episode of this task yet"));
      return;
    }
    const { timeline } = session.history;
    const onto = {
      schema: session.schema,
      grid: session.grid,
      durationNs: session.durationNs,
      candidates: session.candidates,
      reachNs: REACH_NS,
    };
    const pattern = { labels: previous.labels, durationNs: previous.duration_ns };
    const put = transferred(pattern, timeline, onto, () => crypto.randomUUID());
    if (put.length === 0) {
      session.announce(say("There are labels here already: nothing to copy"));
      return;
    }
    const name = sayCount(
      put.length,
      "Copy {count} label from {episode}",
      "Copy {count} labels from {episode}",
      { episode: previous.key },
    );
    if (session.perform(name, { put, remove: [] })) this.begin();
  }

  /** To the first proposal, so that the next key can confirm it. */
  private begin(): void {
    const first = this.open[0];
    if (first) this.session.jumpTo(first.id, first.start_ns);
  }

  /** Confirms the selected proposals and goes on to the next one. */
  confirm(): void {
    const { session } = this;
    const { timeline } = session.history;
    const selected = [...session.snapshot().selected].filter(
      (id) => timeline.get(id)?.source === "proposal",
    );
    const first = this.open[0];
    if (selected.length === 0) {
      if (first) session.jumpTo(first.id, first.start_ns);
      else session.announce(say("No proposals are left"));
      return;
    }
    const last = session.primary();
    const diff = changeAll(timeline, selected, { source: "human" });
    const name = sayCount(selected.length, "Confirm {count} proposal", "Confirm {count} proposals");
    if (!session.perform(name, diff)) return;
    const ahead = this.open.find((label) => (label.start_ns ?? 0) >= (last?.start_ns ?? 0));
    const next = ahead ?? this.open[0];
    if (next) session.jumpTo(next.id, next.start_ns);
    else session.announce(say("No proposals are left"));
  }
}
