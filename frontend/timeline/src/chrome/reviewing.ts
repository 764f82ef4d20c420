import type { Scope } from "../clock/scope";
import type { Label } from "../model/label";
import {
  type Disagreement,
  implied,
  type Judged,
  keyOf,
  type Mark,
  speaksOf,
  taken,
  type Word,
} from "../model/review";
import type { Ns } from "../model/time";
import { beginConsensus, type NewVerdict, sendVerdict, type VerdictAnswer } from "../net/verdicts";
import type { Track } from "../stage/host";
import { phrase, reworded, say, sayCount, translated } from "../words";
import type { EditorSession } from "./session";

const AGAIN_MS = 4_000;

export const VERDICT_NAMES: Readonly<Record<Word, string>> = {
  ok: phrase("Right"),
  wrong_time: phrase("Wrong time"),
  wrong_class: phrase("Wrong class"),
  missing: phrase("Missing"),
  extra: phrase("Extra"),
  not_visible: phrase("Not visible"),
  withdrawn: phrase("No verdict"),
};

interface Waiting {
  readonly set: string;
  readonly label_id: string | null;
  readonly at_ns: Ns | null;
  readonly verdict: Word;
  readonly comment: string;
  readonly requestId: string;
}

/**
 * A reviewer's verdicts: shown at once, sent one after the other, each under an id of its own, and
 * sent again until the server has them.
 */
export class Reviewing {
  private readonly waiting: Waiting[] = [];
  /** The server's last word on each label: what the next one supersedes. */
  private readonly known = new Map<string, Mark>();
  private sending = false;
  private readonly begun = crypto.randomUUID();

  constructor(
    private readonly session: EditorSession,
    private readonly scope: Scope,
  ) {
    for (const mark of session.payload.review?.marks ?? []) this.known.set(keyOf(mark), mark);
    if (!this.url) return;
    scope.listen(window, "online", () => void this.flush());
    scope.listen(window, "beforeunload", (event) => {
      if (this.waiting.length > 0) event.preventDefault();
    });
  }

  private get url(): string {
    return this.session.payload.urls.marks ?? "";
  }

  /** Whether verdicts can be given here. */
  get able(): boolean {
    return this.url !== "";
  }

  get place(): Disagreement | null {
    const { session } = this;
    return session.payload.differences?.[session.snapshot().difference] ?? null;
  }

  /** The sets that are judged, in the order of their lanes. */
  get lanes(): readonly Track[] {
    const wanted = this.session.payload.review?.lanes ?? [];
    const tracks = this.session.snapshot().tracks;
    return wanted.flatMap((id) => tracks.find(({ setId }) => setId === id) ?? []);
  }

  /** A label as it lies in its lane, also when the draft has one that was taken over from it. */
  readonly find = (id: string): Label | undefined => {
    for (const track of this.session.snapshot().tracks) {
      const label = track.editable ? undefined : track.timeline.get(id);
      if (label) return label;
    }
    return undefined;
  };

  laneOf(labelId: string): Track | undefined {
    return this.lanes.find(({ timeline }) => timeline.has(labelId));
  }

  /** The label that verdicts are about: of the chosen place the one gone to, else the selected. */
  get target(): Label | null {
    const { judged, selected, primary } = this.session.snapshot();
    const id = judged !== null && selected.has(judged) ? judged : primary?.id;
    return (id !== undefined && this.laneOf(id) && this.find(id)) || null;
  }

  markOn(set: string, labelId: string | null, at: Ns | null = null): Mark | null {
    const key = keyOf({ set, label_id: labelId, at_ns: at });
    const mark = this.session.snapshot().review.marks.find((each) => keyOf(each) === key);
    return mark && mark.verdict !== "withdrawn" ? mark : null;
  }

  /** One lane is right at the chosen place: the verdicts that follow, and the draft says the same. */
  right(lane: number): void {
    const { session, place } = this;
    const track = this.lanes[lane];
    if (!place || !track) return;
    const ids = this.lanes.map(({ setId }) => setId);
    const judged = implied(place, track.setId, ids, this.find, session.schema);
    this.say(judged);
    const took = this.take(place, track);
    const what = took
      ? say("{name} is right, and in the consensus", { name: track.name })
      : say("{name} is right", { name: track.name });
    session.announce(what);
  }

  private take(place: Disagreement, track: Track): boolean {
    const { session } = this;
    const sources = session.payload.review?.draft?.sources;
    if (!sources || !session.editable) return false;
    const draft = { timeline: session.history.timeline, sources };
    const diff = taken(draft, place, track.setId, this.find, session.schema);
    const selected = [...session.snapshot().selected];
    const name = say("Take the labels of {name}", { name: track.name });
    const done = session.perform(name, diff);
    session.selectMany(selected);
    return done;
  }

  /** One word on the label gone to; of what is missing, on every lane that lacks it. */
  give(verdict: Word): void {
    const { session, target } = this;
    const name = translated(VERDICT_NAMES[verdict]);
    if (verdict === "missing") {
      const lacking = this.lacking(target);
      const at = target
        ? null
        : session.grid.timeOf(session.grid.frameAt(session.transport.timeNs));
      this.say(
        lacking.map(({ setId }) => ({ set: setId, labelId: target?.id ?? "", verdict })),
        at,
      );
      const names = lacking.map((track) => track.name).join(", ");
      session.announce(say("{verdict}: {names}", { verdict: name, names }));
      return;
    }
    const lane = target && this.laneOf(target.id);
    if (!target || !lane) {
      session.announce(say("Choose a label of an annotator first"));
      return;
    }
    if (!speaksOf(verdict, target)) {
      session.announce(say("It is about the whole episode and has no time"));
      return;
    }
    this.say([{ set: lane.setId, labelId: target.id, verdict }]);
    session.announce(
      say("{verdict}: {label} of {name}", {
        verdict: name,
        label: session.describe(target),
        name: lane.name,
      }),
    );
  }

