import { formatSeconds } from "../../model/time";
import { say } from "../../words";
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
  session.set({ difference: wrapped });
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

/** To the frame of the next label that the chosen difference is about: both sides by one key. */
function otherSide(session: EditorSession): void {
  const difference = session.payload.differences?.[session.snapshot().difference];
  const now = session.grid.frameAt(session.transport.timeNs);
  const times = (difference?.label_ids ?? [])
    .map((id) => session.find(id)?.start_ns)
    .filter((at) => at != null);
  const here = times.findIndex((at) => session.grid.frameAt(at) === now);
  const at = times[(here + 1) % times.length];
  if (at !== undefined) session.jumpTo(null, at);
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
];
