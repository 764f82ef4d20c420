import { reworded } from "../../words";
import type { EditorSession } from "../session";
import { type Command, editable } from "./contract";

export const EPISODE: readonly Command[] = [
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
    id: "episode.skip",
    group: "Episode",
    name: "Skip this episode with a reason…",
    // No letter is free, and it is no thing to do by accident.
    keys: [],
    undoable: false,
    when: ({ session }) => session.editable && Boolean(session.payload.urls.skip),
    why: "This episode cannot be skipped.",
    run: ({ session }) => session.openDialog("skip"),
  },
  {
    id: "episode.check",
    group: "Episode",
    name: "Next thing left to do",
    keys: ["C"],
    undoable: false,
    when: ({ session }) => session.editable && session.findings.length > 0,
    why: "Nothing is left to do.",
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
    id: "editor.menu",
    group: "Episode",
    name: "All commands in a menu",
    keys: ["F1"],
    undoable: false,
    run: ({ session }) => session.openDialog("menu"),
  },
  {
    id: "editor.settings",
    group: "Episode",
    name: "Settings: keys, language",
    keys: ["Ctrl+,"],
    undoable: false,
    inFields: true,
    run: ({ session }) => session.openDialog("settings"),
  },
  {
    id: "editor.guideline",
    group: "Episode",
    name: "Guideline of the project",
    keys: ["Y"],
    undoable: false,
    when: ({ session }) => Boolean(session.payload.project.guideline),
    why: "This project has no guideline.",
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
  session.announce(reworded(next.message));
}
