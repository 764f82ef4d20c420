import type { Label } from "../model/label";
import { attributeFor, classOf, type LabelSchema } from "../model/schema";
import type { Surface } from "./surface";
import { type Viewport, xOf } from "./viewport";

interface Ground {
  readonly surface: Surface;
  readonly view: Viewport;
}

const LEAST_PX = 3;

/** The range in which an instant lies: a bar with ends on both sides of its mark. */
export function drawUncertainty(
  { surface, view }: Ground,
  label: Label,
  y: number,
  colour: string,
) {
  if (label.uncertainty_ns <= 0 || label.start_ns === null) return;
  const from = xOf(view, label.start_ns - label.uncertainty_ns);
  const to = xOf(view, label.start_ns + label.uncertainty_ns);
  if (to - from < LEAST_PX) return;
  const { context } = surface;
  context.save();
  context.strokeStyle = colour;
  context.globalAlpha = 0.35;
  context.fillStyle = colour;
  context.fillRect(from, y - 3, to - from, 6);
  context.globalAlpha = 1;
  context.lineWidth = 1.5;
  context.beginPath();
  for (const x of [from, to]) {
    context.moveTo(x, y - 6);
    context.lineTo(x, y + 6);
  }
  context.stroke();
  context.restore();
}

/** The times inside a range, such as when a failure was detected: a notch through the label. */
export function drawInnerTimes(
  { surface, view, schema }: Ground & { readonly schema: LabelSchema },
  label: Label,
  [y, height]: readonly [number, number],
  colour: string,
) {
  const known = classOf(schema, label.label_class);
  if (!known) return;
  const { context } = surface;
  for (const [key, value] of Object.entries(label.attributes)) {
    if (typeof value !== "number" || attributeFor(known, key)?.type !== "time") continue;
    const x = surface.crisp(xOf(view, value));
    context.fillStyle = colour;
    context.fillRect(x - 1, y, 2, height);
    context.beginPath();
    context.moveTo(x - 5, y);
    context.lineTo(x + 5, y);
    context.lineTo(x, y + 6);
    context.fill();
  }
}
