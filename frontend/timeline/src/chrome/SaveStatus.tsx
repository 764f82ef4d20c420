import { Check, CloudOff, Lock, RefreshCw, TriangleAlert } from "lucide-react";
import type { SaveState } from "../net/savequeue";
import { useEditor, useSnapshot } from "./context";

const changesIn = (save: SaveState) =>
  save.changes === 1 ? "1 change" : `${save.changes} changes`;

function describe(save: SaveState): { icon: typeof Check; text: string; tone: string } {
  const conflicts = save.conflicts.length;
  if (save.phase === "offline") {
    const where = save.kept ? "kept here" : "only in this tab";
    return { icon: CloudOff, text: `Offline · ${changesIn(save)} ${where}`, tone: "warn" };
  }
  if (save.phase === "lease_lost") {
    return { icon: Lock, text: `Lease lost · ${changesIn(save)} kept here`, tone: "danger" };
  }
  if (save.phase === "frozen") return { icon: Lock, text: "Submitted: read-only", tone: "warn" };
  if (save.phase === "refused") {
    return { icon: TriangleAlert, text: `Not saved · ${changesIn(save)}`, tone: "danger" };
  }
  if (conflicts > 0) {
    const text = conflicts === 1 ? "1 conflict" : `${conflicts} conflicts`;
    return { icon: TriangleAlert, text, tone: "danger" };
  }
  if (save.phase === "saved") return { icon: Check, text: "Saved", tone: "ok" };
  return { icon: RefreshCw, text: "Saving…", tone: "muted" };
}

/** What is true of the work right now: on the server, on its way, or only here. */
export function SaveStatus() {
  const { saving } = useEditor();
  const { save, editable, tracks } = useSnapshot();
  if (!tracks.some((track) => track.editable)) {
    return <span className="tl-save">Read-only</span>;
  }
  const { icon: Icon, text, tone } = describe(save);
  const stuck = save.phase === "offline" || save.phase === "refused";
  return (
    <span className={`tl-save tl-save--${tone}`} data-phase={save.phase} data-testid="save">
      <Icon size={14} aria-hidden="true" />
      {text}
      {stuck && editable && (
        <button type="button" className="tl-link" onClick={() => void saving.retry()}>
          Try now
        </button>
      )}
    </span>
  );
}
