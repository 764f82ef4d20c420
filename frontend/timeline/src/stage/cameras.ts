import type { ClockView } from "../clock/clock";
import type { Scope } from "../clock/scope";
import type { CameraFrames, CameraStatus, DecodedFrame, EpisodeFrames } from "../decode/contract";
import type { FrameError } from "../decode/errors";
import type { StreamInfo } from "../net/payload";
import { say } from "../words";
import { arrange } from "./arrangement";
import { marksIn } from "./cameraart";
import { CameraGestures, type CameraGround } from "./cameragestures";
import {
  type CameraLayout,
  type LayoutStore,
  lookOf,
  movedCamera,
  nextLarge,
  readLayout,
  withLook,
} from "./cameralayout";
import { CameraView } from "./cameraview";
import type { StageHost } from "./host";
import { Looking } from "./looking";
import { type CursorGround, PictureCursor } from "./picturecursor";
import type { Point } from "./pictureview";
import { readTheme, type Theme } from "./theme";

export interface CameraStageOptions {
  readonly element: HTMLElement;
  readonly scope: Scope;
  readonly host: Pick<StageHost, "state" | "point" | "announce">;
  readonly streams: readonly StreamInfo[];
  readonly store: LayoutStore;
  readonly requestPaint: () => void;
}

/** What is shown about the cameras beside them. Immutable, made anew on change. */
export interface CameraState {
  readonly layout: CameraLayout;
  /** Clicks on pictures put a point. */
  readonly picking: boolean;
  /** Grows as cameras open. */
  readonly opened: number;
}

/** The cameras of the episode under one clock, in a layout that the annotator arranges. */
export class CameraStage implements CameraGround, CursorGround {
  readonly looking = new Looking((view, values) =>
    this.change(withLook(this.layout, view.stream.camera, values)),
  );
  private readonly views: readonly CameraView[];
  private episode: EpisodeFrames | null = null;
  private theme: Theme;
  private state: CameraState;
  private readonly listeners = new Set<() => void>();

  constructor(private readonly options: CameraStageOptions) {
    const { element, scope, streams, store, requestPaint } = options;
    this.views = streams.map((stream) => new CameraView(stream, requestPaint));
    this.theme = readTheme(element);
    const reference = streams.find((stream) => stream.reference) ?? streams[0];
    const names = streams.map((stream) => stream.camera);
    const layout = readLayout(store.read(), names, reference?.camera ?? "");
    this.state = { layout, picking: false, opened: 0 };
    element.replaceChildren(...this.ordered.map((view) => view.figure));
    element.dataset.count = String(streams.length);
    scope.observe(new ResizeObserver(() => this.arrange())).observe(element);
    new CameraGestures(element, this, scope);
    new PictureCursor(element, this, scope);
    scope.own(() => element.replaceChildren());
    this.apply();
  }

  // What is shown.

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly snapshot = (): CameraState => this.state;

  private set(values: Partial<CameraState>): void {
    this.state = { ...this.state, ...values };
    for (const listener of this.listeners) listener();
  }

  get layout(): CameraLayout {
    return this.state.layout;
  }

  get names(): readonly string[] {
    return this.layout.order;
  }

  private get ordered(): readonly CameraView[] {
    return this.layout.order.flatMap((name) => this.named(name) ?? []);
  }

  get largeName(): string {
    return this.layout.large;
  }

  get picking(): boolean {
    return this.state.picking;
  }

  /** The camera that commands are about: the one with the focus, or else the large one. */
  get acting(): CameraView | null {
    return this.viewOf(document.activeElement) ?? this.named(this.layout.large) ?? null;
  }

  camera(name: string): CameraFrames | null {
    return this.named(name)?.frames ?? null;
  }

  view(name: string): CameraView | undefined {
    return this.named(name);
  }

  private named(name: string): CameraView | undefined {
    return this.views.find((view) => view.stream.camera === name);
  }

  private byStream(id: string): CameraView | undefined {
    return this.views.find((view) => view.stream.id === id);
  }

  viewOf(target: EventTarget | null): CameraView | null {
    const figure = target instanceof Element ? target.closest(".tl-camera") : null;
    return this.views.find((view) => view.figure === figure) ?? null;
  }

  // Pictures.

  open(episode: EpisodeFrames): void {
    this.episode = episode;
    for (const camera of episode.cameras) this.byStream(camera.streamId)?.open(camera);
    for (const { streamId, error } of episode.failures) this.byStream(streamId)?.fail(error);
    this.favour();
    this.arrange();
    this.set({ opened: episode.cameras.length });
  }

  fail(error: FrameError): void {
    for (const view of this.views) view.fail(error);
  }

  status(status: CameraStatus): void {
    this.byStream(status.streamId)?.status(status);
  }

  setTheme(): void {
    this.theme = readTheme(this.options.element);
    this.invalidate();
  }

  /** Labels or the selection have changed: their points too. */
  invalidate(): void {
    for (const view of this.views) view.invalidate();
  }

  paint(clock: ClockView<DecodedFrame>): void {
    const error = clock.error as FrameError | null;
    this.episode?.cameras.forEach((camera, i) => {
      const frame = clock.shown?.frames[i];
      const wanted = clock.playing ? (frame?.position ?? 0) : camera.positionAt(clock.tNs);
      const view = this.byStream(camera.streamId);
      if (frame) view?.paint(frame, wanted, clock.tNs, error);
      else view?.fault(error);
    });
    for (const view of this.views) this.paintOver(view);
  }

