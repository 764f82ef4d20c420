import type { LabelClass } from "../model/schema";
import type { Marking } from "./marking";
import { REVIEW } from "./reviewing";
import type { Saving } from "./saving";
import type { EditorSession } from "./session";

export interface Context {
  readonly session: EditorSession;
  readonly marking: Marking;
  readonly saving: Saving;
}

export type Group = "Play" | "View" | "Mark" | "Outcome" | "Labels" | "Episode" | "Review";

/**
 * One thing the editor can do. The same record feeds the keyboard, the palette and the key sheet.
 * Keys are written as "Ctrl+Shift+Z"; two keys pressed in turn as "O S".
 */
export interface Command {
  readonly id: string;
  readonly group: Group;
  readonly name: string;
  readonly keys: readonly string[];
  /** Makes a step that undo takes back. */
  readonly undoable: boolean;
  /** Also works while a text is being typed. */
  readonly inFields?: boolean;
  /** Does something again for as long as the key is held. */
  readonly repeats?: boolean;
  readonly when?: (context: Context) => boolean;
  /** False: it had nothing to do, and the key is left to the browser. */
  readonly run: (context: Context) => unknown;
  /** When the key is let go. */
  readonly release?: (context: Context) => void;
}

const editable = ({ session }: Context) => session.editable;
const ownSelected = ({ session }: Context) => {
  const primary = session.primary();
  return session.editable && primary !== null && session.history.timeline.has(primary.id);
};
const ownTimed = (context: Context) =>
  ownSelected(context) && context.session.primary()?.kind !== "outcome";

function play(id: string, name: string, keys: string[], run: (c: Context) => unknown): Command {
  return { id, group: "Play", name, keys, undoable: false, run };
}

function step(id: string, name: string, keys: string[], frames: number): Command {
  const run = ({ session }: Context) => session.transport.step(session.grid, frames);
  return { ...play(id, name, keys, run), repeats: true };
}

const PLAY: readonly Command[] = [
  play("play.toggle", "Play or pause", ["Space"], ({ session }) => session.transport.toggle()),
  play("play.back", "Backwards, again for faster", ["J"], ({ session }) =>
    session.transport.shuttle(-1),
  ),
  play("play.stop", "Pause", ["K"], ({ session }) => session.transport.pause()),
  play("play.forward", "Forwards, again for faster", ["L"], ({ session }) =>
    session.transport.shuttle(1),
  ),
  step("step.back", "One frame back", ["ArrowLeft"], -1),
  step("step.forward", "One frame forward", ["ArrowRight"], 1),
  step("step.back10", "Ten frames back", ["Shift+ArrowLeft"], -10),
  step("step.forward10", "Ten frames forward", ["Shift+ArrowRight"], 10),
  { ...play("edge.previous", "Previous label edge", ["Alt+ArrowLeft"], toEdge(-1)), repeats: true },
  { ...play("edge.next", "Next label edge", ["Alt+ArrowRight"], toEdge(1)), repeats: true },
  play("go.start", "First frame", ["Home"], ({ session }) => session.jumpTo(null, 0)),
  play("go.end", "Last frame", ["End"], ({ session }) =>
    session.jumpTo(null, session.grid.timeOf(session.grid.count - 1)),
  ),
  play("go.to", "Go to a time or frame…", ["G"], ({ session }) => session.openDialog("goto")),
];

function toEdge(way: 1 | -1) {
  return ({ session }: Context) => {
    const now = session.transport.timeNs;
    const edges = session.snapshot().tracks.flatMap((track) => track.timeline.edges());
    const frames = edges.map((at) => session.grid.timeOf(session.grid.frameAt(at)));
    const ahead = frames.filter((at) => (way > 0 ? at > now : at < session.grid.nearest(now)));
    if (ahead.length > 0) session.jumpTo(null, way > 0 ? Math.min(...ahead) : Math.max(...ahead));
  };
}

function view(id: string, name: string, keys: string[], run: (c: Context) => unknown): Command {
  return { id, group: "View", name, keys, undoable: false, run };
}

