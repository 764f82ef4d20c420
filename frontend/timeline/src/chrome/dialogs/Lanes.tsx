import { ChevronDown, ChevronUp, Trash2 } from "lucide-react";
import { useState } from "react";
import type { LaneChoice } from "../../stage/lanechoice";
import type { SignalGroup } from "../../stage/signallanes";
import { unitText } from "../../stage/signalscale";
import { say, sayCount } from "../../words";
import { useEditor } from "../context";
import { Modal } from "./Modal";

/** Which signal lanes are shown, in which order, and lanes of one's own from any dimensions. */
export function Lanes() {
  const { session } = useEditor();
  const [, redraw] = useState(0);
  const timeline = session.stage.view?.timeline;
  if (!timeline) return null;
  const { choice } = timeline.signals;
  const change = (make: () => void) => {
    make();
    timeline.rearranged();
    redraw((count) => count + 1);
  };
  return (
    <Modal
      title={say("Signal lanes")}
      className="tl-lanechoice"
      tools={
        <button type="button" className="tl-button" onClick={() => change(() => choice.reset())}>
          {say("As they came")}
        </button>
      }
    >
      <p className="tl-hint">
        {say("Your choice is kept for every episode of {embodiment}.", {
          embodiment: session.payload.episode.embodiment || say("this robot"),
        })}
      </p>
      <div className="tl-lanechoice__columns">
        <section aria-labelledby="tl-lanechoice-shown">
          <h3 id="tl-lanechoice-shown">{say("Shown, from the top")}</h3>
          <Shown choice={choice} change={change} />
        </section>
        <section aria-labelledby="tl-lanechoice-own">
          <h3 id="tl-lanechoice-own">{say("A lane of your own")}</h3>
          <Own choice={choice} change={change} />
        </section>
      </div>
    </Modal>
  );
}

type Change = (make: () => void) => void;

function Shown({ choice, change }: { choice: LaneChoice; change: Change }) {
  const { entries } = choice;
  if (entries.length === 0)
    return <p className="tl-empty">{say("This episode has no signals.")}</p>;
  return (
    <ul className="tl-lanechoice__list">
      {entries.map(({ group, shown }, i) => (
        <li key={group.id}>
          <label>
            <input
              type="checkbox"
              checked={shown}
              onChange={() => change(() => choice.show(group.id, !shown))}
            />
            <span>{group.name}</span>
          </label>
          <span className="tl-hint">
            {sayCount(group.legend.length, "{count} line", "{count} lines")}
          </span>
          {group.own && (
            <button
              type="button"
              className="tl-button tl-button--icon tl-button--quiet"
              aria-label={say("Remove {lane}", { lane: group.name })}
              onClick={() => change(() => choice.remove(group.id))}
            >
              <Trash2 size={15} aria-hidden="true" />
            </button>
          )}
          <button
            type="button"
            className="tl-button tl-button--icon tl-button--quiet"
            aria-label={say("{lane} up", { lane: group.name })}
            disabled={i === 0}
            onClick={() => change(() => choice.move(group.id, -1))}
          >
            <ChevronUp size={15} aria-hidden="true" />
          </button>
          <button
            type="button"
            className="tl-button tl-button--icon tl-button--quiet"
            aria-label={say("{lane} down", { lane: group.name })}
            disabled={i === entries.length - 1}
            onClick={() => change(() => choice.move(group.id, 1))}
          >
            <ChevronDown size={15} aria-hidden="true" />
          </button>
        </li>
      ))}
    </ul>
  );
}

function Own({ choice, change }: { choice: LaneChoice; change: Change }) {
  const [name, setName] = useState("");
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const toggle = (key: string) =>
    setChosen(chosen.includes(key) ? chosen.filter((each) => each !== key) : [...chosen, key]);
  const add = () => {
    const [first] = chosen;
    const alone = choice.lines.find((line) => line.key === first)?.name ?? "";
    const given = name.trim() || (chosen.length === 1 ? alone : say("my lane"));
    change(() => choice.add(given, chosen));
    setChosen([]);
    setName("");
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (chosen.length > 0) add();
      }}
    >
      <p className="tl-hint">
        {say(
          "Choose dimensions of any signals: they lie over each other, each unit to its own scale.",
        )}
      </p>
      {choice.given
        .filter((group) => group.look === "lines")
        .map((group) => (
          <Dimensions key={group.id} group={group} chosen={chosen} toggle={toggle} />
        ))}
      <div className="tl-lanechoice__add">
        <input
          className="tl-field"
          aria-label={say("Name of the lane")}
          placeholder={say("Name of the lane")}
          value={name}
          maxLength={40}
          autoComplete="off"
          onChange={(event) => setName(event.target.value)}
        />
        <button
          type="submit"
          className="tl-button tl-button--primary"
          disabled={chosen.length === 0}
        >
          {say("Add the lane")}
        </button>
      </div>
    </form>
  );
}

function Dimensions(props: {
  group: SignalGroup;
  chosen: readonly string[];
  toggle: (key: string) => void;
}) {
  const { group, chosen, toggle } = props;
  return (
    <details>
      <summary>
        {group.name}{" "}
        <span className="tl-hint">
          {sayCount(group.lines.length, "{count} dimension", "{count} dimensions")}
        </span>
      </summary>
      <ul className="tl-lanechoice__dimensions">
        {group.lines.map((line) => (
          <li key={line.key}>
            <label>
              <input
                type="checkbox"
                checked={chosen.includes(line.key)}
                onChange={() => toggle(line.key)}
              />
              <span>
                {line.name}
                {line.unit && ` (${unitText(line.unit)})`}
                {line.command && ` · ${say("command")}`}
              </span>
            </label>
          </li>
        ))}
      </ul>
    </details>
  );
}
