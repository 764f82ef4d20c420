import type { CameraFrames, StripLook } from "../decode/contract";
import type { Label } from "../model/label";
import { pointIn } from "../model/points";
import { classOf } from "../model/schema";
import type { Ns } from "../model/time";
import { type Box, fitted } from "./arrangement";
import type { CameraView } from "./cameraview";
import type { StageHost } from "./host";
import { classColour } from "./labelart";
import { boxToStored, cropOf, toUpright } from "./pictureview";
import { shapeOnCanvas } from "./shapes";
import { STRIP_CAPTION, TILE_GAP, WIDEST } from "./stripchoice";
import { Surface } from "./surface";
import type { Theme } from "./theme";
import { TileSheet } from "./tilesheet";

/** Sizes of pictures are rounded up to this, so that a pixel more of room makes none anew. */
const HEIGHT_STEP = 24;

/** One camera's frames around the playhead, side by side, as close as its large picture is. */
export class StripRow {
  readonly element = document.createElement("div");
  private readonly pictures = new Surface("tl-strip__picture");
  private readonly over = new Surface("tl-strip__over");
  private readonly name = document.createElement("span");
  private readonly sheet = new TileSheet(2 * WIDEST + 1);
  private camera: CameraFrames | null = null;
  private centre = -1;
  private radius = 0;
  private tile = 0;
  private asked = "";
  private failed = false;
  private waiting = false;

  constructor(
    readonly view: CameraView,
    private readonly host: StageHost,
    private readonly onDrawn: () => void,
  ) {
    this.element.className = "tl-strip__row";
    this.name.className = "tl-strip__name";
    this.name.textContent = view.stream.camera;
    this.element.append(this.pictures.canvas, this.over.canvas, this.name);
  }

  get pending(): boolean {
    return this.waiting;
  }

  put(width: number, height: number, radius: number): void {
    this.element.style.height = `${height}px`;
    this.pictures.fit(width, height);
    this.over.fit(width, height);
    this.radius = radius;
    // Side by side without holes, where the row is too low for pictures as wide as there is room.
    const natural = (height - STRIP_CAPTION - TILE_GAP) * this.view.aspect;
    this.tile = Math.min(width / (2 * radius + 1), natural + TILE_GAP);
  }

  /** The frames around a time; `ask` also for those that are not there yet. */
  show(t: Ns, theme: Theme, ask: boolean): void {
    const { frames: camera, look } = this.view;
    if (camera !== this.camera) this.change(camera);
    const plain = look.brightness === 1 && look.contrast === 1;
    this.pictures.canvas.style.filter = plain
      ? ""
      : `brightness(${look.brightness}) contrast(${look.contrast})`;
    if (!camera) return;
    this.centre = camera.positionAt(t);
    // At once, with gaps where pictures are still to come: never a frame in another's place.
    this.draw(theme, this.centre);
    if (ask) this.ask(camera, theme);
  }

  /** While the playhead moves nothing is marked as the current frame. */
  rest(theme: Theme): void {
    if (this.camera) this.draw(theme, null);
  }

  /** All pictures are to be made again, in other colours. */
  forget(): void {
    this.asked = "";
  }

  private change(camera: CameraFrames | null): void {
    this.camera = camera;
    this.asked = "";
    this.sheet.clear();
  }

  private get part(): Box {
    return cropOf(this.view.look.view, this.view.picture);
  }

  private look(): StripLook {
    const { view, part } = this;
    const ratio = window.devicePixelRatio || 1;
    const wanted = this.boxOf(0).height * ratio;
    const height = Math.ceil(wanted / HEIGHT_STEP) * HEIGHT_STEP;
    if (view.look.view.zoom === 1) return { crop: null, height };
    return { crop: boxToStored(part, view.stored, view.rotation), height };
  }

  private ask(camera: CameraFrames, theme: Theme): void {
    const { centre, radius, view } = this;
    const look = this.look();
    const key = JSON.stringify([centre, radius, look, view.look.depth]);
    if (key === this.asked) return;
    this.asked = key;
    camera.around(centre, radius, look).then(
      (frames) => {
        if (!frames || this.camera !== camera) return;
        this.failed = false;
        for (const frame of frames) this.sheet.put(frame, view.stored, view.rotation);
        if (this.asked !== key) return;
        this.draw(theme, centre);
        this.onDrawn();
      },
      () => {
        // The camera itself says what is wrong; an empty strip says nothing more.
        this.failed = true;
        this.asked = "";
        this.sheet.clear();
        this.draw(theme, centre);
      },
    );
  }

