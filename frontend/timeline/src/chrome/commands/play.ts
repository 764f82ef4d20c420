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
