import type { Label } from "../model/label";
import { classOf, detailOf, type LabelClass, type LabelSchema } from "../model/schema";
import { say } from "../words";
import { drawInnerTimes, drawUncertainty } from "./doubtart";
import { SPAN_ROW_PX } from "./hit";
import { indexOf } from "./laneindex";
import type { LabelLane } from "./lanes";
import { shapeOnCanvas } from "./shapes";
import type { Surface } from "./surface";
import type { Theme } from "./theme";
import { tOf, type Viewport, xOf } from "./viewport";

export interface Art {
  readonly surface: Surface;
  readonly view: Viewport;
  readonly theme: Theme;
  readonly schema: LabelSchema;
  readonly selected: ReadonlySet<string>;
}

export function classColour(known: LabelClass | undefined, theme: Theme): string {
  if (!known) return theme.muted;
  return theme.dark ? known.color_dark : known.color;
}

/** As much of a text as there is room for. */
export function clippedText(
  context: CanvasRenderingContext2D,
  text: string,
  width: number,
): string {
  if (context.measureText(text).width <= width) return text;
  let [low, high] = [0, text.length];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (context.measureText(`${text.slice(0, middle)}…`).width <= width) low = middle;
    else high = middle - 1;
  }
  return low > 0 ? `${text.slice(0, low)}…` : "";
}

/** Stripes or dots, so that failure and recovery differ without colour. */
function drawPattern(
  context: CanvasRenderingContext2D,
  shape: string,
  box: readonly [number, number, number, number],
  colour: string,
) {
  const [x, y, width, height] = box;
  context.save();
  context.beginPath();
  context.rect(x, y, width, height);
  context.clip();
  context.strokeStyle = colour;
  context.fillStyle = colour;
  context.globalAlpha = 0.45;
  context.lineWidth = 1.5;
  context.beginPath();
  // Anchored to the lane, not to the label: patterns must not crawl while an edge is dragged.
  if (shape === "dots") {
    for (let dx = Math.floor(x / 8) * 8; dx < x + width + 8; dx += 8) {
      for (let dy = y + 3; dy < y + height; dy += 6) {
        context.moveTo(dx + 1.5, dy);
        context.arc(dx, dy, 1.3, 0, 7);
      }
    }
    context.fill();
  } else {
    for (let dx = Math.floor((x - height) / 7) * 7; dx < x + width; dx += 7) {
      context.moveTo(dx, y + height);
      context.lineTo(dx + height, y);
    }
    context.stroke();
  }
  context.restore();
}

// What nobody has confirmed yet looks unfinished.
const PROPOSAL_ALPHA = 0.55;
const PROPOSAL_DASH = [4, 3];

// Shapes and outlines reach a little beyond their time.
const BEYOND_PX = 12;

function inView({ view }: Art, lane: LabelLane): readonly Label[] {
  const [from, to] = [view.left - BEYOND_PX, view.left + view.width + BEYOND_PX];
  return indexOf(lane.labels).within(tOf(view, from), tOf(view, to));
}

// Shapes nearer to each other than this only hide each other: their lines are told apart longer.
const SHAPES_APART_PX = 7;

export function drawInstants(art: Art, lane: LabelLane, offset: number) {
  const { context } = art.surface;
  const middle = lane.top - offset + lane.height / 2;
  let shapeAt = -Infinity;
  let lineAt = -Infinity;
  for (const label of inView(art, lane)) {
    const x = xOf(art.view, label.start_ns ?? 0);
    const line = art.surface.crisp(x);
    const chosen = art.selected.has(label.id);
    if (line === lineAt && !chosen) continue;
    lineAt = line;
    const known = classOf(art.schema, label.label_class);
    const colour = classColour(known, art.theme);
    context.fillStyle = colour;
    context.fillRect(line - 0.5, lane.top - offset, 1, lane.height);
    if (x - shapeAt < SHAPES_APART_PX && !chosen) continue;
    shapeAt = x;
    drawUncertainty(art, label, middle, colour);
    context.save();
    if (label.source === "proposal") context.globalAlpha = PROPOSAL_ALPHA;
    context.translate(x, middle);
    const path = shapeOnCanvas(known?.shape ?? "circle");
    if (chosen) {
      context.strokeStyle = art.theme.text;
      context.lineWidth = 4.5;
      context.stroke(path);
    }
    context.strokeStyle = art.theme.surface;
    context.lineWidth = 1.5;
    context.fillStyle = colour;
    context.stroke(path);
    context.fill(path, "evenodd");
    context.restore();
  }
}

// Narrower than this a range is a bar: outline, pattern and text would be one colour anyway.
const LEAST_DETAIL_PX = 5;

function drawRange(art: Art, label: Label, y: number, height: number) {
  const { surface, view, theme } = art;
  const { context } = surface;
  const [start, end] = [xOf(view, label.start_ns ?? 0), xOf(view, label.end_ns ?? 0)];
  const known = classOf(art.schema, label.label_class);
  const colour = classColour(known, theme);
  const chosen = art.selected.has(label.id);
  const x = surface.crisp(start);
  const width = Math.max(2, surface.crisp(end) - x - 1);
  if (width < LEAST_DETAIL_PX && !chosen) {
    context.fillStyle = colour;
    context.globalAlpha = 0.6;
    context.fillRect(x - 0.5, y, Math.max(1, width - 0.5), height);
    context.globalAlpha = 1;
    return;
  }
  context.globalAlpha = chosen ? 0.3 : 0.16;
  context.fillStyle = colour;
  context.fillRect(x, y, width, height);
  context.globalAlpha = 1;
  if (label.kind === "span")
    drawPattern(context, known?.shape ?? "hatch", [x, y, width, height], colour);
  context.fillStyle = colour;
  context.fillRect(x, y, Math.min(3, width), height);
  context.strokeStyle = chosen ? theme.text : colour;
  context.lineWidth = chosen ? 2 : 1;
  if (label.source === "proposal") context.setLineDash(PROPOSAL_DASH);
  context.strokeRect(x, y, width, height);
  context.setLineDash([]);
  drawInnerTimes(art, label, [y, height], theme.text);
  const left = Math.max(x, view.left) + 7;
  const room = x + width - left - 4;
  if (room < 14) return;
  context.font = `12px ${theme.font}`;
  context.textBaseline = "middle";
  const name = label.kind === "span" ? (known?.name ?? label.label_class).toLowerCase() : "";
  const detail = detailOf(art.schema, label);
  const missing = known?.requires_text && !label.text;
  const words = missing ? say("no text yet") : [name, detail].filter(Boolean).join(": ");
  const text = clippedText(context, words, room);
  if (!text) return;
  if (label.kind === "span") {
    context.fillStyle = theme.surface;
    context.globalAlpha = 0.82;
    context.fillRect(left - 3, y + 2, context.measureText(text).width + 6, height - 4);
    context.globalAlpha = 1;
  }
  context.fillStyle = missing ? theme.warn : theme.text;
  context.fillText(text, left, y + height / 2 + 0.5);
}

export function drawRanges(art: Art, lane: LabelLane, offset: number) {
  const spans = lane.kind === "spans";
  const height = spans ? SPAN_ROW_PX - 3 : lane.height - 6;
  for (const label of inView(art, lane)) {
    const row = lane.rows.get(label.id) ?? 0;
    drawRange(art, label, lane.top - offset + (spans ? 3 + row * SPAN_ROW_PX : 3) + 0.5, height);
  }
}
