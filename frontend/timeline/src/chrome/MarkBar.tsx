import { Maximize2, ZoomIn, ZoomOut } from "lucide-react";
import { useCallback, useSyncExternalStore } from "react";
import { className, effectorName } from "../model/schema";
import { formatSeconds } from "../model/time";
import { say } from "../words";
import { focusStage, useEditor, useSnapshot } from "./context";
import { ariaKey } from "./keys";
import { ClassMark, CommandButton, KeyOf, Keys } from "./pieces";

/** The class that usually comes next at the playhead; renders only when it is another. */
function useExpected(): string {
  const { session, marking } = useEditor();
  const { transport } = session;
  const subscribe = useCallback(
    (listener: () => void) => {
      const ends = [transport.onFrame(listener), session.subscribe(listener)];
      return () => ends.forEach((end) => void end());
    },
    [session, transport],
  );
  return useSyncExternalStore(subscribe, () => marking.expected?.id ?? "");
}

/** The classes with their shapes and keys: a legend that can be pressed. */
function ClassButtons() {
  const editor = useEditor();
  const { session, bindings } = editor;
  const { drawing } = useSnapshot();
  const expected = useExpected();
  const classes = session.schema.classes.filter(
    (known) => known.kind !== "outcome" && known.kind !== "tag",
  );
  return (
    <fieldset className="tl-group tl-classes" aria-label={say("Mark at the playhead")}>
      {classes.map((known) => {
        const command = bindings.commands.find((each) => each.id === `mark.${known.id}`);
        if (!command) return null;
        return (
          <button
            key={known.id}
            type="button"
            data-class={known.id}
            className={`tl-class ${known.id === expected ? "tl-class--next" : ""}`}
            title={`${known.name}: ${known.description}`}
            aria-keyshortcuts={ariaKey(command.keys[0])}
            aria-pressed={known.kind === "instant" ? undefined : drawing?.labelClass === known.id}
            onClick={(event) => {
              command.run(editor);
              // A mouse leaves the hands on the keys; Enter on the button stays there.
              if (event.detail > 0) focusStage();
            }}
          >
            <ClassMark known={known} />
            <span>{known.name}</span>
            <Keys of={command.keys[0]} small />
            {known.id === expected && <KeyOf id="mark.next" />}
          </button>
        );
      })}
    </fieldset>
  );
}

/** Where nothing can be marked: what the shapes on the lanes mean. */
function Legend() {
  const { session } = useEditor();
  const { labels } = useSnapshot();
  const used = new Set(labels.map((label) => label.label_class));
  const classes = session.schema.classes.filter(
    (known) => known.kind !== "outcome" && known.kind !== "tag" && used.has(known.id),
  );
  return (
    <ul className="tl-classes" aria-label={say("Classes")}>
      {classes.map((known) => (
        <li key={known.id} className="tl-class tl-class--plain" title={known.description}>
          <ClassMark known={known} />
          <span className="tl-class__keep">{known.name}</span>
        </li>
      ))}
    </ul>
  );
}

/** How segments are marked: without gaps, and for each effector. */
function Modes() {
  const { session, marking } = useEditor();
  const { gapFree, perHand } = useSnapshot();
  return (
    <>
      <button
        type="button"
        className="tl-class"
        aria-pressed={gapFree}
        title={say("Segments fill their track: cutting and deleting leave no gap")}
        onClick={() => marking.toggleGapFree()}
      >
        <span className="tl-class__keep">{say("no gaps")}</span>
      </button>
      {session.schema.effectors.length > 1 && (
        <button
          type="button"
          className="tl-class"
          aria-pressed={perHand}
          title={say("New segments belong to the chosen effector and have a track of their own")}
          onClick={() => marking.togglePerHand()}
        >
          <span className="tl-class__keep">{say("per effector")}</span>
        </button>
      )}
    </>
  );
}

export function MarkBar() {
  const { session, marking } = useEditor();
  const { editable, drawing, effector } = useSnapshot();
  return (
    <div className="tl-markbar">
      {editable ? <ClassButtons /> : <Legend />}
      <div className="tl-markbar__end">
        {drawing && (
          <span className="tl-drawing" role="status">
            {say("{class} from {time} s: press again at its end", {
              class: className(session.schema, drawing.labelClass),
              time: formatSeconds(drawing.fromNs),
            })}
          </span>
        )}
        {editable && <Modes />}
        {editable && session.schema.effectors.length > 1 && (
          <button
            type="button"
            className="tl-class"
            title={say("Effector of new marks")}
            onClick={() => marking.cycleEffector()}
          >
            <span className="tl-class__keep">
              {effectorName(session.schema, effector).toLowerCase()}
            </span>
            <KeyOf id="mark.effector" />
          </button>
        )}
        <CommandButton id="zoom.out" icon={ZoomOut} className="tl-button--quiet" />
        <CommandButton id="zoom.in" icon={ZoomIn} className="tl-button--quiet" />
        <CommandButton id="zoom.fit" icon={Maximize2} className="tl-button--quiet" />
      </div>
    </div>
  );
}
