import type { CameraFrames, CameraStatus, DecodedFrame } from "../decode/contract";
import { type DepthPicture, valueAt } from "../decode/depthcolour";
import type { FrameError } from "../decode/errors";
import { formatSeconds, type Ns } from "../model/time";
import type { StreamInfo } from "../net/payload";
import { say } from "../words";
import type { Box, Size } from "./arrangement";
import { drawCursor, drawMarks, type Mark } from "./cameraart";
import { AS_RECORDED, type PictureLook } from "./cameralayout";
import {
  isWhole,
  kept,
  type PictureView,
  type Placed,
  type Point,
  placed,
  type Rotation,
  toPicture,
  toScreen,
  toStored,
  upright,
} from "./pictureview";
import { Surface } from "./surface";

type State = "opening" | "ready" | "retrying" | "preparing" | "failed";

/** One camera's picture with its name and the number of the frame that is really shown. */
export class CameraView {
  readonly figure = document.createElement("figure");
  readonly name = document.createElement("span");
  private readonly surface = new Surface("tl-camera__picture");
  private readonly over = new Surface("tl-camera__over");
  private readonly number = document.createElement("span");
  private readonly digits = document.createElement("span");
  private readonly value = document.createElement("span");
  private readonly notice = document.createElement("p");
  private camera: CameraFrames | null = null;
  private drawn: { readonly frame: DecodedFrame; readonly image: unknown } | null = null;
  private broken = false;
  private stale = true;
  private overStale = true;
  private state: State = "opening";
  private current: PictureLook = AS_RECORDED;
  private box: Box = { x: 0, y: 0, width: 1, height: 1 };
  /** In pixels of the upright picture. */
  private cursor: Point | null = null;
  private hover: Point | null = null;
  private depth: DepthPicture | null = null;
  private depthAsked = -1;

  constructor(
    readonly stream: StreamInfo,
    private readonly requestPaint: () => void,
  ) {
    this.figure.className = "tl-camera";
    this.figure.tabIndex = 0;
    this.figure.setAttribute("aria-label", say("Camera {name}", { name: stream.camera }));
    const caption = document.createElement("figcaption");
    this.name.className = "tl-camera__name";
    this.name.textContent = stream.camera;
    this.number.className = "tl-camera__frame";
    const word = document.createElement("span");
    word.className = "tl-camera__word";
    word.textContent = `${say("frame")} `;
    this.number.append(word, this.digits);
    this.number.hidden = true;
    this.value.className = "tl-camera__value";
    this.value.hidden = true;
    caption.append(this.name, this.number);
    this.notice.className = "tl-camera__notice";
    this.notice.setAttribute("role", "status");
    this.figure.append(this.surface.canvas, this.over.canvas, caption, this.value, this.notice);
    this.enter("opening", say("Opening…"));
  }

  get frames(): CameraFrames | null {
    return this.camera;
  }

  get look(): PictureLook {
    return this.current;
  }

  get room(): Box {
    return this.box;
  }

  /** Pixels as stored, whatever the pictures that come are scaled to. */
  get stored(): Size {
    const { width, height } = this.camera ?? this.stream;
    return { width: Math.max(1, width), height: Math.max(1, height) };
  }

  get rotation(): Rotation {
    return this.camera?.rotation ?? 0;
  }

  /** The upright picture. */
  get picture(): Size {
    return upright(this.stored, this.rotation);
  }

  get aspect(): number {
    const { width, height } = this.picture;
    return width / height;
  }

  get place(): Placed {
    return placed(this.current.view, this.picture, this.box);
  }

  open(camera: CameraFrames): void {
    this.camera = camera;
    camera.recolour(this.current.depth);
    camera.onPicture = this.requestPaint;
    this.enter("ready", "");
  }

  say(message: string, remedy = ""): void {
    const text = [message, remedy].filter(Boolean).join(" ");
    if (this.notice.textContent !== text) this.notice.textContent = text;
    this.notice.hidden = message === "";
  }

  fail(error: FrameError): void {
    // What can be done comes first: in a small picture the rest may have to be scrolled to.
    this.enter("failed", `${say("No picture.")} ${error.remedy}`, `(${error.message})`);
  }

