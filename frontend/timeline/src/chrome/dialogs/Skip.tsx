import { type FormEvent, useId, useState } from "react";
import { phrase, say, translated } from "../../words";
import { useEditor } from "../context";
import { skipEpisode } from "../skipping";
import { Modal } from "./Modal";

/** As the server knows them. */
const REASONS = [
  { id: "unclear_task", name: phrase("It is not clear what the task is") },
  { id: "bad_video", name: phrase("The picture is missing, frozen or too dark") },
  { id: "bad_signals", name: phrase("The signals are missing or do not fit the picture") },
  { id: "not_an_episode", name: phrase("There is no attempt at the task in it") },
  { id: "guideline", name: phrase("The guideline does not say how to label it") },
  { id: "other", name: phrase("Something else") },
] as const;

/** Why somebody does not label the episode; then it is somebody else's. */
export function Skip() {
  const editor = useEditor();
  const { session } = editor;
  const [reason, setReason] = useState("");
  const [text, setText] = useState("");
  const [wrong, setWrong] = useState("");
  const [sending, setSending] = useState(false);
  const problem = useId();
  const send = async (event: FormEvent) => {
    event.preventDefault();
    if (sending) return;
    setSending(true);
    const refused = await skipEpisode(editor, { reason, text });
    setSending(false);
    setWrong(refused ?? "");
  };
  return (
    <Modal title={say("Skip this episode")} className="tl-skip">
      <form onSubmit={(event) => void send(event)}>
        <p>
          {say(
            "Somebody else gets {episode} and you do not get it again. Reviewers and managers read why.",
            { episode: session.payload.episode.key },
          )}
        </p>
        <fieldset className="tl-group tl-skip__reasons">
          <legend>{say("Reason")}</legend>
          {REASONS.map(({ id, name }) => (
            <label key={id}>
              <input
                type="radio"
                name="reason"
                value={id}
                required
                checked={id === reason}
                onChange={() => setReason(id)}
              />
              {translated(name)}
            </label>
          ))}
        </fieldset>
        <label className="tl-skip__words">
          {say("In your words")}
          <textarea
            className="tl-field"
            rows={2}
            maxLength={500}
            required={reason === "other"}
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        </label>
        <p id={problem} role="alert" className="tl-skip__wrong">
          {wrong}
        </p>
        <div className="tl-skip__end">
          <button
            type="submit"
            className="tl-button tl-button--primary"
            aria-describedby={problem}
            disabled={sending}
          >
            {say("Skip the episode")}
          </button>
          <button type="button" className="tl-button" onClick={() => session.openDialog(null)}>
            {say("Back to the episode")}
          </button>
        </div>
      </form>
    </Modal>
  );
}