const VIEW: readonly Command[] = [
  view("zoom.in", "Zoom in at the playhead", ["+", "="], ({ session }) => zoom(session, 1.6)),
  view("zoom.out", "Zoom out at the playhead", ["-"], ({ session }) => zoom(session, 1 / 1.6)),
  view("zoom.fit", "Show the whole episode", ["0"], ({ session }) =>
    session.stage.view?.timeline.fit(),
  ),
  {
    ...view("zoom.selection", "Zoom to the selected label", ["Z"], ({ session }) => {
      const label = session.primary();
      if (label?.start_ns == null) return;
      session.stage.view?.timeline.show(label.start_ns, label.end_ns ?? label.start_ns);
    }),
    when: ({ session }) => session.primary()?.start_ns != null,
  },
  {
    ...view("camera.next", "Next camera large", ["V"], ({ session }) => {
      session.announce(`Large camera: ${session.stage.view?.cameras.cycle() ?? ""}`);
      session.changed();
    }),
    when: ({ session }) => session.payload.streams.length > 1,
  },
  {
    ...view("lane.next", "Next signal lane", ["ArrowDown"], ({ session }) => walkLanes(session, 1)),
    repeats: true,
  },
  {
    ...view("lane.previous", "Previous signal lane", ["ArrowUp"], ({ session }) =>
      walkLanes(session, -1),
    ),
    repeats: true,
  },
  view("lane.fold", "Open or fold the signal lane", ["X"], ({ session }) => {
    const lane = session.stage.view?.timeline.toggleChosenLane();
    if (lane) session.announce(`${lane.name}: ${lane.open ? "open" : "folded"}`);
  }),
  view("lane.foldAll", "Open or fold all signal lanes", ["Shift+X"], ({ session }) => {
    const open = session.stage.view?.timeline.toggleAllLanes();
    session.announce(open ? "All signal lanes open" : "All signal lanes folded");
  }),
  view("view.theme", "Light or dark", [], switchTheme),
];

function walkLanes(session: EditorSession, way: 1 | -1): boolean {
  const lane = session.stage.view?.timeline.walkLanes(way);
  if (lane) session.announce(`${lane.name}: ${lane.open ? "open" : "folded"}`);
  return lane != null;
}

/** The same switch as on the other pages, kept in the same place. */
function switchTheme(): void {
  const root = document.documentElement;
  const next = root.dataset.theme === "dark" ? "light" : "dark";
  root.dataset.theme = next;
  localStorage.setItem("touchline-theme", next);
}

function zoom(session: EditorSession, factor: number): void {
  session.stage.view?.timeline.zoom(factor, session.transport.timeNs);
}

const upper = (key: string) => key.toUpperCase();

/** The commands that the label schema brings: a mark, a drawing key or an outcome for each class. */
function classCommand(known: LabelClass): Command | null {
  const base = { id: `mark.${known.id}`, undoable: true, when: editable } as const;
  const lower = known.name.toLowerCase();
  if (known.kind === "instant") {
    const run = ({ marking }: Context) => marking.instant(known);
    const keys = known.key ? [known.key.length === 1 ? upper(known.key) : known.key] : [];
    return { ...base, group: "Mark", name: `Mark ${lower}`, keys, run };
  }
  if (known.kind === "outcome") {
    const run = ({ marking }: Context) => marking.outcome(known);
    const keys = known.key ? [`O ${upper(known.key)}`] : [];
    return { ...base, group: "Outcome", name: `Outcome: ${lower}`, keys, run };
  }
  return {
    ...base,
    group: "Mark",
    name: `Draw ${lower}: hold, or press at both ends${afterFailure(known)}`,
    keys: known.key ? [upper(known.key)] : [],
    run: ({ marking }) => marking.drawStart(known),
    release: ({ marking }) => marking.drawEnd(known),
  };
}

const afterFailure = (known: LabelClass) =>
  known.follows ? "; with its failure selected, from its end" : "";

function mark(id: string, name: string, keys: string[], run: (c: Context) => unknown): Command {
  return { id, group: "Mark", name, keys, undoable: true, when: editable, run };
}

