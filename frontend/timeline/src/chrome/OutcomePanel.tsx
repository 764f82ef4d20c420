import { goalAttribute, goalKey } from "../model/attributes";
import type { Label } from "../model/label";
import { classesOfKind, classOf, isAsked, isShown, type LabelClass } from "../model/schema";
import { reworded, say } from "../words";
import { useEditor, useSnapshot } from "./context";
import { AttributeField } from "./fields";
import { shortOwners } from "./owners";
import { ClassMark, KeyOf, Keys } from "./pieces";

/** How the episode ended: one of the schema's outcomes, the task's goals, and what goes with it. */
export function Outcome() {
  const { session, marking } = useEditor();
  const { editable, prefix } = useSnapshot();
  const classes = classesOfKind(session.schema, "outcome");
  if (!editable) return <OutcomesOfAll />;
  const chosen = marking.judging.chosen;
  const known = chosen && classOf(session.schema, chosen.label_class);
  return (
    <section className="tl-panel tl-outcome" aria-labelledby="tl-outcome-title">
      <h2 id="tl-outcome-title">
        {say("Outcome")} <Keys of="O" />
        {prefix === "O" && <span className="tl-hint">{say("now press its letter")}</span>}
      </h2>
      <fieldset className="tl-group tl-outcome__choices" aria-labelledby="tl-outcome-title">
        {classes.map((each) => (
          <button
            key={each.id}
            type="button"
            className="tl-button tl-choice"
            aria-pressed={each.id === known?.id}
            title={each.description}
            onClick={() => marking.judging.outcome(each)}
          >
            <ClassMark known={each} />
            {each.name}
            <KeyOf id={`mark.${each.id}`} after="O" />
          </button>
        ))}
      </fieldset>
      {chosen && known && <Goals label={chosen} known={known} />}
      {chosen && known && <Details label={chosen} known={known} />}
      <Tags />
    </section>
  );
}

/** Whether each goal of the task was met: three answers, one key each in turn. */
function Goals({ label, known }: { label: Label; known: LabelClass }) {
  const { session, marking } = useEditor();
  const asked = goalAttribute(known);
  if (!asked || session.task.goals.length === 0) return null;
  return (
    <ul className="tl-goals" aria-label={say("Goals of the task")}>
      {session.task.goals.map((goal, place) => {
        const value = label.attributes[goalKey(asked, goal.id)] ?? "";
        return (
          <li key={goal.id}>
            <fieldset className="tl-group tl-goal" aria-label={goal.text}>
              <span className="tl-goal__text">{goal.text}</span>
              {asked.choices.map((choice) => (
                <button
                  key={choice.id}
                  type="button"
                  className="tl-button tl-choice"
                  aria-pressed={choice.id === value}
                  onClick={() => marking.judging.goal(place, choice.id)}
                >
                  {choice.name}
                </button>
              ))}
              <KeyOf id={`goal.${place + 1}`} />
            </fieldset>
          </li>
        );
      })}
    </ul>
  );
}

/** Progress, reason and whatever else the schema asks of this outcome. */
function Details({ label, known }: { label: Label; known: LabelClass }) {
  const { marking } = useEditor();
  const { findings } = useSnapshot();
  const shown = known.attributes.filter(
    (each) => each.per !== "goal" && isShown(each, label.attributes),
  );
  const asked = shown.filter((each) => isAsked(each, label.attributes));
  const others = shown.filter((each) => !asked.includes(each));
  return (
    <div className="tl-outcome__details">
      {[...asked, ...others].map((attribute) => (
        <AttributeField
          key={`${known.id} ${attribute.id}`}
          of={attribute}
          values={label.attributes}
          put={(key, value) => marking.judging.attribute(label, attribute, key, value)}
        />
      ))}
      {findings
        .filter((finding) => finding.label_id === label.id && finding.severity === "warning")
        .map((finding) => (
          <p key={finding.message} className="tl-hint">
            {reworded(finding.message)}
          </p>
        ))}
    </div>
  );
}

/** What else is true of the whole episode; any number of them. */
function Tags() {
  const { session, marking } = useEditor();
  const tags = classesOfKind(session.schema, "tag");
  if (tags.length === 0) return null;
  return (
    <details
      className="tl-tags"
      open={tags.some((tag) => marking.judging.tagged(tag)) || undefined}
    >
      <summary>{say("Tags")}</summary>
      <fieldset className="tl-group tl-outcome__choices" aria-label={say("Tags of the episode")}>
        {tags.map((tag) => (
          <button
            key={tag.id}
            type="button"
            className="tl-button tl-choice"
            aria-pressed={marking.judging.tagged(tag) !== undefined}
            title={tag.description}
            onClick={() => marking.judging.tag(tag)}
          >
            <ClassMark known={tag} />
            {tag.name}
          </button>
        ))}
      </fieldset>
    </details>
  );
}

function OutcomesOfAll() {
  const { session } = useEditor();
  const { tracks } = useSnapshot();
  const { schema } = session;
  const owners = shortOwners(tracks.map((track) => track.name));
  return (
    <section className="tl-panel tl-outcome" aria-labelledby="tl-outcome-title">
      <h2 id="tl-outcome-title">{say("Outcome")}</h2>
      <dl className="tl-pairs">
        {tracks.map((track, i) => {
          const outcome = track.timeline.outcome();
          const known = outcome && classOf(schema, outcome.label_class);
          const tags = track.timeline.labels.filter((label) => label.kind === "tag");
          const names = tags.map(
            (tag) => classOf(schema, tag.label_class)?.name ?? tag.label_class,
          );
          return (
            <div key={track.setId}>
              <dt title={track.name}>{owners[i]}</dt>
              <dd>
                {known && <ClassMark known={known} />}
                {known?.name ?? say("none")}
                {names.length > 0 && <span className="tl-hint">{names.join(", ")}</span>}
              </dd>
            </div>
          );
        })}
      </dl>
    </section>
  );
}
