import { useEffect, useState } from "react";
import { useEditor } from "./context";

/**
 * Says aloud what a screen reader would otherwise not learn. A dialog has one of its own: what lies
 * behind it is silent while it is open.
 */
export function Announcer({ inDialog = false }: { inDialog?: boolean }) {
  const { session } = useEditor();
  const [text, setText] = useState("");
  useEffect(
    () =>
      session.onAnnounce((said) => {
        // The same words twice are silence to a screen reader; an invisible mark makes them new.
        setText((before) => (before === said ? `${said}\u200b` : said));
      }),
    [session],
  );
  return (
    <p className="tl-hidden" aria-live="polite" data-testid={inDialog ? undefined : "announcer"}>
      {text}
    </p>
  );
}
