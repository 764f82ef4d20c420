import { Check, CloudOff, HardDrive, Lock, LogOut, RefreshCw, TriangleAlert } from "lucide-react";
import type { SaveState } from "../net/savequeue";
import { say, sayCount } from "../words";
import { useEditor, useSnapshot } from "./context";

interface Described {
  readonly icon: typeof Check;
  readonly text: string;
  readonly tone: "ok" | "muted" | "warn" | "danger";
}

const clock = (time: number) =>
  new Date(time).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });

/** Where the changes are that the server does not have. */
function kept({ changes, kept: durable, conflicts }: SaveState): string {
  const count = Math.max(changes, conflicts.length);
  if (count === 0) return "";
  if (durable) return sayCount(count, "1 change kept here", "{count} changes kept here");
  return sayCount(count, "1 change only in this tab", "{count} changes only in this tab");
}

const joined = (...parts: string[]) => parts.filter(Boolean).join(" · ");

function describe(save: SaveState): Described {
  const { phase, conflicts, offlineSince } = save;
  if (phase === "offline") {
    const since = offlineSince === null ? "" : clock(offlineSince);
    const text = joined(say("Offline since {time}", { time: since }), kept(save));
    return { icon: CloudOff, text, tone: "warn" };
  }
  if (phase === "signed_out")
    return { icon: LogOut, text: joined(say("Signed out"), kept(save)), tone: "danger" };
  if (phase === "lease_lost")
    return { icon: Lock, text: joined(say("Lease lost"), kept(save)), tone: "danger" };
  if (phase === "frozen") {
    const text = joined(say("Submitted: read-only"), kept(save));
    return { icon: Lock, text, tone: "warn" };
  }
  if (phase === "refused")
    return { icon: TriangleAlert, text: joined(say("Not saved"), kept(save)), tone: "danger" };
  if (conflicts.length > 0) {
    const text = sayCount(conflicts.length, "1 conflict", "{count} conflicts");
    return { icon: TriangleAlert, text, tone: "danger" };
  }
  if (phase === "saved") return { icon: Check, text: say("Saved"), tone: "ok" };
  if (!save.kept)
    return { icon: HardDrive, text: joined(say("Saving…"), kept(save)), tone: "warn" };
  return { icon: RefreshCw, text: say("Saving…"), tone: "muted" };
}

/** What is true of the work right now: on the server, on its way, or only here. */
export function SaveStatus() {
  const { saving } = useEditor();
  const { save, editable, tracks } = useSnapshot();
  if (!tracks.some((track) => track.editable)) {
    return <span className="tl-save">{say("Read-only")}</span>;
  }
  const { icon: Icon, text, tone } = describe(save);
  const stuck = save.phase === "offline" || save.phase === "refused";
  return (
    <span
      className={`tl-save tl-save--${tone}`}
      data-phase={save.phase}
      data-changes={save.changes}
      data-testid="save"
    >
      <Icon size={14} aria-hidden="true" />
      {text}
      {stuck && editable && (
        <button type="button" className="tl-link" onClick={() => void saving.retry()}>
          {say("Try now")}
        </button>
      )}
    </span>
  );
}
