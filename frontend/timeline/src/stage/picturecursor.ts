import type { Scope } from "../clock/scope";
import type { CameraView } from "./cameraview";
import type { Looking } from "./looking";
import type { Point } from "./pictureview";

export interface CursorGround {
  viewOf(target: EventTarget | null): CameraView | null;
  moved(view: CameraView): void;
  /** Enter: the point of the selected label, or the camera made large. */
  act(view: CameraView): void;
  clear(view: CameraView): void;
  readonly looking: Pick<Looking, "zoom" | "whole">;
  left(view: CameraView): void;
}

const FAR = 10;
const ZOOM = 1.25;
const WAYS: Readonly<Record<string, Point>> = {
  ArrowLeft: { x: -1, y: 0 },
  ArrowRight: { x: 1, y: 0 },
  ArrowUp: { x: 0, y: -1 },
  ArrowDown: { x: 0, y: 1 },
};

/**
 * The keys of a camera that has the focus: a cursor in its picture, moved by pixels. What it does not
 * know goes on to the commands, so that frames are stepped through there too.
 */
export class PictureCursor {
  constructor(
    element: HTMLElement,
    private readonly ground: CursorGround,
    scope: Scope,
  ) {
    scope.listen(element, "focusin", (event) => this.enter(event));
    scope.listen(element, "focusout", (event) => this.leave(event));
    scope.listen(element, "keydown", (event) => this.key(event));
  }

  private own(event: Event): CameraView | null {
    const view = this.ground.viewOf(event.target);
    return view?.figure === event.target ? view : null;
  }

  private enter(event: Event): void {
    const view = this.own(event);
    if (view && !view.cursorAt) view.setCursor(view.middle);
    if (view) this.ground.moved(view);
  }

  private leave(event: Event): void {
    this.own(event)?.setCursor(null);
  }

  private key(event: KeyboardEvent): void {
    const view = this.own(event);
    if (!view || event.ctrlKey || event.metaKey || event.altKey) return;
    if (!this.known(view, event)) return;
    event.preventDefault();
    event.stopPropagation();
  }

  private known(view: CameraView, event: KeyboardEvent): boolean {
    const way = WAYS[event.key];
    if (way) this.move(view, way, event.shiftKey ? FAR : 1);
    else if (event.key === "Enter") this.ground.act(view);
    else if (event.key === "Delete" || event.key === "Backspace") this.ground.clear(view);
    else if (event.key === "+" || event.key === "=") this.ground.looking.zoom(view, ZOOM);
    else if (event.key === "-") this.ground.looking.zoom(view, 1 / ZOOM);
    else if (event.key === "0") this.ground.looking.whole(view);
    else if (event.key === "Escape") this.ground.left(view);
    else return false;
    return true;
  }

  private move(view: CameraView, way: Point, by: number): void {
    const from = view.cursorAt ?? view.middle;
    view.setCursor({ x: from.x + way.x * by, y: from.y + way.y * by });
    this.ground.moved(view);
  }
}
