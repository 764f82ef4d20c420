import { camerasOf, pointIn } from "../model/points";
import { classOf } from "../model/schema";
import type { StageState } from "./host";
import { classColour } from "./labelart";
import { type Placed, type Point, type Rotation, toScreen, toUpright } from "./pictureview";
import { shapeOnCanvas } from "./shapes";
import type { Surface } from "./surface";
import type { Theme } from "./theme";

/** A label's point in one camera, to be drawn. */
export interface Mark {
  readonly at: Point;
  readonly colour: string;
  readonly shape: string;
  /** On the label's own frame; fainter on others. */
  readonly here: boolean;
}

/** The points of the selected labels in a camera; `onFrame` says whether a time is the one shown. */
export function marksIn(
  { tracks, selected, schema }: StageState,
  camera: string,
  theme: Theme,
  onFrame: (ns: number) => boolean,
): Mark[] {
  if (selected.size === 0) return [];
  const labels = tracks.flatMap(({ timeline }) => [...selected].map((id) => timeline.get(id)));
  return labels.flatMap((label) => {
    const at = label && pointIn(label, camera);
    if (!at) return [];
    const known = classOf(schema, label.label_class);
    const here = label.start_ns !== null && onFrame(label.start_ns);
    // The middle of the pixel.
    const middle = { x: at.x + 0.5, y: at.y + 0.5 };
    return { at: middle, colour: classColour(known, theme), shape: known?.shape ?? "circle", here };
  });
}

/** Whether any selected label has a point: what is drawn changes with the picture. */
export function hasMarks({ tracks, selected }: StageState): boolean {
  return [...selected].some((id) =>
    tracks.some(({ timeline }) => {
      const label = timeline.get(id);
      return label !== undefined && camerasOf(label).length > 0;
    }),
  );
}

const ARM = 11;

function ring(context: CanvasRenderingContext2D, { x, y }: Point, colour: string): void {
  for (const [width, stroke] of [
    [5, "rgb(0 0 0 / 70%)"],
    [2, colour],
  ] as const) {
    context.strokeStyle = stroke;
    context.lineWidth = width;
    context.beginPath();
    context.arc(x, y, ARM, 0, 2 * Math.PI);
    for (const [dx, dy] of [
      [1, 0],
      [-1, 0],
      [0, 1],
      [0, -1],
    ] as const) {
      context.moveTo(x + dx * ARM, y + dy * ARM);
      context.lineTo(x + dx * 4, y + dy * 4);
    }
    context.stroke();
  }
}

export function drawMarks(
  context: CanvasRenderingContext2D,
  marks: readonly Mark[],
  place: Placed,
  stored: { readonly width: number; readonly height: number },
  rotation: Rotation,
): void {
  for (const { at, colour, shape, here } of marks) {
    const screen = toScreen(place, toUpright(at, stored, rotation));
    context.save();
    context.globalAlpha = here ? 1 : 0.45;
    ring(context, screen, "#fff");
    context.translate(screen.x + ARM + 6, screen.y - ARM - 2);
    context.scale(0.8, 0.8);
    context.fillStyle = colour;
    context.strokeStyle = "rgb(0 0 0 / 80%)";
    context.lineWidth = 3;
    context.stroke(shapeOnCanvas(shape));
    context.fill(shapeOnCanvas(shape), "evenodd");
    context.restore();
  }
}

/** The cursor that is moved by keys: hairlines through the whole picture, a gap around the pixel. */
export function drawCursor(surface: Surface, at: Point, accent: string): void {
  const { context, width, height } = surface;
  const [x, y] = [surface.crisp(at.x), surface.crisp(at.y)];
  for (const [line, stroke] of [
    [3, "rgb(0 0 0 / 60%)"],
    [1, "#fff"],
  ] as const) {
    context.lineWidth = line;
    context.strokeStyle = stroke;
    context.beginPath();
    context.moveTo(x, 0);
    context.lineTo(x, y - 6);
    context.moveTo(x, y + 6);
    context.lineTo(x, height);
    context.moveTo(0, y);
    context.lineTo(x - 6, y);
    context.moveTo(x + 6, y);
    context.lineTo(width, y);
    context.stroke();
  }
  context.fillStyle = accent;
  context.fillRect(x - 1, y - 1, 2, 2);
}
