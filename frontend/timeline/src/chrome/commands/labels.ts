import { type Command, type Context, editable, ownSelected } from "./contract";

function labels(id: string, name: string, keys: string[], run: (c: Context) => unknown): Command {
  return { id, group: "Labels", name, keys, undoable: false, run };
}

export const LABELS: readonly Command[] = [
  {
    ...labels("label.next", "Next label", [".", "Tab"], ({ marking }) => marking.selecting.walk(1)),
    repeats: true,
  },
  {
    ...labels("label.previous", "Previous label", [",", "Shift+Tab"], ({ marking }) =>
      marking.selecting.walk(-1),
    ),
    repeats: true,
  },
  {
    ...labels("label.widen.next", "Select the next label too", ["Shift+ArrowDown"], ({ marking }) =>
      marking.selecting.widen(1),
    ),
    repeats: true,
  },
  {
    ...labels(
      "label.widen.previous",
      "Select the previous label too",
      ["Shift+ArrowUp"],
      ({ marking }) => marking.selecting.widen(-1),
    ),
    repeats: true,
  },
  labels("label.all", "Select all of this class, again for all labels", ["Ctrl+A"], ({ marking }) =>
    marking.selecting.all(),
  ),
  {
    ...labels("label.confirm", "Confirm the proposal and go to the next", ["A"], ({ marking }) =>
      marking.proposals.confirm(),
    ),
    undoable: true,
    when: ({ session, marking }) => session.editable && marking.proposals.open.length > 0,
    why: "There are no proposals.",
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
  if (session.stage.view?.cameras.bail()) return true;
  if (session.stage.view?.timeline.bail() || marking.drawBail()) return true;
  if (session.snapshot().selected.size === 0) return false;
  session.select(null);
  return true;
}