  private lacking(target: Label | null): readonly Track[] {
    if (!target) return this.lanes;
    const { place } = this;
    const sides = place?.label_ids.includes(target.id) ? place.sides : {};
    const own = this.laneOf(target.id);
    return this.lanes.filter((track) => track !== own && (sides[track.setId] ?? []).length === 0);
  }

  /** What was said of the label gone to is taken back, also that others lack it. */
  withdraw(): void {
    const { session, target } = this;
    const at = session.grid.timeOf(session.grid.frameAt(session.transport.timeNs));
    const mine = session
      .snapshot()
      .review.marks.filter(
        ({ label_id, at_ns, verdict }) =>
          verdict !== "withdrawn" &&
          (target ? label_id === target.id : label_id === null && at_ns === at),
      );
    for (const mark of mine) this.add(mark, "withdrawn", "");
    session.announce(mine.length > 0 ? say("Verdict taken back") : say("There is no verdict here"));
  }

  /** A comment on a verdict that stands. */
  remark(mark: Mark, comment: string): void {
    if (comment.trim() !== mark.comment) this.add(mark, mark.verdict, comment.trim());
  }

  private say(judged: readonly Judged[], at: Ns | null = null): void {
    for (const { set, labelId, verdict } of judged) {
      const id = labelId || null;
      const before = this.markOn(set, id, at);
      if (before?.verdict === verdict) continue;
      const time = id ? (this.find(id)?.start_ns ?? null) : at;
      this.add({ set, label_id: id, at_ns: time }, verdict, before?.comment ?? "");
    }
  }

  private add(on: Pick<Mark, "set" | "label_id" | "at_ns">, verdict: Word, comment: string): void {
    const { set, label_id, at_ns } = on;
    const said = { set, label_id, at_ns, verdict, comment, requestId: crypto.randomUUID() };
    this.waiting.push(said);
    const by = this.session.payload.user.name;
    this.show({ id: 0, set, label_id, at_ns, verdict, comment, by });
    void this.flush();
  }

  private show(mark: Mark | null, values: { trouble?: boolean; gone?: string } = {}): void {
    const { review } = this.session.snapshot();
    const gone = mark ? keyOf(mark) : values.gone;
    const marks = review.marks.filter((each) => keyOf(each) !== gone);
    this.session.set({
      review: {
        ...review,
        marks: mark ? [...marks, mark] : marks,
        waiting: this.waiting.length,
        trouble: values.trouble ?? review.trouble,
      },
    });
  }

  /** In the order they were given: each supersedes the one before. */
  private async flush(): Promise<void> {
    if (this.sending) return;
    this.sending = true;
    try {
      for (let next = this.waiting[0]; next; next = this.waiting[0]) {
        const answer = await sendVerdict(this.url, this.wire(next));
        if (this.scope.closed) return;
        if (answer.kind === "unreachable") {
          this.show(null, { trouble: true });
          this.scope.timeout(() => void this.flush(), AGAIN_MS);
          return;
        }
        this.waiting.shift();
        this.answered(next, answer);
      }
    } finally {
      this.sending = false;
    }
  }

  private wire(said: Waiting): NewVerdict {
    return {
      annotation_set: said.set,
      label_id: said.label_id,
      at_ns: said.label_id === null ? said.at_ns : null,
      verdict: said.verdict,
      comment: said.comment,
      supersedes: this.known.get(keyOf(said))?.id ?? null,
      request_id: said.requestId,
    };
  }

  private answered(said: Waiting, answer: Exclude<VerdictAnswer, { kind: "unreachable" }>): void {
    const key = keyOf(said);
    const later = this.waiting.some((each) => keyOf(each) === key);
    if (answer.kind === "kept") {
      this.known.set(key, answer.mark);
      if (later) this.show(null, { trouble: false });
      else this.show(answer.mark, { trouble: false });
      return;
    }
    if (answer.kind === "stale" && answer.current) {
      const { set, label_id, at_ns } = said;
      const theirs: Mark = { set, label_id, at_ns, ...answer.current };
      this.known.set(key, theirs);
      this.show(theirs, { trouble: false });
    } else {
      const before = this.known.get(key);
      this.show(before ?? null, { trouble: false, gone: key });
    }
    const { problem } = answer;
    this.session.notify({
      tone: "error",
      text: reworded(problem.detail),
      remedy: reworded(problem.remedy),
    });
  }

  /** Begins a consensus in the usual way; the page comes again with its draft. */
  async begin(): Promise<void> {
    const { session } = this;
    const { review, urls } = session.payload;
    const method = review?.methods[0];
    if (!review || !method || !urls.adjudications) return;
    const refused = await beginConsensus(urls.adjudications, method, review.version, this.begun);
    if (refused === null) {
      location.reload();
      return;
    }
    const { problem } = refused;
    session.notify(
      problem
        ? { tone: "error", text: reworded(problem.detail), remedy: reworded(problem.remedy) }
        : { tone: "error", text: say("The server is not reached. Nothing was begun; try again.") },
    );
  }

  /** What is not with the server yet, in words; empty when all is. */
  get unsaved(): string {
    const { waiting, trouble } = this.session.snapshot().review;
    if (waiting === 0 || !trouble) return "";
    return sayCount(
      waiting,
      "One verdict is not saved yet: the server is not reached. It is sent again.",
      "{count} verdicts are not saved yet: the server is not reached. They are sent again.",
    );
  }
}
