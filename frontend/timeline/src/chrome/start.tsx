import { createRoot, type Root } from "react-dom/client";
import { Scope } from "../clock/scope";
import type { CameraStatus, EpisodeFrames } from "../decode/contract";
import { openEpisode } from "../decode/episode";
import { FrameError } from "../decode/errors";
import { FrameGrid } from "../model/frames";
import type { NextEpisode } from "../net/api";
import { type EditorPayload, readPayload, writePayload } from "../net/payload";
import { reworded, say } from "../words";
import { Activity } from "./activity";
import type { Arrangements } from "./arrangements";
import { Bindings } from "./bindings";
import { type Context, commandTable } from "./commands";
import { type EditorContext, focusStage } from "./context";
import { drawCurtain } from "./curtain";
import { Editor } from "./Editor";
import { watchPads } from "./gamepad";
import { Keyboard } from "./keyboard";
import { type FramesAhead, LookAhead } from "./lookahead";
import { Marking } from "./marking";
import { openAt } from "./openat";
import { Passage } from "./passage";
import { Reviewing } from "./reviewing";
import { openTab, prepare, Saving, type Tab } from "./saving";
import { EditorSession } from "./session";
import { Settings } from "./settings";
import { type StagePlaces, StageView } from "./stageview";
import type { Onward } from "./submitting";
import { Talk } from "./talk";
import { Transport } from "./transport";

/** Opens the editor on the page; the returned function gives everything back. */
export async function startEditor(
  element: HTMLElement,
  payload: EditorPayload,
): Promise<() => void> {
  const page = new Scope();
  const settings = await Settings.open(payload.user, page);
  const tab = await openTab(new Promise<void>((resolve) => page.own(resolve)));
  const root = createRoot(element);
  page.own(() => root.unmount());
  const opened = new OpenedEpisodes(tab, settings, root, page);
  await opened.show(payload, null);
  return () => page.close();
}

/** One episode after the other on the same page: nothing is loaded again that is there already. */
class OpenedEpisodes {
  private readonly passage = new Passage<KeyboardEvent>((run, ms) => this.page.timeout(run, ms));
  private current: { readonly scope: Scope; readonly ahead: LookAhead } | null = null;
  private path = location.pathname;

  constructor(
    private readonly tab: Tab,
    private readonly settings: Settings,
    private readonly root: Root,
    private readonly page: Scope,
  ) {
    // An earlier episode is no longer at hand: its page brings it as it is now.
    page.listen(window, "popstate", () => {
      if (location.pathname !== this.path) location.reload();
    });
  }

  async show(payload: EditorPayload, ready: FramesAhead | null): Promise<void> {
    const prepared = await prepare(payload, this.tab);
    this.current?.scope.close();
    const scope = this.page.child();
    const transport = new Transport(payload.episode.duration_ns, scope);
    const at = ready ? null : openAt(location.search, payload.episode.duration_ns);
    if (at !== null) transport.seek(at);
    const session = new EditorSession(payload, transport, prepared?.opening.labels ?? []);
    session.talk = new Talk(session, scope);
    session.activity = new Activity(session, scope);
    session.reviewing = new Reviewing(session, scope);
    const saving = new Saving(session, prepared, scope, this.onward(session));
    const context: Context = { session, marking: new Marking(session), saving };
    const { editor, keyboard } = editing(context, this.settings, scope, this.passage);
    watchTransport(session, scope);
    const ahead = new LookAhead(session, saving, scope);
    this.current = { scope, ahead };
    if (ready) scope.own(() => ready.close());
    const { arrangements } = this.settings;
    const mount = stageMount(session, scope, arrangements, ready, {
      standing: () => keyboard.catchUp(this.passage.open()),
      painted: () => this.passage.painted(),
      opened: () => ahead.start(),
    });
    const key = payload.episode.id;
    this.root.render(<Editor key={key} editor={editor} mount={mount} />);
    saving.start();
  }

  private onward(session: EditorSession): Onward {
    const { passage, page } = this;
    const { arrangements } = this.settings;
    return {
      leave: () => {
        const next = this.current?.ahead.insight;
        passage.leave(next ? drawCurtain(next, session, arrangements, page) : null);
      },
      back: () => passage.back(),
      goOn: (next) => this.goOn(next),
    };
  }

  private async goOn({ url, payload }: NextEpisode): Promise<void> {
    const before = readPayload(document);
    const ready = this.current?.ahead.take(payload) ?? null;
    this.passage.arrive(ready !== null);
    await this.show(payload, ready);
    history.pushState(null, "", url);
    this.path = location.pathname;
    document.title = document.title.replace(before.episode.key, payload.episode.key);
    writePayload(document, payload);
  }
}

/** What is done when: the stage takes commands, its first pictures are seen, the cameras are open. */
interface Stations {
  standing(): void;
  painted(): void;
  opened(): void;
}

function stageMount(
  session: EditorSession,
  scope: Scope,
  arrangements: Arrangements,
  ready: FramesAhead | null,
  stations: Stations,
) {
  return (places: StagePlaces) => {
    const stageScope = scope.child();
    session.stage.view = new StageView(places, session, stageScope, arrangements);
    session.changed();
    focusStage();
    stations.standing();
    void openCameras(session, stageScope, ready, stations.painted).then(stations.opened);
    return () => {
      session.stage.view = null;
      stageScope.close();
    };
  };
}

/** What the chrome works with: the commands with the person's own keys, on keyboard and pads. */
function editing(
  context: Context,
  settings: Settings,
  scope: Scope,
  passage: Passage<KeyboardEvent>,
): { editor: EditorContext; keyboard: Keyboard } {
  const { session } = context;
  const table = commandTable(session.schema.classes);
  const bindings = new Bindings(table, settings.values.keys, settings.layout);
  settings.onChange(() => {
    bindings.bind(settings.values.keys, settings.layout);
    session.changed();
  }, scope);
  const keyboard = new Keyboard(bindings, context, settings, scope, passage);
  watchPads(session.transport, scope, keyboard.pads);
  return { editor: { ...context, settings, bindings }, keyboard };
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
    text: [
      ...(error ? [reworded(error.message)] : []),
      say("The pictures come as stills from the server: the same frames, slower to play."),
    ].join(" "),
    ...(error ? { remedy: reworded(error.remedy) } : {}),
  });
}

/** The cameras come when they come: labels, signals and saving do not wait for them. */
async function openCameras(
  session: EditorSession,
  scope: Scope,
  ready: FramesAhead | null,
  painted: () => void,
): Promise<void> {
  const { view } = session.stage;
  if (!view) return;
  let episode: EpisodeFrames;
  const onStatus = (status: CameraStatus) => {
    view.cameras.status(status);
    if (status.state === "fallback") tellStills(session, status.error);
  };
  try {
    episode =
      (await ready?.hand(onStatus)) ??
      (await openEpisode(session.payload.streams, { signal: scope.signal, onStatus }));
  } catch (cause) {
    if (scope.closed) return;
    const error = FrameError.wrap(cause, "index");
    view.cameras.fail(error);
    painted();
    session.notify({
      tone: "error",
      text: reworded(error.message),
      remedy: reworded(error.remedy),
    });
    return;
  }
  scope.own(() => episode.close());
  session.grid = new FrameGrid(episode.reference.timesNs, session.durationNs);
  view.cameras.open(episode);
  view.strip.measure();
  session.transport.open(episode);
  const stop = scope.own(
    session.transport.onFrame(({ shown }) => {
      if (!shown) return;
      stop();
      painted();
    }),
  );
  session.changed();
}
