import {
  ArrowLeft,
  BookOpen,
  CircleHelp,
  Command as CommandIcon,
  Menu,
  Pause,
  Play,
  Redo2,
  Send,
  StepBack,
  StepForward,
  Undo2,
} from "lucide-react";
import { useEffect, useRef } from "react";
import { formatClock } from "../model/time";
import { phrase, say, translated } from "../words";
import { focusStage, useEditor, useSnapshot } from "./context";
import { CommandButton } from "./pieces";
import { SaveStatus } from "./SaveStatus";
import { SPEEDS } from "./transport";

/** The playhead in words. Written straight to the page on each frame: time is no React state. */
function TimeReadout() {
  const { session } = useEditor();
  const time = useRef<HTMLSpanElement>(null);
  const frame = useRef<HTMLSpanElement>(null);
  useEffect(
    () =>
      session.transport.onFrame(({ tNs }) => {
        const [a, b] = [formatClock(tNs), String(session.grid.frameAt(tNs))];
        if (time.current && time.current.textContent !== a) time.current.textContent = a;
        if (frame.current && frame.current.textContent !== b) frame.current.textContent = b;
      }),
    [session],
  );
  return (
    <div className="tl-time">
      <span ref={time} className="tl-time__now" data-testid="time">
        00:00.000
      </span>
      <span className="tl-time__total">/ {formatClock(session.durationNs)}</span>
      <span className="tl-time__frame">
        {say("frame")}{" "}
        <span ref={frame} data-testid="frame">
          0
        </span>
      </span>
    </div>
  );
}

function Speed() {
  const { session } = useEditor();
  const { rate } = useSnapshot();
  const size = Math.abs(rate);
  const speeds = SPEEDS.some((speed) => speed === size) ? SPEEDS : [...SPEEDS, size];
  return (
    <select
      className="tl-field tl-speed"
      aria-label={say("Playback speed")}
      value={size}
      onChange={(event) => {
        session.transport.setSpeed(Number(event.target.value));
        session.changed();
        focusStage();
      }}
    >
      {speeds.map((speed) => (
        <option key={speed} value={speed}>
          {speed}×
        </option>
      ))}
    </select>
  );
}

const submitText = (mode: string) =>
  mode === "review" ? say("Accept the consensus") : say("Submit");

const BACK = {
  annotate: phrase("Back to the queue"),
  review: phrase("Back to the batch"),
  view: phrase("Back to the episodes"),
} as const;

export function Header() {
  const { session } = useEditor();
  const { playing, editable, submitting, undoName, redoName } = useSnapshot();
  const { episode, progress, project, mode, user, urls } = session.payload;
  // On the other pages the editor is one part among others, under the page's own heading.
  const Title = mode === "annotate" ? "h1" : "h2";
  const back = translated(BACK[mode]);
  const place = progress
    ? say("episode {position} of {total}", {
        position: progress.position,
        total: progress.total,
      })
    : episode.key;
  return (
    <header className="tl-header">
      <div className="tl-header__what">
        <a
          className="tl-button tl-button--icon tl-button--quiet"
          href={session.payload.urls.queue}
          aria-label={back}
          title={back}
        >
          <ArrowLeft size={16} aria-hidden="true" />
        </a>
        <Title>{episode.task || episode.key}</Title>
        <p title={`${project.name}, ${episode.key}, ${episode.embodiment}, ${user.name}`}>
          {mode === "review" ? `${say("Review")} · ` : ""}
          {place} · {project.name}
        </p>
      </div>
      <fieldset className="tl-group tl-header__transport" aria-label={say("Playback")}>
        <CommandButton id="step.back" icon={StepBack} />
        <CommandButton
          id="play.toggle"
          icon={playing ? Pause : Play}
          name={playing ? say("Pause") : say("Play")}
        />
        <CommandButton id="step.forward" icon={StepForward} />
        <Speed />
        <TimeReadout />
      </fieldset>
      <div className="tl-header__end">
        <SaveStatus />
        {editable && (
          <>
            <CommandButton
              id="edit.undo"
              icon={Undo2}
              name={undoName ? say("Undo: {name}", { name: undoName }) : say("Undo")}
              disabled={!undoName}
            />
            <CommandButton
              id="edit.redo"
              icon={Redo2}
              name={redoName ? say("Redo: {name}", { name: redoName }) : say("Redo")}
              disabled={!redoName}
            />
          </>
        )}
        {project.guideline && <CommandButton id="editor.guideline" icon={BookOpen} />}
        <CommandButton id="editor.menu" icon={Menu} />
        <CommandButton id="editor.palette" icon={CommandIcon} />
        <CommandButton id="editor.help" icon={CircleHelp} />
        {editable && (
          <CommandButton
            id="episode.submit"
            icon={Send}
            text={submitting ? say("Submitting…") : submitText(mode)}
            className="tl-button--primary"
            disabled={submitting}
          />
        )}
        {urls.verdict && (
          <a className="tl-button tl-button--primary" href={urls.verdict}>
            {say("Verdict")}
          </a>
        )}
      </div>
    </header>
  );
}
