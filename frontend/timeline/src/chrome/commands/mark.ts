import { type Command, type Context, editable, ownTimed } from "./contract";

function mark(id: string, name: string, keys: string[], run: (c: Context) => unknown): Command {
  return { id, group: "Mark", name, keys, undoable: true, when: editable, run };
}

export const MARK: readonly Command[] = [
  mark("mark.boundary", "Boundary here: split, or close the gap", ["B"], ({ marking }) =>
    marking.split(),
  ),
  mark("mark.merge", "Merge with the next segment", ["M"], ({ marking }) => marking.merge()),
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
  mark("mark.effector", "Next effector", ["H"], ({ marking }) => marking.cycleEffector()),
];
