import type { Scope } from "../clock/scope";
import type { CameraFrames, StripFrame } from "../decode/contract";
import { classOf } from "../model/schema";
import type { Ns } from "../model/time";
import type { StageHost } from "./host";
import { classColour } from "./labelart";
import { shapeOnCanvas } from "./shapes";
import { Surface } from "./surface";
import { readTheme, type Theme } from "./theme";

const CAPTION = 15;
const MOST = 7;

/**
 * Copies of the strip's pictures by frame. The camera closes its own as soon as it makes the next
 * strip; these are still to be had while that one is on its way.
 */
class TileSheet {
  private readonly canvas = document.createElement("canvas");
  private readonly held: (number | null)[];
  private width = 0;
  private height = 0;

  constructor(private readonly slots: number) {
    this.held = new Array<number | null>(slots).fill(null);
  }

  clear(): void {
    this.held.fill(null);
  }

  put({ position, image }: StripFrame): void {
    if (image.width !== this.width || image.height !== this.height) {
      [this.width, this.height] = [image.width, image.height];
      this.canvas.width = image.width * this.slots;
      this.canvas.height = image.height;
      this.clear();
    }
    const slot = position % this.slots;
    this.canvas.getContext("2d")?.drawImage(image, slot * this.width, 0);
    this.held[slot] = position;
  }

  /** False when there is no picture of this frame. */
  draw(
    context: CanvasRenderingContext2D,
    position: number,
    box: readonly [number, number, number, number],
  ): boolean {
    const slot = position % this.slots;
    if (this.held[slot] !== position) return false;
    const [x, y, w, h] = box;
    context.drawImage(this.canvas, slot * this.width, 0, this.width, this.height, x, y, w, h);
    return true;
  }

  get size(): readonly [number, number] {
    return [this.width, this.height];
  }
}

/** The frames around the playhead, side by side: a contact is chosen by looking, not by stepping. */
export class ContactStrip {
  private readonly surface = new Surface("tl-strip__picture");
  private camera: CameraFrames | null = null;
  private centre = -1;
  private moving = false;
  private failed = false;
  private readonly sheet = new TileSheet(2 * MOST + 1);
  private theme: Theme;
  private tile = 0;
  private radius = 0;
  private dirty = true;

  constructor(
    private readonly element: HTMLElement,
    scope: Scope,
    private readonly host: StageHost,
    private readonly requestPaint: () => void,
  ) {
    this.theme = readTheme(element);
    element.append(this.surface.canvas);
    scope.own(() => element.replaceChildren());
    scope.observe(new ResizeObserver(() => this.measure())).observe(element);
    scope.listen(element, "click", (event) => this.click(event));
  }

  setCamera(camera: CameraFrames | null): void {
    if (camera === this.camera) return;
    this.camera = camera;
    this.centre = -1;
    this.sheet.clear();
    this.measure();
  }

  setTheme(): void {
    this.theme = readTheme(this.element);
    this.invalidate();
  }

  /** Labels have changed: their marks on the pictures too. */
  invalidate(): void {
    this.dirty = true;
    this.requestPaint();
  }

  paint(t: Ns, moving: boolean): void {
    const { camera } = this;
    this.element.classList.toggle("tl-strip--moving", moving);
    if (!camera || this.radius < 1) return;
    if (moving) {
      // What it shows is behind the playhead now: nothing is marked as the current frame.
      if (!this.moving) this.draw();
      this.moving = true;
      return;
    }
    const position = camera.positionAt(t);
    if (position === this.centre && !this.dirty && !this.moving) return;
    this.moving = false;
    this.centre = position;
    this.dirty = false;
    // At once, with gaps where pictures are still to come: never a frame in another's place.
    this.draw();
    camera.around(position, this.radius).then(
      (frames) => {
        if (!frames || this.camera !== camera) return;
        this.failed = false;
        for (const frame of frames) this.sheet.put(frame);
        if (!this.moving) this.draw();
      },
      () => {
        // The camera itself says what is wrong; an empty strip says nothing more.
        this.failed = true;
        this.sheet.clear();
        this.draw();
      },
    );
  }

  private measure(): void {
    const { clientWidth: width, clientHeight: height } = this.element;
    this.surface.fit(width, height);
    const { camera } = this;
    if (!camera || height <= CAPTION) return;
    const turned = camera.rotation % 180 !== 0;
    const aspect = turned ? camera.height / camera.width : camera.width / camera.height;
    const natural = (height - CAPTION) * aspect;
    this.radius = Math.min(MOST, Math.max(1, Math.floor((width / natural - 1) / 2)));
    this.tile = Math.min(natural + 4, width / (this.radius * 2 + 1));
    this.invalidate();
  }

  private left(position: number): number {
    return this.surface.width / 2 + (position - this.centre - 0.5) * this.tile;
  }

  private shown(): number[] {
    const { camera, centre, radius } = this;
    if (!camera || this.failed || centre < 0) return [];
    const from = Math.max(0, centre - radius);
    const to = Math.min(camera.frames - 1, centre + radius);
    return Array.from({ length: to - from + 1 }, (_, i) => from + i);
  }

  private draw(): void {
    const { theme, tile, surface, centre } = this;
    const current = this.element.classList.contains("tl-strip--moving") ? null : centre;
    const context = surface.begin();
    context.textBaseline = "middle";
    context.textAlign = "center";
    let waiting = false;
    for (const position of this.shown()) {
      const x = this.left(position);
      const box = this.pictureBox(x);
      if (!this.sheet.draw(context, position, box)) {
        context.fillStyle = theme.raised;
        context.fillRect(...box);
        waiting ||= position === current;
      }
      if (position === current) {
        context.strokeStyle = theme.accent;
        context.lineWidth = 3;
        context.strokeRect(...box);
      }
      context.font = `${position === current ? "600 " : ""}11px ${theme.mono}`;
      context.fillStyle = position === current ? theme.text : theme.muted;
      context.fillText(String(position), x + tile / 2, surface.height - CAPTION / 2);
    }
    context.textAlign = "start";
    this.element.dataset.frame = current === null ? "" : String(current);
    this.element.dataset.pending = String(waiting);
    this.drawMarks(context);
  }

  /** The picture's place in its tile; the tile's own where no picture has come yet. */
  private pictureBox(x: number): [number, number, number, number] {
    const room = [this.tile - 4, this.surface.height - CAPTION - 4] as const;
    const [width, height] = this.sheet.size;
    const scale = width > 0 ? Math.min(room[0] / width, room[1] / height) : 0;
    const [w, h] = scale > 0 ? [width * scale, height * scale] : room;
    return [x + (this.tile - w) / 2, 2, w, h];
  }

  /** The contacts that lie on these frames, in the corner of their picture. */
  private drawMarks(context: CanvasRenderingContext2D): void {
    const { camera, theme } = this;
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
      context.save();
      context.translate(this.left(position) + 13 + nth * 16, 13);
      context.fillStyle = classColour(known, theme);
      context.strokeStyle = theme.surface;
      context.lineWidth = 3;
      context.stroke(shapeOnCanvas(known?.shape ?? "circle"));
      context.fill(shapeOnCanvas(known?.shape ?? "circle"), "evenodd");
      context.restore();
    }
  }

  private click(event: MouseEvent): void {
    const { camera } = this;
    if (!camera) return;
    const x = event.clientX - this.element.getBoundingClientRect().left;
    const position = this.shown().find((each) => {
      const left = this.left(each);
      return x >= left && x < left + this.tile;
    });
    if (position !== undefined) this.host.seek(camera.timesNs[position]!);
  }
}