const MARK: readonly Command[] = [
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

function labels(id: string, name: string, keys: string[], run: (c: Context) => unknown): Command {
  return { id, group: "Labels", name, keys, undoable: false, run };
}

const LABELS: readonly Command[] = [
  {
    ...labels("label.next", "Next label", [".", "Tab"], ({ marking }) => marking.walk(1)),
    repeats: true,
  },
  {
    ...labels("label.previous", "Previous label", [",", "Shift+Tab"], ({ marking }) =>
      marking.walk(-1),
    ),
    repeats: true,
  },
  {
    ...labels("label.edit", "Edit text or attributes", ["Enter"], ({ session }) => {
      const primary = session.primary();
      if (primary) session.edit(primary.id);
    }),
    when: ownSelected,
  },
  {
    ...labels("label.delete", "Delete the selection", ["Delete", "Backspace"], ({ marking }) =>
      marking.remove(),
    ),
    when: ownSelected,
    undoable: true,
  },
  {
    ...labels("label.none", "Let go: end a drag, a drawing, the selection", ["Escape"], letGo),
    inFields: true,
  },
  {
    ...labels("edit.undo", "Undo", ["Ctrl+Z"], ({ session }) => session.undo()),
    when: editable,
    repeats: true,
  },
  {
    ...labels("edit.redo", "Redo", ["Ctrl+Shift+Z", "Ctrl+Y"], ({ session }) => session.redo()),
    when: editable,
    repeats: true,
  },
];

function letGo({ session, marking }: Context): unknown {
  if (session.stage.view?.timeline.bail() || marking.drawBail()) return true;
  if (session.snapshot().selected.size === 0) return false;
  session.select(null);
  return true;
}

const EPISODE: readonly Command[] = [
  {
    id: "episode.submit",
    group: "Episode",
    name: "Submit and open the next",
    keys: ["Ctrl+Enter"],
    undoable: false,
    inFields: true,
    when: editable,
    run: ({ saving }) => void saving.submit(),
  },
  {
    id: "episode.save",
    group: "Episode",
    name: "Save now",
    keys: ["Ctrl+S"],
    undoable: false,
    inFields: true,
    when: editable,
    run: ({ saving }) => void saving.retry(),
  },
  {
    id: "episode.check",
    group: "Episode",
    name: "Next thing left to do",
    keys: ["C"],
    undoable: false,
    when: ({ session }) => session.editable && session.findings.length > 0,
    run: ({ session }) => nextFinding(session),
  },
  {
    id: "editor.palette",
    group: "Episode",
    name: "Find a command…",
    keys: ["Ctrl+K"],
    undoable: false,
    inFields: true,
    run: ({ session }) => session.openDialog("palette"),
  },
  {
    id: "editor.guideline",
    group: "Episode",
    name: "Guideline of the project",
    keys: ["Y"],
    undoable: false,
    when: ({ session }) => Boolean(session.payload.project.guideline),
    run: ({ session }) => session.openDialog("guideline"),
  },
  {
    id: "editor.help",
    group: "Episode",
    name: "Keys",
    keys: ["?"],
    undoable: false,
    run: ({ session }) => session.openDialog("help"),
  },
];

const ANSWERED_IN_FIELD = new Set(["text_missing", "attribute_missing"]);

function nextFinding(session: EditorSession): void {
  const { findings } = session;
  const now = session.transport.timeNs;
  const at = (finding: (typeof findings)[number]) =>
    session.grid.nearest(finding.at_ns ?? Infinity);
  const next = findings.find((each) => each.at_ns !== null && at(each) > now) ?? findings[0];
  if (!next) return;
  session.jumpTo(next.label_id, next.at_ns);
  if (next.label_id && ANSWERED_IN_FIELD.has(next.code)) session.edit(next.label_id);
  session.announce(next.message);
}

export function commandTable(classes: readonly LabelClass[]): Command[] {
  const own = classes.flatMap((known) => classCommand(known) ?? []);
  return [...PLAY, ...own, ...MARK, ...LABELS, ...VIEW, ...REVIEW, ...EPISODE];
}
