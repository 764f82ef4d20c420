import { say } from "../../words";
import type { EditorSession } from "../session";
import type { Command, Context } from "./contract";

function view(id: string, name: string, keys: string[], run: (c: Context) => unknown): Command {
  return { id, group: "View", name, keys, undoable: false, run };
}

export const VIEW: readonly Command[] = [
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
    if (lane) session.announce(laneState(lane));
  }),
  view("lane.foldAll", "Open or fold all signal lanes", ["Shift+X"], ({ session }) => {
    const open = session.stage.view?.timeline.toggleAllLanes();
    session.announce(open ? say("All signal lanes open") : say("All signal lanes folded"));
  }),
  view("lane.choose", "Choose, order and combine signal lanes…", ["Shift+G"], ({ session }) =>
    session.openDialog("lanes"),
  ),
  view("snap.toggle", "Snap to candidates and label edges: on or off", ["Shift+S"], (context) => {
    const { session } = context;
    const on = session.snapping.toggle();
    session.changed();
    session.announce(on ? say("Snapping on") : say("Snapping off: frames only"));
  }),
  view("view.theme", "Light or dark", [], switchTheme),
];

function laneState(lane: { readonly name: string; readonly open: boolean }): string {
  const { name } = lane;
  return lane.open ? say("{name}: open", { name }) : say("{name}: folded", { name });
}

function walkLanes(session: EditorSession, way: 1 | -1): boolean {
  const lane = session.stage.view?.timeline.walkLanes(way);
  if (lane) session.announce(laneState(lane));
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
