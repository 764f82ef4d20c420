import { neighbourTime, settled } from "../../model/snapping";
import { NS_PER_SECOND, type Ns } from "../../model/time";
import { CANDIDATE_NAMES } from "../../stage/overlay";
import { say, translated } from "../../words";
import type { EditorSession } from "../session";
import type { Command, Context } from "./contract";

function play(id: string, name: string, keys: string[], run: (c: Context) => unknown): Command {
  return { id, group: "Play", name, keys, undoable: false, run };
}

function step(id: string, name: string, keys: string[], frames: number): Command {
  const run = ({ session }: Context) => session.transport.step(session.grid, frames);
  return { ...play(id, name, keys, run), repeats: true };
}

export const PLAY: readonly Command[] = [
  play("play.toggle", "Play or pause", ["Space"], ({ session }) => session.transport.toggle()),
  play("play.back", "Backwards, again for faster", ["J"], ({ session }) =>
    session.transport.shuttle(-1),
  ),
  play("play.stop", "Pause", ["K"], ({ session }) => session.transport.pause()),
  play("play.forward", "Forwards, again for faster", ["L"], ({ session }) =>
    session.transport.shuttle(1),
  ),
  play("play.around", "Play the second before and after, and come back", ["Shift+Space"], (c) =>
    c.session.transport.playAround(NS_PER_SECOND),
  ),
  play("play.loop", "Play the selection over and over", ["R"], ({ session }) => loop(session)),
  { ...play("play.slower", "Slower", ["Shift+J"], speed(-1)), repeats: true },
  { ...play("play.faster", "Faster", ["Shift+L"], speed(1)), repeats: true },
  step("step.back", "One frame back", ["ArrowLeft"], -1),
  step("step.forward", "One frame forward", ["ArrowRight"], 1),
  step("step.back10", "Ten frames back", ["Shift+ArrowLeft"], -10),
  step("step.forward10", "Ten frames forward", ["Shift+ArrowRight"], 10),
  {
    ...play("edge.previous", "Previous label edge or candidate", ["Alt+ArrowLeft"], toEdge(-1)),
    repeats: true,
  },
  {
    ...play("edge.next", "Next label edge or candidate", ["Alt+ArrowRight"], toEdge(1)),
    repeats: true,
  },
  play("go.start", "First frame", ["Home"], ({ session }) => session.jumpTo(null, 0)),
  play("go.end", "Last frame", ["End"], ({ session }) =>
    session.jumpTo(null, session.grid.timeOf(session.grid.count - 1)),
  ),
  play("go.to", "Go to a time or frame…", ["G"], ({ session }) => session.openDialog("goto")),
];

function toEdge(way: 1 | -1) {
  return ({ session }: Context) => {
    const edges = session.snapshot().tracks.flatMap((track) => track.timeline.edges());
    const told = session.candidates.map(({ at }) => settled(at, session.grid));
    const times = [...edges, ...told].sort((a, b) => a - b);
    const at = neighbourTime(times, session.transport.timeNs, session.grid, way);
    if (at === null) return;
    session.jumpTo(null, session.grid.timeOf(session.grid.frameAt(at)));
    const here = candidateNames(session, at);
    if (here.length > 0) session.announce(here.join(", "));
  };
}

/** What signals tell of at a time. */
function candidateNames(session: EditorSession, at: Ns): string[] {
  const found = session.candidates.filter((each) => settled(each.at, session.grid) === at);
  return [...new Set(found.map(({ kind }) => translated(CANDIDATE_NAMES[kind])))];
}

function speed(way: 1 | -1) {
  return ({ session }: Context) => {
    const now = session.transport.stepSpeed(way);
    session.changed();
    session.announce(say("Speed {speed}", { speed: now }));
  };
}

// Around an instant, which has no length of its own.
const LOOPED_AROUND_NS = NS_PER_SECOND / 2;

/** The selected label's stretch, or else what the lanes show. */
function loopRange(session: EditorSession): { startNs: Ns; endNs: Ns } | null {
  const label = session.primary();
  const within = (t: Ns) => Math.round(Math.min(Math.max(0, t), session.durationNs));
  if (label?.start_ns != null) {
    const [from, to] = [label.start_ns, label.end_ns ?? label.start_ns];
    const room = label.end_ns === null ? LOOPED_AROUND_NS : 0;
    return { startNs: within(from - room), endNs: within(to + room) };
  }
  const view = session.stage.view?.timeline.view;
  return view ? { startNs: within(view.fromNs), endNs: within(view.toNs) } : null;
}

function loop(session: EditorSession): void {
  const { transport } = session;
  const range = transport.loop ? null : loopRange(session);
  transport.setLoop(range);
  if (range) {
    if (transport.timeNs < range.startNs || transport.timeNs >= range.endNs) {
      transport.seek(range.startNs);
    }
    if (!transport.playing) transport.toggle();
  }
  session.changed();
  session.announce(range ? say("Playing over and over") : say("Playing on to the end"));
}
