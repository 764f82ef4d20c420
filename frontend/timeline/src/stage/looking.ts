import { type DepthLook, rangeWithin } from "../decode/depthcolour";
import { AS_RECORDED, light, type PictureLook } from "./cameralayout";
import type { CameraView } from "./cameraview";
import {
  boxToStored,
  type Point,
  pannedBy,
  revealed,
  seenOf,
  toScreen,
  WHOLE,
  zoomedAt,
} from "./pictureview";

/** On the screen: the cursor, or the middle. */
function focusOf(view: CameraView): Point {
  const { width, height } = view.room;
  return view.cursorAt ? toScreen(view.place, view.cursorAt) : { x: width / 2, y: height / 2 };
}

/** Looking closer into a camera's picture: nearer, brighter, in other colours. */
export class Looking {
  constructor(private readonly see: (view: CameraView, values: Partial<PictureLook>) => void) {}

  zoom(view: CameraView, factor: number): void;
  zoom(view: CameraView, at: Point, factor: number): void;
  zoom(view: CameraView, at: Point | number, factor?: number): void {
    const by = typeof at === "number" ? at : factor!;
    const from = typeof at === "number" ? focusOf(view) : at;
    this.see(view, { view: zoomedAt(view.look.view, view.picture, view.room, from, by) });
  }

  pan(view: CameraView, dx: number, dy: number): void {
    const { zoom } = view.look.view;
    if (zoom === 1) return;
    this.see(view, { view: pannedBy(view.look.view, view.picture, view.room, dx, dy) });
  }

  /** Brings a pixel into sight where only a part of the picture is seen. */
  reveal(view: CameraView, at: Point): void {
    const next = revealed(view.look.view, view.picture, view.room, at);
    if (view.look.view.zoom > 1) this.see(view, { view: next });
  }

  whole(view: CameraView): void {
    this.see(view, { view: WHOLE });
  }

  asRecorded(view: CameraView): void {
    this.see(view, AS_RECORDED);
  }

  lighten(view: CameraView, brightness: number, contrast: number): void {
    const { look } = view;
    this.see(view, {
      brightness: light(look.brightness * brightness),
      contrast: light(look.contrast * contrast),
    });
  }

  colour(view: CameraView, depth: Partial<DepthLook>): void {
    this.see(view, { depth: { ...view.look.depth, ...depth } });
  }

  /** The colours spread over what is seen now. False where there are no values. */
  async spread(view: CameraView): Promise<boolean> {
    const picture = await view.depthShown();
    if (!picture) return false;
    const seen = seenOf(view.look.view, view.picture, view.room);
    this.colour(view, {
      range: rangeWithin(picture, boxToStored(seen, view.stored, view.rotation)),
    });
    return true;
  }
}
