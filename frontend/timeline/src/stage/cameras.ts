import type { ClockView } from "../clock/clock";
import type { Scope } from "../clock/scope";
import type { CameraFrames, CameraStatus, DecodedFrame, EpisodeFrames } from "../decode/contract";
import type { FrameError } from "../decode/errors";
import type { StreamInfo } from "../net/payload";
import { Surface } from "./surface";

/** One camera's picture with its name and the number of the frame that is really shown. */
class CameraView {
  readonly figure = document.createElement("figure");
  private readonly surface = new Surface("tl-camera__picture");
  private readonly number = document.createElement("span");
  private readonly notice = document.createElement("p");
  private camera: CameraFrames | null = null;
  private drawn = -1;
  private broken = false;
  private resized = false;

  constructor(readonly stream: StreamInfo) {
    this.figure.className = "tl-camera";
    const caption = document.createElement("figcaption");
    const name = document.createElement("span");
    name.className = "tl-camera__name";
    name.textContent = stream.camera;
    this.number.className = "tl-camera__frame";
    caption.append(name, this.number);
    this.notice.className = "tl-camera__notice";
    this.notice.setAttribute("role", "status");
    this.figure.append(this.surface.canvas, caption, this.notice);
    this.say("Opening…");
  }

  get frames(): CameraFrames | null {
    return this.camera;
  }

  open(camera: CameraFrames): void {
    this.camera = camera;
    this.say("");
  }

  say(message: string, remedy = ""): void {
    this.notice.textContent = [message, remedy].filter(Boolean).join(" ");
    this.notice.hidden = message === "";
  }

  status({ state, error, fraction }: CameraStatus): void {
    const percent = fraction === null ? "" : ` ${Math.round(fraction * 100)} %`;
    if (state === "retrying") this.say("The connection is lost. Trying again…");
    else if (state === "preparing") this.say(`The server is preparing the pictures…${percent}`);
    else if (state === "failed") this.say(error?.message ?? "No picture.", error?.remedy);
    else this.say("");
    if (state !== "fallback") return;
    // There is no way back to video on this page: what comes later is said about the stills.
    this.number.title = error?.message ?? "";
    this.figure.classList.add("tl-camera--stills");
  }

  measure(): void {
    const { clientWidth, clientHeight } = this.figure;
    if (this.surface.fit(clientWidth, clientHeight)) this.resized = true;
  }

  paint(frame: DecodedFrame, wanted: number, error: FrameError | null): void {
    if (frame.position !== this.drawn || this.resized) this.draw(frame);
    // Never names a frame that is not the one to be seen.
    const pending = wanted === frame.position ? "" : ` → ${wanted}`;
    const text = `frame ${frame.position}${pending}`;
    if (this.number.textContent !== text) this.number.textContent = text;
    this.fault(error);
  }

  fault(error: FrameError | null): void {
    if (error) this.say(error.message, error.remedy);
    else if (this.broken) this.say("");
    this.broken = error !== null;
  }

  private draw(frame: DecodedFrame): void {
    const { context, width, height } = this.surface;
    this.surface.begin();
    const turned = frame.rotation % 180 !== 0;
    const [w, h] = turned ? [frame.height, frame.width] : [frame.width, frame.height];
    const scale = Math.min(width / w, height / h);
    context.imageSmoothingQuality = "high";
    context.translate(width / 2, height / 2);
    context.rotate((frame.rotation * Math.PI) / 180);
    context.scale(scale, scale);
    context.drawImage(frame.image, -frame.width / 2, -frame.height / 2, frame.width, frame.height);
    this.drawn = frame.position;
    this.resized = false;
    this.figure.dataset.frame = String(frame.position);
  }
}

/** The cameras of the episode: one large, the others beside it. */
export class CameraStage {
  private readonly views: readonly CameraView[];
  private cameras: readonly CameraFrames[] = [];
  private large = 0;

  constructor(
    element: HTMLElement,
    scope: Scope,
    streams: readonly StreamInfo[],
    requestPaint: () => void,
  ) {
    this.views = streams.map((stream) => new CameraView(stream));
    const reference = streams.findIndex((stream) => stream.reference);
    this.large = Math.max(0, reference);
    element.replaceChildren(...this.views.map((view) => view.figure));
    element.dataset.count = String(streams.length);
    const observer = scope.observe(
      new ResizeObserver(() => {
        for (const view of this.views) view.measure();
        requestPaint();
      }),
    );
    for (const view of this.views) {
      observer.observe(view.figure);
      scope.listen(view.figure, "dblclick", () => this.enlarge(this.views.indexOf(view)));
    }
    scope.own(() => element.replaceChildren());
    this.arrange();
  }

  get largeCamera(): CameraFrames | null {
    return this.views[this.large]?.frames ?? null;
  }

  get largeName(): string {
    return this.views[this.large]?.stream.camera ?? "";
  }

  open(episode: EpisodeFrames): void {
    this.cameras = episode.cameras;
    for (const camera of episode.cameras) this.viewOf(camera.streamId)?.open(camera);
    for (const { streamId, error } of episode.failures) {
      this.viewOf(streamId)?.say(error.message, error.remedy);
    }
  }

  fail(error: FrameError): void {
    for (const view of this.views) view.say(error.message, error.remedy);
  }

  status(status: CameraStatus): void {
    this.viewOf(status.streamId)?.status(status);
  }

  cycle(): string {
    this.enlarge((this.large + 1) % Math.max(1, this.views.length));
    return this.largeName;
  }

  paint(view: ClockView<DecodedFrame>): void {
    const error = view.error as FrameError | null;
    this.cameras.forEach((camera, i) => {
      const frame = view.shown?.frames[i];
      const wanted = view.playing ? (frame?.position ?? 0) : camera.positionAt(view.tNs);
      if (frame) this.viewOf(camera.streamId)?.paint(frame, wanted, error);
      else this.viewOf(camera.streamId)?.fault(error);
    });
  }

  private enlarge(index: number): void {
    this.large = index;
    this.arrange();
  }

  private arrange(): void {
    // Rotated so that the others keep their order behind the large one.
    this.views.forEach((view, index) => {
      const n = this.views.length;
      view.figure.style.order = String((index - this.large + n) % n);
      view.figure.classList.toggle("tl-camera--large", index === this.large);
    });
  }

  private viewOf(streamId: string): CameraView | undefined {
    return this.views.find((view) => view.stream.id === streamId);
  }
}