  status({ state, error, fraction }: CameraStatus): void {
    const percent = fraction === null ? "" : ` ${Math.round(fraction * 100)} %`;
    if (state === "retrying") {
      this.enter("retrying", say("The connection is lost. Trying again…"));
    } else if (state === "preparing") {
      this.enter("preparing", say("The server is preparing the pictures…") + percent);
    } else if (state === "failed") {
      if (error) this.fail(error);
      else this.enter("failed", say("No picture."));
    } else if (this.camera) this.enter("ready", "");
    if (state !== "fallback") return;
    // There is no way back to video on this page: what comes later is said about the stills.
    this.number.title = error?.message ?? "";
    this.figure.classList.add("tl-camera--stills");
  }

  private enter(state: State, message: string, remedy = ""): void {
    this.state = state;
    this.figure.dataset.state = state;
    this.say(message, remedy);
  }

  put(box: Box): void {
    this.box = box;
    const { style } = this.figure;
    style.left = `${box.x}px`;
    style.top = `${box.y}px`;
    style.width = `${box.width}px`;
    style.height = `${box.height}px`;
    if (this.surface.fit(box.width, box.height)) this.stale = true;
    if (this.over.fit(box.width, box.height)) this.overStale = true;
  }

  show(look: PictureLook): void {
    if (look === this.current) return;
    const { brightness, contrast } = look;
    const plain = brightness === 1 && contrast === 1;
    this.surface.canvas.style.filter = plain
      ? ""
      : `brightness(${brightness}) contrast(${contrast})`;
    if (look.depth !== this.current.depth) this.camera?.recolour(look.depth);
    this.current = look;
    this.figure.classList.toggle("tl-camera--close", !isWhole(look.view));
    this.stale = true;
    this.invalidate();
  }

  /** What lies over the picture has changed. */
  invalidate(): void {
    this.overStale = true;
    this.requestPaint();
  }

  paint(given: DecodedFrame, wanted: number, tNs: Ns, error: FrameError | null): void {
    // The same picture may have come again in other colours; the one before it is closed then.
    const frame = this.camera?.cached(given.position);
    if (frame && (this.stale || this.drawn?.image !== frame.image)) this.draw(frame);
    // Never names a frame that is not the one to be seen.
    const pending = wanted === given.position ? "" : ` → ${wanted}`;
    const text = `${given.position}${pending}`;
    if (this.digits.textContent !== text) this.digits.textContent = text;
    this.number.hidden = false;
    this.fault(error);
    this.outside(tNs);
  }

  fault(error: FrameError | null): void {
    if (error) this.say(error.message, error.remedy);
    else if (this.broken) this.say("");
    this.broken = error !== null;
  }

  /** Before its first and after its last picture a camera shows the nearest one, and says so. */
  private outside(tNs: Ns): void {
    const { camera } = this;
    if (!camera || this.state !== "ready" || this.broken) return;
    const { timesNs, frames } = camera;
    const [first, last] = [timesNs[0] ?? 0, timesNs[frames - 1] ?? 0];
    const period = frames > 1 ? (last - first) / (frames - 1) : 0;
    const early = tNs < first - period / 2;
    const late = tNs > last + 2 * period;
    if (early || late) {
      const at = formatSeconds(early ? first : last);
      this.say(
        early
          ? say("Its pictures begin at {at} s.", { at })
          : say("Its pictures end at {at} s.", { at }),
      );
    } else if (this.figure.classList.contains("tl-camera--outside")) this.say("");
    this.figure.classList.toggle("tl-camera--outside", early || late);
  }

  /** Points of labels, and the cursor; cheap, and drawn only when something has changed. */
  paintOver(marks: readonly Mark[], accent: string): void {
    if (!this.overStale) return;
    this.overStale = false;
    const context = this.over.begin();
    const { place } = this;
    drawMarks(context, marks, place, this.stored, this.rotation);
    if (this.cursor) {
      const { x, y } = this.cursor;
      drawCursor(this.over, toScreen(place, { x: x + 0.5, y: y + 0.5 }), accent);
    }
    this.read();
  }

