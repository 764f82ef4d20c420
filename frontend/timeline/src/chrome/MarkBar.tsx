import { Maximize2, ZoomIn, ZoomOut } from "lucide-react";
import { className, effectorName } from "../model/schema";
import { formatSeconds } from "../model/time";
import { focusStage, useEditor, useSnapshot } from "./context";
import { ClassMark, CommandButton, Keys } from "./pieces";

/** The classes with their shapes and keys: a legend that can be pressed. */
function ClassButtons() {
  const editor = useEditor();
  const { session, commands } = editor;
  const { drawing } = useSnapshot();
  const classes = session.schema.classes.filter((known) => known.kind !== "outcome");
  return (
    <fieldset className="tl-group tl-classes" aria-label="Mark at the playhead">
      {classes.map((known) => {
        const command = commands.find((each) => each.id === `mark.${known.id}`);
        if (!command) return null;
        return (
          <button
            key={known.id}
            type="button"
            className="tl-class"
            title={`${known.name}: ${known.description}`}
            aria-pressed={known.kind === "instant" ? undefined : drawing?.labelClass === known.id}
            onClick={(event) => {
              command.run(editor);
              // A mouse leaves the hands on the keys; Enter on the button stays there.
              if (event.detail > 0) focusStage();
            }}
          >
            <ClassMark known={known} />
            <span>{known.name}</span>
            <Keys of={command.keys[0]} />
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
    (known) => known.kind !== "outcome" && used.has(known.id),
  );
  return (
    <ul className="tl-classes" aria-label="Classes">
      {classes.map((known) => (
        <li key={known.id} className="tl-class tl-class--plain" title={known.description}>
          <ClassMark known={known} />
          <span className="tl-class__keep">{known.name}</span>
        </li>
      ))}
    </ul>
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
            {className(session.schema, drawing.labelClass)} from {formatSeconds(drawing.fromNs)} s:
            press again at its end
          </span>
        )}
        {editable && session.schema.effectors.length > 1 && (
          <button
            type="button"
            className="tl-class"
            title="Effector of new marks"
            onClick={() => marking.cycleEffector()}
          >
            <span className="tl-class__keep">
              {effectorName(session.schema, effector).toLowerCase()}
            </span>
            <Keys of="H" />
          </button>
        )}
        <CommandButton id="zoom.out" icon={ZoomOut} className="tl-button--quiet" />
        <CommandButton id="zoom.in" icon={ZoomIn} className="tl-button--quiet" />
        <CommandButton id="zoom.fit" icon={Maximize2} className="tl-button--quiet" />
      </div>
    </div>
  );
}
