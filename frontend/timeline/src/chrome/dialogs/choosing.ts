import { type Command, unavailable } from "../commands";
import { type EditorContext, focusStage } from "../context";
import { rememberCommand } from "../recent";

/** Does what was chosen by hand, with the dialog gone and the focus where keys work; or says why not. */
export function choose(editor: EditorContext, command: Command): void {
  const { session } = editor;
  const why = unavailable(command, editor);
  if (why !== null) {
    session.announce(why);
    return;
  }
  rememberCommand(command.id);
  session.openDialog(null);
  focusStage();
  command.run(editor);
}
