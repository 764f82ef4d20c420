import { useId, useState } from "react";
import { parseClock } from "../../model/time";
import { say } from "../../words";
import { useEditor } from "../context";
import { Modal } from "./Modal";

/** To a time or a frame by its number. */
export function GoTo() {
  const { session } = useEditor();
  const [text, setText] = useState("");
  const [wrong, setWrong] = useState(false);
  const hint = useId();
  const go = () => {
    const frame = /^f?\s*(\d+)\s*f?$/i.exec(text.trim());
    const asFrame = frame && /f/i.test(text) ? session.grid.timeOf(Number(frame[1])) : null;
    const at = asFrame ?? parseClock(text);
    if (at === null) {
      setWrong(true);
      return;
    }
    session.openDialog(null);
    session.jumpTo(null, Math.min(at, session.durationNs - 1));
  };
  return (
    <Modal title={say("Go to")} className="tl-goto">
      <form
        method="dialog"
        onSubmit={(event) => {
          event.preventDefault();
          go();
        }}
      >
        <input
          className="tl-field"
          aria-label={say("Time or frame")}
          aria-describedby={hint}
          aria-invalid={wrong}
          value={text}
          autoComplete="off"
          onChange={(event) => setText(event.target.value)}
        />
        <button type="submit" className="tl-button tl-button--primary">
          {say("Go")}
        </button>
      </form>
      <p id={hint} className={wrong ? "tl-goto__wrong" : "tl-hint"}>
        {wrong ? `${say("Neither a time nor a frame.")} ` : ""}
        {say("Seconds as 3.48 or 0:03.480, a frame as f174.")}
      </p>
    </Modal>
  );
}