  private draw(frame: DecodedFrame): void {
    const context = this.surface.begin();
    const { scale, left, top } = this.place;
    const { width, height } = this.picture;
    const turned = frame.rotation % 180 !== 0;
    // Stills are upright, and may be smaller than the video.
    const across = turned ? frame.height : frame.width;
    const size = (width / across) * scale;
    context.imageSmoothingEnabled = size < 4;
    context.imageSmoothingQuality = "high";
    context.translate(left + (width * scale) / 2, top + (height * scale) / 2);
    context.rotate((frame.rotation * Math.PI) / 180);
    context.scale(size, size);
    context.drawImage(frame.image, -frame.width / 2, -frame.height / 2, frame.width, frame.height);
    if (this.drawn?.frame.position !== frame.position) this.overStale = true;
    this.drawn = { frame, image: frame.image };
    this.stale = false;
    this.figure.dataset.frame = String(frame.position);
  }

  // Looking at single pixels.

  /** The pixel of the upright picture under a place in the figure; null beside the picture. */
  pixelAt(at: Point): Point | null {
    const { x, y } = toPicture(this.place, at);
    const { width, height } = this.picture;
    const inside = x >= 0 && y >= 0 && x < width && y < height;
    return inside ? { x: Math.floor(x), y: Math.floor(y) } : null;
  }

  /** A pixel of the upright picture as it is stored. */
  storedPixel({ x, y }: Point): Point {
    const { width, height } = this.stored;
    const at = toStored({ x: x + 0.5, y: y + 0.5 }, this.stored, this.rotation);
    const within = (v: number, size: number) => Math.min(size - 1, Math.max(0, Math.floor(v)));
    return { x: within(at.x, width), y: within(at.y, height) };
  }

  get pointed(): Point | null {
    return this.cursor ?? this.hover;
  }

  hoverAt(at: Point | null): void {
    this.hover = at && this.pixelAt(at);
    this.invalidate();
  }

  get cursorAt(): Point | null {
    return this.cursor;
  }

  setCursor(at: Point | null): void {
    const { width, height } = this.picture;
    const within = (v: number, size: number) => Math.min(size - 1, Math.max(0, Math.floor(v)));
    this.cursor = at && { x: within(at.x, width), y: within(at.y, height) };
    this.invalidate();
  }

  /** The middle of what is seen: where a cursor begins. */
  get middle(): Point {
    const view: PictureView = kept(this.current.view, this.picture, this.box);
    const { width, height } = this.picture;
    return { x: Math.floor(view.x * width), y: Math.floor(view.y * height) };
  }

  /** Pixel and depth under the pointer or the cursor, in words; empty when there is nothing to say. */
  reading(): string {
    const at = this.pointed;
    const { camera } = this;
    if (!at || !camera) return "";
    const stored = this.storedPixel(at);
    const pixel = `${stored.x}, ${stored.y}`;
    if (!camera.depth) return this.cursor ? pixel : "";
    if (this.depth?.position !== this.drawn?.frame.position) return `${pixel}: …`;
    const value = this.depth && valueAt(this.depth, stored.x, stored.y);
    if (value === null) return `${pixel}: ${say("not measured")}`;
    const { unitM } = camera.depth;
    const metres = unitM === null ? `${value} (${say("unit unknown")})` : metresOf(value, unitM);
    return `${pixel}: ${metres}`;
  }

  private read(): void {
    const { camera, drawn } = this;
    if (camera?.depth && drawn && this.pointed && !this.figure.matches(".tl-camera--stills")) {
      this.askDepth(camera, drawn.frame.position);
    }
    const text = this.reading();
    if (this.value.textContent !== text) this.value.textContent = text;
    this.value.hidden = text === "";
  }

  private askDepth(camera: CameraFrames, position: number): void {
    if (this.depth?.position === position || this.depthAsked === position) return;
    this.depthAsked = position;
    void camera.depthOf(position).then((picture) => {
      if (this.depthAsked !== position) return;
      this.depth = picture;
      this.depthAsked = -1;
      if (picture) this.invalidate();
    });
  }

  /** The values of the picture on the screen; null where there are none. */
  async depthShown(): Promise<DepthPicture | null> {
    const position = this.drawn?.frame.position;
    return position === undefined ? null : ((await this.camera?.depthOf(position)) ?? null);
  }
}

function metresOf(value: number, unitM: number): string {
  return `${(value * unitM).toFixed(3)} m`;
}
