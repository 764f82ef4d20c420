import { isJudged, type Word } from "../../model/review";
import { formatSeconds } from "../../model/time";
import { phrase, say } from "../../words";
import type { EditorSession } from "../session";
import type { Command, Context } from "./contract";

const reviewing = ({ session }: Context) => (session.payload.differences ?? []).length > 0;

/** Goes round the differences between the sets. */
export function showDifference(session: EditorSession, index: number): void {
  const differences = session.payload.differences ?? [];
  const count = differences.length;
  const wrapped = ((index % count) + count) % count;
  const difference = differences[wrapped];
  if (!difference) return;
  session.set({ difference: wrapped, judged: difference.label_ids[0] ?? null });
  session.selectMany(difference.label_ids);
  const times = difference.label_ids
    .flatMap((id) => [session.find(id)?.start_ns, session.find(id)?.end_ns])
    .filter((at) => at != null);
  if (times.length > 0) session.stage.view?.timeline.frame(Math.min(...times), Math.max(...times));
  session.jumpTo(null, difference.at_ns);
  const said = { number: wrapped + 1, count, what: difference.message };
  session.announce(
    difference.at_ns === null
      ? say("Difference {number} of {count}: {what}", said)
      : say("Difference {number} of {count} at {time} seconds: {what}", {
          ...said,
          time: formatSeconds(difference.at_ns),
        }),
  );
}

/** To the next label that the chosen difference is about: both sides by one key. */
function otherSide(session: EditorSession): void {
  const ids = session.payload.differences?.[session.snapshot().difference]?.label_ids ?? [];
  const here = ids.indexOf(session.snapshot().judged ?? "");
  const id = ids[(here + 1) % ids.length];
  if (id !== undefined) goTo(session, id);
}

/** Makes a label the one that verdicts are about, and goes to its frame. */
export function goTo(session: EditorSession, id: string): void {
  const label = session.reviewing?.find(id);
  if (!label) return;
  session.set({ judged: id });
  if (!session.snapshot().selected.has(id)) session.select(id);
  session.jumpTo(null, label.start_ns);
  const name = session.reviewing?.laneOf(id)?.name ?? "";
  session.announce(say("{name}: {label}", { name, label: session.describe(label) }));
}

function nextUnjudged(session: EditorSession): void {
  const differences = session.payload.differences ?? [];
  const { review, difference: here } = session.snapshot();
  const order = differences.map((_, i) => (here + 1 + i) % differences.length);
  const next = order.find((i) => !isJudged(differences[i]!, review.marks));
  if (next === undefined) session.announce(say("Every difference has a verdict"));
  else showDifference(session, next);
}

const judging = ({ session }: Context) => session.reviewing?.able ?? false;
const NO_VERDICTS = phrase("No verdicts are given on this page.");

/** Words on a label, in the order in which they are offered. */
export const VERDICTS: readonly { verdict: Word; name: string; key: string }[] = [
  { verdict: "ok", name: phrase("Verdict: right"), key: "Shift+Y" },
  { verdict: "wrong_time", name: phrase("Verdict: wrong time"), key: "Shift+T" },
  { verdict: "wrong_class", name: phrase("Verdict: wrong class"), key: "Shift+D" },
  { verdict: "missing", name: phrase("Verdict: missing in the others, or here"), key: "Shift+M" },
  { verdict: "extra", name: phrase("Verdict: extra"), key: "Shift+E" },
  { verdict: "not_visible", name: phrase("Verdict: not visible"), key: "Shift+U" },
];

function toDecision(): void {
  const heading = document.getElementById("verdict");
  heading?.scrollIntoView({ block: "start" });
  heading?.focus();
}

/** Goes round what is to be looked at again. */
export function showPoint(session: EditorSession, index: number): void {
  const points = session.payload.returned?.points ?? [];
  const wrapped = index % points.length;
  const point = points[wrapped];
  if (!point) return;
  session.set({ point: wrapped });
  session.jumpTo(point.label_id, point.at_ns);
  session.announce(
    say("Point {number} of {count}: {what}", {
      number: wrapped + 1,
      count: points.length,
      what: `${point.text} ${point.comment}`.trim(),
    }),
  );
}

