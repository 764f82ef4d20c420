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

/** The frames around the playhead, side by side: a contact is chosen by looking, not by stepping. */
export class ContactStrip {
  private readonly surface = new Surface("tl-strip__picture");
  private camera: CameraFrames | null = null;
  private centre = -1;
  private drawn: readonly StripFrame[] = [];
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
    if (!camera || this.radius < 1 || moving) return;
    const position = camera.positionAt(t);
    if (position === this.centre && !this.dirty) return;
    this.centre = position;
    this.dirty = false;
    camera.around(position, this.radius).then(
      (frames) => {
        if (frames && this.camera === camera) this.draw(frames, position);
      },
      () => {
        // The camera itself says what is wrong; an empty strip says nothing more.
        this.drawn = [];
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

  private draw(frames: readonly StripFrame[], centre: number): void {
    this.drawn = frames;
    const { theme, tile, surface } = this;
    const context = surface.begin();
    context.textBaseline = "middle";
    context.textAlign = "center";
    for (const frame of frames) {
      const x = this.left(frame.position);
      const current = frame.position === centre;
      const room = { width: tile - 4, height: surface.height - CAPTION - 4 };
      const scale = Math.min(room.width / frame.image.width, room.height / frame.image.height);
      const [w, h] = [frame.image.width * scale, frame.image.height * scale];
      context.drawImage(frame.image, x + (tile - w) / 2, 2, w, h);
      if (current) {
        context.strokeStyle = theme.accent;
        context.lineWidth = 3;
        context.strokeRect(x + (tile - w) / 2, 2, w, h);
      }
      context.font = `${current ? "600 " : ""}11px ${theme.mono}`;
      context.fillStyle = current ? theme.text : theme.muted;
      context.fillText(String(frame.position), x + tile / 2, surface.height - CAPTION / 2);
    }
    context.textAlign = "start";
    this.drawMarks(context);
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
      if (!this.drawn.some((frame) => frame.position === position)) continue;
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
    const frame = this.drawn.find(({ position }) => {
      const left = this.left(position);
      return x >= left && x < left + this.tile;
    });
    if (frame) this.host.seek(frame.timeNs);
  }
}
