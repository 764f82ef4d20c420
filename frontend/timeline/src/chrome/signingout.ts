import { openByPost } from "../net/api";
import { sendKeptWork } from "../net/keptwork";
import { say, sayCount } from "../words";
import type { Saving } from "./saving";
import type { EditorSession } from "./session";

const SIGN_OUT_PAGE = "/logout/";

/** Signs out once nothing of this person is in this browser alone; else says what is. */
export async function signOut(session: EditorSession, saving: Saving): Promise<void> {
  const state = await saving.queue?.flush();
  await saving.queue?.settledHere;
  if (state && saving.queue?.unsaved) {
    const count = Math.max(1, state.changes, state.conflicts.length);
    session.notify({
      tone: "error",
      text: sayCount(
        count,
        "Not signed out: 1 change here has not reached the server.",
        "Not signed out: {count} changes here have not reached the server.",
      ),
      actions: [{ name: say("Try again"), run: () => void signOut(session, saving) }],
    });
    return;
  }
  const kept = await sendKeptWork(String(session.payload.user.id)).catch(() => []);
  const [first] = kept;
  if (first) {
    session.notify({
      tone: "error",
      text: say("Not signed out: work on {episode} has not reached the server.", {
        episode: first.draft.about.episode,
      }),
      remedy: say("My work lists it."),
      actions: [{ name: say("Back to the queue"), run: () => saving.toQueue().run() }],
    });
    return;
  }
  saving.leaving = true;
  openByPost(SIGN_OUT_PAGE);
}