/** The commands of a page that compares sets. */
export const REVIEW: readonly Command[] = [
  {
    id: "difference.next",
    group: "Review",
    name: "Next difference",
    keys: ["N"],
    undoable: false,
    when: reviewing,
    why: "There are no differences to go through.",
    run: ({ session }) => showDifference(session, session.snapshot().difference + 1),
  },
  {
    id: "difference.previous",
    group: "Review",
    name: "Previous difference",
    keys: ["Shift+N"],
    undoable: false,
    when: reviewing,
    why: "There are no differences to go through.",
    run: ({ session }) => showDifference(session, Math.max(0, session.snapshot().difference) - 1),
  },
  {
    id: "difference.side",
    group: "Review",
    name: "The other label of the difference",
    keys: ["T"],
    undoable: false,
    when: ({ session }) => session.snapshot().difference >= 0,
    why: "Choose a difference first.",
    run: ({ session }) => otherSide(session),
  },
  {
    id: "difference.unjudged",
    group: "Review",
    name: "Next difference without a verdict",
    keys: ["Alt+N"],
    undoable: false,
    when: reviewing,
    why: "There are no differences to go through.",
    run: ({ session }) => nextUnjudged(session),
  },
  ...[
    { name: phrase("The first lane is right"), key: "Shift+I" },
    { name: phrase("The second lane is right"), key: "Shift+O" },
    { name: phrase("The third lane is right"), key: "Shift+P" },
    { name: phrase("The fourth lane is right"), key: "U I" },
    { name: phrase("The fifth lane is right"), key: "U O" },
    { name: phrase("The sixth lane is right"), key: "U P" },
  ].map(
    ({ name, key }, lane): Command => ({
      id: `lane.right.${lane + 1}`,
      group: "Review",
      name,
      keys: [key],
      undoable: false,
      when: ({ session }) =>
        session.snapshot().difference >= 0 &&
        session.reviewing !== null &&
        session.reviewing.able &&
        session.reviewing.lanes.length > lane,
      why: "Choose a difference of so many lanes first.",
      run: ({ session }) => session.reviewing?.right(lane),
    }),
  ),
  ...VERDICTS.map(
    ({ verdict, name, key }): Command => ({
      id: `verdict.${verdict}`,
      group: "Review",
      name,
      keys: [key],
      undoable: false,
      when: judging,
      why: NO_VERDICTS,
      run: ({ session }) => session.reviewing?.give(verdict),
    }),
  ),
  {
    id: "verdict.withdrawn",
    group: "Review",
    name: "Take the verdict on the label back",
    keys: ["Shift+A"],
    undoable: false,
    when: judging,
    why: NO_VERDICTS,
    run: ({ session }) => session.reviewing?.withdraw(),
  },
  {
    id: "verdict.comment",
    group: "Review",
    name: "Comment on the verdict",
    keys: ["Shift+K"],
    undoable: false,
    when: judging,
    why: NO_VERDICTS,
    run: ({ session }) => {
      const { review } = session.snapshot();
      session.set({ review: { ...review, remark: review.remark + 1 } });
    },
  },
  {
    id: "consensus.begin",
    group: "Review",
    name: "Make a consensus: begin a draft",
    keys: ["U C"],
    undoable: false,
    when: ({ session }) =>
      Boolean(session.payload.urls.adjudications) && session.payload.review?.draft === null,
    why: "There is a draft already, or nothing to decide.",
    run: ({ session }) => void session.reviewing?.begin(),
  },
  {
    id: "verdict.decide",
    group: "Review",
    name: "Go to the decision: approve, send back",
    keys: ["U V"],
    undoable: false,
    when: ({ session }) => Boolean(session.payload.urls.verdict),
    why: "Nothing is decided on this page.",
    run: toDecision,
  },
  {
    id: "rework.next",
    group: "Review",
    name: "Next point of the rework",
    keys: ["Shift+R"],
    undoable: false,
    when: ({ session }) => (session.payload.returned?.points ?? []).length > 0,
    why: "No list came back with this episode.",
    run: ({ session }) => showPoint(session, session.snapshot().point + 1),
  },
];
