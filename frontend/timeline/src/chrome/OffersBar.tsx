import { Copy, Download, Sparkles } from "lucide-react";
import { say, sayCount } from "../words";
import { useEditor, useSnapshot } from "./context";
import { CommandButton } from "./pieces";

/** What could be begun with, and which proposals are still to be looked at: a line, never in the way. */
export function Offers() {
  const { session, marking } = useEditor();
  const { editable, labels } = useSnapshot();
  if (!editable) return null;
  const { open, found } = marking.proposals;
  if (open.length > 0) {
    return (
      <div className="tl-offers" role="status">
        <Sparkles size={14} aria-hidden="true" />
        <span>
          {sayCount(open.length, "{count} proposal to look at", "{count} proposals to look at")}
        </span>
        <CommandButton id="label.confirm" icon={Sparkles} text={say("Confirm, next")} />
      </div>
    );
  }
  if (labels.length > 0) return null;
  const previous = session.payload.previous;
  if (found.length === 0 && !previous) return null;
  return (
    <div className="tl-offers">
      {found.length > 0 && (
        <CommandButton
          id="mark.found"
          icon={Download}
          text={sayCount(
            found.length,
            "Take over {count} label found in the recording",
            "Take over {count} labels found in the recording",
          )}
        />
      )}
      {previous && (
        <CommandButton
          id="mark.pattern"
          icon={Copy}
          text={say("Copy the labels of {episode}", { episode: previous.key })}
        />
      )}
    </div>
  );
}
