import type { Scope } from "../clock/scope";
import type { CameraView } from "./cameraview";
import type { Looking } from "./looking";
import type { Point } from "./pictureview";

/** What the gestures on the cameras ask for. */
export interface CameraGround {
  /** The view whose figure an event happened in. */
  viewOf(target: EventTarget | null): CameraView | null;
  readonly looking: Pick<Looking, "zoom" | "pan">;
  reset(view: CameraView): void;
  enlarge(view: CameraView): void;
  choose(view: CameraView): void;
  /** A camera dragged by its name onto another. */
  drop(view: CameraView, onto: CameraView): void;
  hint(view: CameraView | null, onto: CameraView | null): void;
  /** A pointer is at work: the keys belong to the timeline again. */
  engaged(): void;
  /** True when clicks put points, for this event. */
  points(event: PointerEvent): boolean;
  point(view: CameraView, at: Point): void;
}

type Gesture =
  | { readonly kind: "look"; readonly view: CameraView; moved: boolean; readonly points: boolean }
  | { readonly kind: "carry"; readonly view: CameraView; onto: CameraView | null; moved: boolean };

const CLICK_PX = 5;
const DOUBLE_MS = 350;

/** The pointers on the cameras: wheel and pinch zoom, drag pans, a name dragged moves its camera. */
export class CameraGestures {
  private gesture: Gesture | null = null;
  /** Fingers and buttons down, in the order they came. */
  private readonly down = new Map<number, Point>();
  private start: Point = { x: 0, y: 0 };
  private hovered: CameraView[] = [];
  private lastTap: { readonly at: number; readonly view: CameraView } | null = null;

  constructor(
    private readonly element: HTMLElement,
    private readonly ground: CameraGround,
    scope: Scope,
  ) {
    scope.listen(element, "pointerdown", (event) => this.press(event));
    scope.listen(element, "pointermove", (event) => this.move(event));
    scope.listen(element, "pointerup", (event) => this.up(event));
    scope.listen(element, "pointercancel", (event) => this.bail(event.pointerId));
    scope.listen(element, "pointerleave", () => this.leave());
    scope.listen(element, "wheel", (event) => this.wheel(event), { passive: false });
    // The focus stays where the hands are: a click on a picture takes no key away.
    scope.listen(element, "mousedown", (event) => event.preventDefault());
  }

  get busy(): boolean {
    return this.gesture !== null;
  }

  private at(event: MouseEvent, view: CameraView): Point {
    const box = view.figure.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  }

  private press(event: PointerEvent): void {
    const view = this.ground.viewOf(event.target);
    if (!view || event.button !== 0) return;
    this.ground.engaged();
    this.element.setPointerCapture(event.pointerId);
    this.down.set(event.pointerId, { x: event.clientX, y: event.clientY });
    if (this.down.size > 1) return;
    this.start = { x: event.clientX, y: event.clientY };
    const named = event.target instanceof Element && event.target.closest("figcaption");
    this.gesture = named
      ? { kind: "carry", view, onto: null, moved: false }
      : { kind: "look", view, moved: false, points: this.ground.points(event) };
  }

  private move(event: PointerEvent): void {
    const { gesture } = this;
    if (!gesture) {
      const view = this.ground.viewOf(event.target);
      for (const other of this.hovered) if (other !== view) other.hoverAt(null);
      this.hovered = view ? [view] : [];
      view?.hoverAt(this.at(event, view));
      return;
    }
    const before = this.down.get(event.pointerId);
    if (!before) return;
    const now = { x: event.clientX, y: event.clientY };
    const far = Math.hypot(now.x - this.start.x, now.y - this.start.y) >= CLICK_PX;
    if (!gesture.moved && !far && this.down.size < 2) return;
    gesture.moved = true;
    if (gesture.kind === "carry") this.carry(gesture, event);
    else this.drag(gesture.view, event, before, now);
    this.down.set(event.pointerId, now);
  }

  private leave(): void {
    for (const view of this.hovered) view.hoverAt(null);
    this.hovered = [];
  }

  /** One pointer pans; two pan by their middle, and zoom by their distance. */
  private drag(view: CameraView, event: PointerEvent, before: Point, now: Point): void {
    const other = [...this.down].find(([id]) => id !== event.pointerId)?.[1];
    if (!other) {
      this.ground.looking.pan(view, now.x - before.x, now.y - before.y);
      return;
    }
    const apart = (a: Point) => Math.max(20, Math.hypot(a.x - other.x, a.y - other.y));
    const box = view.figure.getBoundingClientRect();
    const middle = { x: (now.x + other.x) / 2 - box.left, y: (now.y + other.y) / 2 - box.top };
    this.ground.looking.pan(view, (now.x - before.x) / 2, (now.y - before.y) / 2);
    this.ground.looking.zoom(view, middle, apart(now) / apart(before));
  }

  private carry(gesture: Extract<Gesture, { kind: "carry" }>, event: PointerEvent): void {
    const under = document.elementFromPoint(event.clientX, event.clientY);
    const onto = this.ground.viewOf(under);
    gesture.onto = onto === gesture.view ? null : onto;
    this.ground.hint(gesture.view, gesture.onto);
  }

  private up(event: PointerEvent): void {
    const { gesture } = this;
    this.down.delete(event.pointerId);
    if (!gesture || this.down.size > 0) return;
    this.gesture = null;
    this.ground.hint(null, null);
    if (gesture.kind === "carry") {
      if (!gesture.moved) this.ground.enlarge(gesture.view);
      else if (gesture.onto) this.ground.drop(gesture.view, gesture.onto);
      return;
    }
    if (!gesture.moved) this.tap(gesture, event);
  }

  private tap({ view, points }: Extract<Gesture, { kind: "look" }>, event: PointerEvent): void {
    if (points) {
      this.ground.point(view, this.at(event, view));
      return;
    }
    const twice = this.lastTap?.view === view && event.timeStamp - this.lastTap.at < DOUBLE_MS;
    this.lastTap = twice ? null : { at: event.timeStamp, view };
    if (twice) this.ground.reset(view);
    else this.ground.choose(view);
  }

  private bail(pointer: number): void {
    this.down.delete(pointer);
    this.gesture = null;
    this.ground.hint(null, null);
  }

  private wheel(event: WheelEvent): void {
    const view = this.ground.viewOf(event.target);
    if (!view || this.gesture) return;
    event.preventDefault();
    const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
    // A pinch on a touch pad comes as a wheel with Ctrl, and with smaller steps.
    const pace = event.ctrlKey ? 0.01 : 0.002;
    this.ground.looking.zoom(view, this.at(event, view), Math.exp(-event.deltaY * lines * pace));
  }
}