  private left(position: number): number {
    return this.pictures.width / 2 + (position - this.centre - 0.5) * this.tile;
  }

  private shown(): number[] {
    const { camera, centre, radius } = this;
    if (!camera || this.failed || centre < 0) return [];
    const from = Math.max(0, centre - radius);
    const to = Math.min(camera.frames - 1, centre + radius);
    return Array.from({ length: to - from + 1 }, (_, i) => from + i);
  }

  private draw(theme: Theme, current: number | null): void {
    const context = this.pictures.begin();
    const { part } = this;
    this.waiting = false;
    for (const position of this.shown()) {
      const box = this.boxOf(this.left(position));
      if (this.sheet.draw(context, position, part, box)) continue;
      context.fillStyle = theme.raised;
      context.fillRect(box.x, box.y, box.width, box.height);
      this.waiting ||= position === current;
    }
    this.drawOver(theme, current);
  }

  private drawOver(theme: Theme, current: number | null): void {
    const context = this.over.begin();
    context.textBaseline = "middle";
    context.textAlign = "center";
    for (const position of this.shown()) {
      const x = this.left(position);
      const chosen = position === current;
      if (chosen) {
        const box = this.boxOf(x);
        context.strokeStyle = theme.accent;
        context.lineWidth = 3;
        context.strokeRect(box.x, box.y, box.width, box.height);
      }
      context.font = `${chosen ? "600 " : ""}11px ${theme.mono}`;
      context.fillStyle = chosen ? theme.text : theme.muted;
      const by = this.over.height - STRIP_CAPTION / 2;
      context.fillText(String(position), x + this.tile / 2, by);
    }
    context.textAlign = "start";
    this.drawLabels(context, theme);
  }

  /** The picture's place in its tile. */
  private boxOf(x: number): Box {
    const room = {
      width: this.tile - TILE_GAP,
      height: this.pictures.height - STRIP_CAPTION - TILE_GAP,
    };
    const { width, height } = fitted(this.view.aspect, room);
    return { x: x + (this.tile - width) / 2, y: 2, width, height };
  }

  /** The contacts that lie on these frames, in the corner of their picture and at their point. */
  private drawLabels(context: CanvasRenderingContext2D, theme: Theme): void {
    const { camera } = this;
    if (!camera) return;
    const { tracks, schema } = this.host.state();
    const seen = new Map<number, number>();
    for (const label of tracks.flatMap((track) => track.timeline.labels)) {
      if (label.kind !== "instant" || label.start_ns === null) continue;
      const position = camera.positionAt(label.start_ns);
      if (Math.abs(position - this.centre) > this.radius) continue;
      const nth = seen.get(position) ?? 0;
      seen.set(position, nth + 1);
      const known = classOf(schema, label.label_class);
      const colour = classColour(known, theme);
      const box = this.boxOf(this.left(position));
      this.drawPoint(context, label, box);
      context.save();
      context.translate(box.x + 11 + nth * 16, box.y + 11);
      context.fillStyle = colour;
      context.strokeStyle = theme.surface;
      context.lineWidth = 3;
      context.stroke(shapeOnCanvas(known?.shape ?? "circle"));
      context.fill(shapeOnCanvas(known?.shape ?? "circle"), "evenodd");
      context.restore();
    }
  }

  private drawPoint(context: CanvasRenderingContext2D, label: Label, box: Box): void {
    const { view, part } = this;
    const stored = pointIn(label, view.stream.camera);
    if (!stored) return;
    const middle = { x: stored.x + 0.5, y: stored.y + 0.5 };
    const at = toUpright(middle, view.stored, view.rotation);
    const x = box.x + ((at.x - part.x) / part.width) * box.width;
    const y = box.y + ((at.y - part.y) / part.height) * box.height;
    if (x < box.x || y < box.y || x > box.x + box.width || y > box.y + box.height) return;
    for (const [width, colour] of [
      [4, "rgb(0 0 0 / 70%)"],
      [1.5, "#fff"],
    ] as const) {
      context.lineWidth = width;
      context.strokeStyle = colour;
      context.beginPath();
      context.arc(x, y, 5, 0, 2 * Math.PI);
      context.stroke();
    }
  }

  /** The time of the frame under a pointer; null beside them. */
  timeAt(x: number): Ns | null {
    const position = this.shown().find((each) => {
      const left = this.left(each);
      return x >= left && x < left + this.tile;
    });
    return position === undefined ? null : (this.camera?.timesNs[position] ?? null);
  }
}
