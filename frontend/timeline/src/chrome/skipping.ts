import { openByPost } from "../net/api";
import { reworded, say } from "../words";
import type { Context } from "./commands";

export interface Reason {
  readonly reason: string;
  readonly text: string;
}

/** Gives the episode away for a reason and opens the next; what the server says when it refuses. */
export async function skipEpisode(
  { session, saving }: Context,
  reason: Reason,
): Promise<string | null> {
  const { queue } = saving;
  if (session.talk?.unposted) {
    return say("A comment is written and not posted yet.");
  }
  // The draft is kept for those who decide about the episode.
  await queue?.flush();
  const answer = await saving.api.skip(reason);
  if (!answer) {
    return say("The server was not reached. The episode is still yours. Try again in a moment.");
  }
  if (!answer.ok) {
    const { detail, remedy } = answer.problem;
    return [reworded(detail), reworded(remedy)].filter(Boolean).join(" ");
  }
  saving.leaving = true;
  if (!queue?.unsaved) await queue?.forget();
  const { next, queue: work } = session.payload.urls;
  if (next) openByPost(next);
  else location.assign(work);
  return null;
}
