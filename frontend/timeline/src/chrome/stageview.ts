import type { Scope } from "../clock/scope";
import type { Ns } from "../model/time";
import { CameraStage } from "../stage/cameras";
import { ContactStrip } from "../stage/contactstrip";
import { Hover } from "../stage/hover";
import type { Shelf } from "../stage/lanechoice";
import { TimelineStage } from "../stage/timelinestage";
import { say } from "../words";
import { CameraMemory } from "./cameramemory";
import { Handling } from "./handling";
import type { EditorSession } from "./session";
import { SignalLoading } from "./signalloading";
import { SpectrogramLoading } from "./spectrogramloading";
import type { View } from "./transport";

export interface StagePlaces {
  readonly cameras: HTMLElement;
  readonly strip: HTMLElement;
  readonly lanes: HTMLElement;
}

/** The canvases of the editor, painted together on one frame of the clock. */
export class StageView {
  readonly timeline: TimelineStage;
  readonly cameras: CameraStage;
  readonly strip: ContactStrip;

  constructor(
    places: StagePlaces,
    private readonly session: EditorSession,
    scope: Scope,
    shelf: Shelf,
  ) {
    const { payload, transport } = session;
    const requestPaint = () => transport.requestPaint();
    const host = new Handling(session);
    const film = payload.streams.find((stream) => stream.reference) ?? payload.streams[0] ?? null;
    const store = new CameraMemory(payload, shelf);
    scope.own(() => store.flush());
    // A reload closes no scope.
    scope.listen(window, "pagehide", () => store.flush());
    this.cameras = new CameraStage({
      element: places.cameras,
      scope,
      host,
      streams: payload.streams,
      store,
      requestPaint,
    });
    const hover = new Hover();
    this.strip = new ContactStrip(places.strip, scope, host, this.cameras, requestPaint, hover);
    scope.own(this.cameras.subscribe(() => this.followCamera()));
    this.timeline = new TimelineStage({
      element: places.lanes,
      scope,
      host,
      signals: payload.signals,
      laneKey: `lanes.${payload.episode.embodiment}`,
      shelf,
      film,
      hover,
      requestPaint,
    });
    scope.own(transport.onFrame((view) => this.paint(view)));
    this.watchTheme(scope);
    void this.loadSignals(scope);
  }

  get cameraName(): string {
    return this.cameras.largeName;
  }

  invalidate(): void {
    this.timeline.invalidate();
    this.strip.invalidate();
    this.cameras.invalidate();
  }

  /** React hears which camera is the large one; of zooms and drags it hears nothing. */
  private followCamera(): void {
    if (this.cameras.largeName !== this.session.snapshot().camera) this.session.changed();
  }

  reveal(t: Ns): void {
    this.timeline.reveal(t);
  }

  private paint(view: View): void {
    this.cameras.paint(view);
    this.strip.paint(view.tNs, view.playing);
    this.timeline.paint(view.tNs, view.playing);
  }

  private watchTheme(scope: Scope): void {
    const changed = () => {
      this.timeline.setTheme();
      this.strip.setTheme();
      this.cameras.setTheme();
    };
    scope.listen(matchMedia("(prefers-color-scheme: dark)"), "change", changed);
    const observer = scope.observe(new MutationObserver(changed));
    observer.observe(document.documentElement, { attributeFilter: ["data-theme", "class"] });
    void document.fonts.ready.then(changed);
  }

  private async loadSignals(scope: Scope): Promise<void> {
    const { signals } = this.session.payload;
    const { timeline } = this;
    const missing = [
      ...(await new SignalLoading(timeline.signals, scope).open(signals)),
      ...(await new SpectrogramLoading(timeline.spectrograms, scope).open(signals)),
    ];
    if (missing.length > 0) {
      this.session.notify({
        tone: "info",
        text: say("Signals that could not be loaded: {names}.", { names: missing.join(", ") }),
        remedy: say("Labels and cameras work without them. Reload the page to try again."),
      });
    }
  }
}
