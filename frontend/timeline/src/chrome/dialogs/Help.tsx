import { Keyboard, Printer } from "lucide-react";
import { say, translated } from "../../words";
import { type Command, GROUPS, type Group } from "../commands";
import { useEditor, useSnapshot } from "../context";
import { LAYOUTS } from "../layouts";
import { Keys } from "../pieces";
import { Modal } from "./Modal";

function KeyTable({ group, commands }: { group: Group; commands: readonly Command[] }) {
  return (
    <table className="tl-keys__table">
      <caption>{translated(group)}</caption>
      <tbody>
        {commands.map((command) => (
          <tr key={command.id}>
            <th scope="row">{command.name}</th>
            <td>
              {command.keys.length === 0 && <span className="tl-keys__none">–</span>}
              {command.keys.map((key) => (
                <Keys key={key} of={key} />
              ))}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Every command with its key as it is now: on the screen, and on paper beside it. */
export function Help() {
  const { session, bindings, settings } = useEditor();
  useSnapshot();
  const { project } = session.payload;
  return (
    <Modal
      title={say("Keys")}
      className="tl-keys"
      tools={
        <>
          <button
            type="button"
            className="tl-button"
            onClick={() => session.openDialog("settings")}
          >
            <Keyboard size={15} aria-hidden="true" /> {say("Change keys")}
          </button>
          <button type="button" className="tl-button" onClick={() => window.print()}>
            <Printer size={15} aria-hidden="true" /> {say("Print")}
          </button>
        </>
      }
    >
      <p className="tl-keys__how">
        {say(
          "Keys work wherever no text is being typed. While an edge is dragged, Alt keeps it from snapping and Esc puts it back. The wheel zooms at the pointer, Shift and wheel moves along. What is drawn while paused opens its text, or what it must have, at once: type, and Enter leads back. Left empty, ← and → simply step on.",
        )}
      </p>
      <p className="tl-keys__whose">
        {say("Touchline, {project}, keyboard {layout}", {
          project: project.name,
          layout: translated(LAYOUTS[settings.layout]),
        })}
      </p>
      <div className="tl-keys__tables">
        {GROUPS.map((group) => {
          const own = bindings.commands.filter((command) => command.group === group);
          return own.length > 0 && <KeyTable key={group} group={group} commands={own} />;
        })}
      </div>
    </Modal>
  );
}
