import type { LucideIcon } from "lucide-react";
import { Magnet, Repeat, SlidersHorizontal } from "lucide-react";
import { runCommand, useEditor, useSnapshot } from "./context";
import { keyText } from "./keys";

function Tool(props: { id: string; icon: LucideIcon; pressed?: boolean }) {
  const editor = useEditor();
  const command = editor.bindings.commands.find((each) => each.id === props.id);
  if (!command) return null;
  const Icon = props.icon;
  const [key] = command.keys;
  return (
    <button
      type="button"
      className="tl-button tl-button--icon tl-button--quiet"
      aria-label={command.name}
      aria-pressed={props.pressed}
      title={key ? `${command.name} (${keyText(key)})` : command.name}
      onClick={() => runCommand(editor, props.id)}
    >
      <Icon size={15} aria-hidden="true" />
    </button>
  );
}

/** Beside the ruler, over the names of the lanes: what changes how the timeline behaves. */
export function LaneTools() {
  const { snapping, looping } = useSnapshot();
  return (
    <div className="tl-lanetools">
      <Tool id="snap.toggle" icon={Magnet} pressed={snapping} />
      <Tool id="play.loop" icon={Repeat} pressed={looping} />
      <Tool id="lane.choose" icon={SlidersHorizontal} />
    </div>
  );
}
