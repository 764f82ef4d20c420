import { createRoot } from "react-dom/client";
import { Scope } from "../clock/scope";
import type { EpisodeFrames } from "../decode/contract";
import { openEpisode } from "../decode/episode";
import { FrameError } from "../decode/errors";
import { FrameGrid } from "../model/frames";
import type { EditorPayload } from "../net/payload";
import { type Context, commandTable } from "./commands";
import { focusStage } from "./context";
import { Editor } from "./Editor";
import { Keyboard } from "./keyboard";
import { KeyMap } from "./keys";
import { Marking } from "./marking";
import { prepare, Saving } from "./saving";
import { EditorSession } from "./session";
import { type StagePlaces, StageView } from "./stageview";
import { Transport } from "./transport";

/** Opens an episode on the page; the returned function gives everything back. */
export async function startEditor(
  element: HTMLElement,
  payload: EditorPayload,
): Promise<() => void> {
  const scope = new Scope();
  const prepared = await prepare(payload, scope);
  const transport = new Transport(payload.episode.duration_ns, scope);
  const session = new EditorSession(payload, transport, prepared?.opening.labels ?? []);
  const saving = new Saving(session, prepared, scope);
  const context: Context = { session, marking: new Marking(session), saving };
  const commands = commandTable(payload.schema.classes);
  new Keyboard(new KeyMap(commands), context, scope);
  watchTransport(session, scope);

  const mount = (places: StagePlaces) => {
    const stageScope = scope.child();
    session.stage.view = new StageView(places, session, stageScope);
    session.changed();
    focusStage();
    void openCameras(session, stageScope);
    return () => {
      session.stage.view = null;
      stageScope.close();
    };
  };
  const root = createRoot(element);
  root.render(<Editor editor={{ ...context, commands }} mount={mount} />);
  saving.start();
  scope.own(() => root.unmount());
  return () => scope.close();
}

/** React hears of playing and speed, never of time. */
function watchTransport(session: EditorSession, scope: Scope): void {
  let before = "";
  scope.own(
    session.transport.onFrame(({ playing, rate }) => {
      const now = `${playing} ${rate}`;
      if (now === before) return;
      before = now;
      session.changed();
    }),
  );
}

/** Once for all cameras: what is different from now on, and what would change it back. */
function tellStills(session: EditorSession, error: FrameError | null): void {
  if (session.snapshot().notice) return;
  session.notify({
    tone: "info",
    text: `${error?.message ?? ""} The pictures come as stills from the server: the same frames, slower to play.`.trim(),
    ...(error ? { remedy: error.remedy } : {}),
  });
}

/** The cameras come when they come: labels, signals and saving do not wait for them. */
async function openCameras(session: EditorSession, scope: Scope): Promise<void> {
  const { view } = session.stage;
  if (!view) return;
  let episode: EpisodeFrames;
  try {
    episode = await openEpisode(session.payload.streams, {
      signal: scope.signal,
      onStatus: (status) => {
        view.cameras.status(status);
        if (status.state === "fallback") tellStills(session, status.error);
      },
    });
  } catch (cause) {
    if (scope.closed) return;
    const error = FrameError.wrap(cause, "index");
    view.cameras.fail(error);
    session.notify({ tone: "error", text: error.message, remedy: error.remedy });
    return;
  }
  scope.own(() => episode.close());
  session.grid = new FrameGrid(episode.reference.timesNs, session.durationNs);
  view.cameras.open(episode);
  session.transport.open(episode);
  session.changed();
}
