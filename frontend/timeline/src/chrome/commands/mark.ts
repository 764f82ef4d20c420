import { phrase } from "../../words";
import { type Command, type Context, editable, ownTimed } from "./contract";

function mark(id: string, name: string, keys: string[], run: (c: Context) => unknown): Command {
  return { id, group: "Mark", name, keys, undoable: true, when: editable, run };
}

const GOALS = [
  phrase("First goal: met, not met, not seen"),
  phrase("Second goal: met, not met, not seen"),
  phrase("Third goal: met, not met, not seen"),
  phrase("Fourth goal: met, not met, not seen"),
  phrase("Fifth goal: met, not met, not seen"),
];

export const MARK: readonly Command[] = [
  mark("mark.next", "Mark what usually comes next", ["D"], ({ marking }) => marking.next()),
  mark("mark.boundary", "Boundary here: split, or close the gap", ["B"], ({ marking }) =>
    marking.split(),
  ),
  mark("mark.merge", "Merge with the next segment", ["M"], ({ marking }) => marking.merge()),
  mark("mark.name", "Name the instructions that have no text", ["F"], ({ marking }) =>
    marking.words.fill(),
  ),
  mark("mark.gapfree", "Segments without gaps: on or off", ["Shift+B"], ({ marking }) =>
    marking.toggleGapFree(),
  ),
  {
    ...mark("mark.perhand", "Segments for each effector: on or off", ["Shift+H"], ({ marking }) =>
      marking.togglePerHand(),
    ),
    when: ({ session }) => session.editable && session.schema.effectors.length > 1,
    why: "The schema has one effector.",
  },
  mark("mark.inner", "Put the detection of the failure here", ["Shift+W"], ({ marking }) =>
    marking.setInnerTime(),
  ),
  {
    ...mark("mark.uncertain.more", "Less certain by a frame", ["Ctrl+ArrowUp"], ({ marking }) =>
      marking.selecting.uncertainty(1),
    ),
    when: ownTimed,
    repeats: true,
  },
  {
    ...mark("mark.uncertain.less", "More certain by a frame", ["Ctrl+ArrowDown"], ({ marking }) =>
      marking.selecting.uncertainty(-1),
    ),
    when: ownTimed,
    repeats: true,
  },
  {
    ...mark(
      "mark.pattern",
      "Copy the labels of your last episode of this task",
      ["Shift+C"],
      ({ marking }) => marking.proposals.copyPattern(),
    ),
    when: ({ session }) => session.editable && Boolean(session.payload.previous),
    why: "You have handed in no episode of this task yet.",
  },
  {
    ...mark(
      "mark.found",
      "Take over the labels found in the recording",
      ["Shift+F"],
      ({ marking }) => marking.proposals.takeOver(),
    ),
    when: ({ session, marking }) => session.editable && marking.proposals.found.length > 0,
    why: "The recording brought no labels along.",
  },
  {
    ...mark("mark.start", "Set the start to the playhead", ["["], ({ marking }) =>
      marking.setEdge("start"),
    ),
    when: ownTimed,
  },
  {
    ...mark("mark.end", "Set the end to the playhead", ["]"], ({ marking }) =>
      marking.setEdge("end"),
    ),
    when: ownTimed,
  },
  {
    ...mark("mark.nudge.earlier", "Move it a frame earlier", ["Ctrl+ArrowLeft"], ({ marking }) =>
      marking.nudge(-1),
    ),
    when: ownTimed,
    repeats: true,
  },
  {
    ...mark("mark.nudge.later", "Move it a frame later", ["Ctrl+ArrowRight"], ({ marking }) =>
      marking.nudge(1),
    ),
    when: ownTimed,
    repeats: true,
  },
  ...[0, 1, 2, 3, 4].map(
    (place): Command => ({
      id: `goal.${place + 1}`,
      group: "Outcome",
      name: GOALS[place]!,
      keys: [`O ${place + 1}`],
      undoable: true,
      when: ({ session }) => session.editable && session.task.goals.length > place,
      why: "The task has no such goal.",
      run: ({ marking }) => marking.judging.goal(place),
    }),
  ),
  mark("mark.effector", "Next effector", ["H"], ({ marking }) => marking.cycleEffector()),
];
