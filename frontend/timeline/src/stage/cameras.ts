import type { Scope } from "../clock/scope";
import type { CameraFrames, CameraStatus, DecodedFrame, EpisodeFrames } from "../decode/contract";
import { FrameError } from "../decode/errors";
import type { Ns } from "../model/time";
import type { StreamInfo } from "../net/payload";
import { Surface } from "./surface";

/** One camera's picture with its name and the number of the frame that is really shown. */
class CameraView {
  readonly figure = document.createElement("figure");
  private readonly surface = new Surface("tl-camera__picture");
  private readonly number = document.createElement("span");
  private readonly notice = document.createElement("p");
  private camera: CameraFrames | null = null;
  private shown = -1;
  private wanted = -1;
  private failed: FrameError | null = null;

  constructor(
    readonly stream: StreamInfo,
    private readonly requestPaint: () => void,
  ) {
    this.figure.className = "tl-camera";
    const caption = document.createElement("figcaption");
    const name = document.createElement("span");
    name.className = "tl-camera__name";
    name.textContent = stream.camera;
    this.number.className = "tl-camera__frame";
    caption.append(name, this.number);
    this.notice.className = "tl-camera__notice";
    this.notice.setAttribute("role", "status");
    this.notice.textContent = "Opening…";
    this.figure.append(this.surface.canvas, caption, this.notice);
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
    this.figure.classList.toggle("tl-camera--empty", this.camera === null);
  }

  status({ state, error, fraction }: CameraStatus): void {
    const percent = fraction === null ? "" : ` ${Math.round(fraction * 100)} %`;
    if (state === "ready") this.say("");
    else if (state === "retrying") this.say("The connection is lost. Trying again…");
    else if (state === "preparing") this.say(`The server is preparing the pictures…${percent}`);
    else if (state === "fallback") this.say("");
    else this.say(error?.message ?? "No picture.", error?.remedy);
    this.number.dataset.source = state === "fallback" ? "still pictures" : "";
  }

  /** Shows the frame of time t, at once where it is decoded, or as soon as it is. */
  paint(t: Ns, resized: boolean): void {
    const { camera } = this;
    if (!camera) return;
    const position = camera.positionAt(t);
    if (position === this.shown && !resized) return;
    const ready = camera.cached(position);
    if (ready) {
      this.draw(ready);
      return;
    }
    if (resized && this.shown >= 0) {
      const last = camera.cached(this.shown);
      if (last) this.draw(last);
    }
    if (position !== this.wanted) this.want(camera, position);
    this.caption();
  }

  measure(): boolean {
    const { clientWidth, clientHeight } = this.figure;
    return this.surface.fit(clientWidth, clientHeight);
  }

  private want(camera: CameraFrames, position: number): void {
    this.wanted = position;
    camera.frame(position).then(
      () => {
        if (this.wanted === position) this.wanted = -1;
        this.failed = null;
        this.requestPaint();
      },
      (reason: unknown) => {
        // Asked again on the next move, not on every frame of the clock.
        this.failed = FrameError.wrap(reason, "decoder");
        this.say(this.failed.message, this.failed.remedy);
      },
    );
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
    this.camera?.show(frame.position);
    this.shown = frame.position;
    this.wanted = -1;
    if (this.failed) {
      this.failed = null;
      this.say("");
    }
    this.figure.dataset.frame = String(frame.position);
    this.caption();
  }

  /** Never names a frame that is not the one to be seen. */
  private caption(): void {
    const shown = this.shown < 0 ? "–" : String(this.shown);
    const pending = this.wanted >= 0 && this.wanted !== this.shown ? ` → ${this.wanted}` : "";
    this.number.textContent = `frame ${shown}${pending}`;
  }
}

/** The cameras of the episode: one large, the others beside it. */
export class CameraStage {
  private readonly views: readonly CameraView[];
  private large = 0;
  private resized = false;

  constructor(
    element: HTMLElement,
    scope: Scope,
    streams: readonly StreamInfo[],
    requestPaint: () => void,
  ) {
    this.views = streams.map((stream) => new CameraView(stream, requestPaint));
    this.large = Math.max(
      0,
      streams.findIndex((stream) => stream.reference),
    );
    element.replaceChildren(...this.views.map((view) => view.figure));
    element.dataset.count = String(streams.length);
    const observer = scope.observe(
      new ResizeObserver(() => {
        this.resized = true;
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

  paint(t: Ns): void {
    const resized = this.resized;
    this.resized = false;
    for (const view of this.views) view.paint(t, (resized && view.measure()) || false);
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