  private paintOver(view: CameraView): void {
    const shown = Number(view.figure.dataset.frame ?? -1);
    const onFrame = (ns: number) => view.frames?.positionAt(ns) === shown;
    const marks = marksIn(this.options.host.state(), view.stream.camera, this.theme, onFrame);
    view.paintOver(marks, this.theme.accent);
  }

  // The layout.

  change(layout: CameraLayout): void {
    if (layout === this.layout) return;
    this.set({ layout });
    this.options.store.write(layout);
    this.apply();
  }

  private apply(): void {
    const { element } = this.options;
    const figures = this.ordered.map((view) => view.figure);
    // Only what has moved is moved: the focus stays on a figure that has not.
    figures.forEach((figure, i) => {
      if (element.children[i] !== figure) element.insertBefore(figure, element.children[i] ?? null);
    });
    element.dataset.mode = this.layout.mode;
    for (const view of this.views) {
      const large = view.stream.camera === this.layout.large;
      view.figure.classList.toggle("tl-camera--large", large);
      view.show(lookOf(this.layout, view.stream.camera));
    }
    this.favour();
    this.arrange();
  }

  private arrange(): void {
    const { clientWidth: width, clientHeight: height } = this.options.element;
    const { ordered } = this;
    const { mode, order, large } = this.layout;
    const aspects = ordered.map((view) => view.aspect);
    const boxes = arrange(mode, aspects, Math.max(0, order.indexOf(large)), { width, height });
    for (const [i, view] of ordered.entries()) view.put(boxes[i]!);
    this.options.requestPaint();
  }

  /** What is looked at is decoded first: the large camera, and those of the strip. */
  private favour(): void {
    const { large, strip } = this.layout;
    const looked = this.views.filter(({ stream }) =>
      [large, ...strip.cameras].includes(stream.camera),
    );
    this.episode?.favour(looked.map((view) => view.stream.id));
  }

  cycle(by: 1 | -1 = 1): string {
    this.change(nextLarge(this.layout, by));
    return this.largeName;
  }

  enlarge(view: CameraView): void {
    this.change({ ...this.layout, large: view.stream.camera });
  }

  /** In a grid a click chooses the camera that commands are about. */
  choose(view: CameraView): void {
    if (this.layout.mode === "grid") this.enlarge(view);
  }

  drop({ stream }: CameraView, onto: CameraView): void {
    const { mode, order, large } = this.layout;
    const target = onto.stream.camera;
    if (mode === "large" && [stream.camera, target].includes(large)) {
      this.change({ ...this.layout, large: large === target ? stream.camera : target });
      return;
    }
    const by = order.indexOf(target) - order.indexOf(stream.camera);
    this.change(movedCamera(this.layout, stream.camera, by));
  }

  hint(carried: CameraView | null, onto: CameraView | null): void {
    for (const view of this.views) {
      view.figure.classList.toggle("tl-camera--carried", view === carried);
      view.figure.classList.toggle("tl-camera--target", view === onto);
    }
  }

  /** The whole picture again; of a picture that is whole, the camera large. */
  reset(view: CameraView): void {
    if (view.look.view.zoom === 1) this.enlarge(view);
    else this.looking.whole(view);
  }

  /** Ends the picking of points; true when there was any. */
  bail(): boolean {
    if (!this.picking) return false;
    this.pick(false);
    return true;
  }

  // Points.

  /** Clicks put the point of the selected label until it is ended. */
  pick(on: boolean): void {
    if (on === this.picking) return;
    this.set({ picking: on });
    this.options.element.classList.toggle("tl-cameras--picking", on);
  }

  engaged(): void {
    if (this.viewOf(document.activeElement)) return;
    document.querySelector<HTMLElement>("[data-stage]")?.focus({ preventScroll: true });
  }

  points(event: PointerEvent): boolean {
    return this.picking || event.ctrlKey || event.metaKey;
  }

  point(view: CameraView, at: Point): void {
    const pixel = view.pixelAt(at);
    if (pixel) this.options.host.point(view.stream.camera, view.storedPixel(pixel));
  }

  act(view: CameraView): void {
    if (!this.picking) {
      this.enlarge(view);
      return;
    }
    if (view.cursorAt) {
      this.options.host.point(view.stream.camera, view.storedPixel(view.cursorAt));
    }
  }

  clear(view: CameraView): void {
    this.options.host.point(view.stream.camera, null);
  }

  moved(view: CameraView): void {
    if (view.cursorAt) this.looking.reveal(view, view.cursorAt);
    this.options.host.announce(`${view.stream.camera} ${view.reading()}`);
  }

  left(view: CameraView): void {
    this.pick(false);
    view.figure.blur();
    document.querySelector<HTMLElement>("[data-stage]")?.focus({ preventScroll: true });
  }

  /** The focus into a camera's picture, with a cursor. */
  focus(name: string): void {
    this.named(name)?.figure.focus({ preventScroll: true });
    this.options.host.announce(
      say("Arrows move the cursor in the picture of {name}, Enter marks the point.", { name }),
    );
  }
}
