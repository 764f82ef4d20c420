import type { Scope } from "../clock/scope";
import type { Snap } from "../model/snapping";
import type { Ns } from "../model/time";
import type { Hit } from "./hit";
import type { StageHost } from "./host";
import type { SignalLane } from "./lanes";
import { nsPerPixel, panBy, tOf, type Viewport, zoomAt } from "./viewport";

export interface Ground {
  view(): Viewport;
  setView(view: Viewport): void;
  /** What lies under a pointer, and over which part of the stage. */
  at(event: PointerEvent | MouseEvent): { hit: Hit; zone: Zone; x: number };
  overviewTime(x: number): Ns;
  showSnap(snap: Snap | null): void;
  hover(t: Ns | null): void;
  /** Opens or folds a lane of signals. */
  toggle(lane: SignalLane): void;
}

export type Zone = "overview" | "ruler" | "lanes" | "names";

/** Two fingers: how far apart they were, and the time that lay between them. */
interface Pinch {
  readonly kind: "pinch";
  readonly apart: number;
  readonly middleNs: Ns;
  readonly view: Viewport;
}

type Gesture =
  | Pinch
  | { readonly kind: "scrub" }
  | { readonly kind: "window" }
  | { readonly kind: "grip" }
  | { readonly kind: "pan"; x: number; moved: boolean; hit: Hit };

const SNAP_PX = 7;
const CLICK_PX = 4;

/** The pointer on the timeline: seek, scrub, pan, drag edges, zoom. One gesture at a time. */
export class Gestures {
  private gesture: Gesture | null = null;
  /** Where each finger is; a mouse has none. */
  private readonly fingers = new Map<number, number>();

  constructor(
    private readonly element: HTMLElement,
    private readonly ground: Ground,
    private readonly host: StageHost,
    scope: Scope,
  ) {
    scope.listen(element, "pointerdown", (event) => this.down(event));
    scope.listen(element, "pointermove", (event) => this.move(event));
    scope.listen(element, "pointerup", (event) => this.lift(event));
    scope.listen(element, "pointercancel", (event) => {
      this.fingers.delete(event.pointerId);
      this.bail();
    });
    scope.listen(element, "pointerleave", () => this.ground.hover(null));
    scope.listen(element, "dblclick", (event) => this.doubleClick(event));
    scope.listen(element, "wheel", (event) => this.wheel(event), { passive: false });
  }

  get busy(): boolean {
    return this.gesture !== null;
  }

  /** Back to how it was before the gesture. True when there was one. */
  bail(): boolean {
    if (!this.gesture) return false;
    if (this.gesture.kind === "grip") this.host.bailDrag();
    if (this.gesture.kind === "scrub") this.host.scrub(false);
    this.gesture = null;
    this.ground.showSnap(null);
    return true;
  }

  private down(event: PointerEvent): void {
    const { hit, zone, x } = this.ground.at(event);
    if (event.pointerType === "touch" && zone !== "names") this.fingers.set(event.pointerId, x);
    if (this.fingers.size === 2) {
      this.element.setPointerCapture(event.pointerId);
      this.beginPinch();
      return;
    }
    if (event.button !== 0 || this.gesture) return;
    if (zone === "names") {
      if (hit.lane?.kind === "signal") this.ground.toggle(hit.lane);
      return;
    }
    this.element.setPointerCapture(event.pointerId);
    if (zone === "ruler") {
      this.gesture = { kind: "scrub" };
      this.host.scrub(true);
      this.seekTo(x);
    } else if (zone === "overview") {
      this.gesture = { kind: "window" };
      this.centre(x);
    } else if (hit.grip && this.host.beginDrag(hit.grip)) {
      this.host.select(hit.grip.labelId, false);
      this.gesture = { kind: "grip" };
    } else this.gesture = { kind: "pan", x, moved: false, hit };
  }

  /** The second finger ends what the first one had begun: nothing is moved by accident. */
  private beginPinch(): void {
    this.bail();
    const view = this.ground.view();
    const { apart, middle } = this.span();
    this.gesture = { kind: "pinch", apart, middleNs: tOf(view, middle), view };
  }

  private span(): { apart: number; middle: number } {
    const [a = 0, b = 0] = [...this.fingers.values()];
    return { apart: Math.max(20, Math.abs(a - b)), middle: (a + b) / 2 };
  }

  /** What lay between the fingers stays between them, as wide as they are apart. */
  private pinch({ apart: before, middleNs, view }: Pinch): void {
    const { apart, middle } = this.span();
    const zoomed = zoomAt(view, middleNs, apart / before);
    this.ground.setView(panBy(zoomed, middleNs - tOf(zoomed, middle)));
  }

  private lift(event: PointerEvent): void {
    this.fingers.delete(event.pointerId);
    if (this.gesture?.kind !== "pinch") {
      this.up();
      return;
    }
    // The finger that is left moves nothing until it, too, is lifted.
    if (this.fingers.size === 0) this.gesture = null;
  }

  private move(event: PointerEvent): void {
    const { hit, zone, x } = this.ground.at(event);
    if (this.fingers.has(event.pointerId)) this.fingers.set(event.pointerId, x);
    if (this.gesture?.kind === "pinch") {
      if (this.fingers.size === 2) this.pinch(this.gesture);
      return;
    }
    const view = this.ground.view();
    if (!this.gesture) {
      this.element.style.cursor = cursorFor(zone, hit);
      const points = event.pointerType !== "touch" && (zone === "lanes" || zone === "ruler");
      this.ground.hover(points ? tOf(view, x) : null);
      return;
    }
    if (this.gesture.kind === "scrub") this.seekTo(x);
    else if (this.gesture.kind === "window") this.centre(x);
    else if (this.gesture.kind === "grip") {
      const reach = SNAP_PX * nsPerPixel(view);
      this.ground.showSnap(this.host.drag(tOf(view, x), reach, event.altKey));
    } else this.pan(this.gesture, x);
  }

  private pan(gesture: Extract<Gesture, { kind: "pan" }>, x: number): void {
    if (!gesture.moved && Math.abs(x - gesture.x) < CLICK_PX) return;
    gesture.moved = true;
    this.element.style.cursor = "grabbing";
    const view = this.ground.view();
    this.ground.setView(panBy(view, (gesture.x - x) * nsPerPixel(view)));
    gesture.x = x;
  }

  private up(): void {
    const { gesture } = this;
    this.gesture = null;
    this.element.style.cursor = "";
    if (gesture?.kind === "grip") this.host.endDrag();
    if (gesture?.kind === "scrub") this.host.scrub(false);
    if (gesture?.kind === "pan" && !gesture.moved) this.click(gesture);
    this.ground.showSnap(null);
  }

  private click({ hit, x }: Extract<Gesture, { kind: "pan" }>): void {
    const { label } = hit;
    this.host.select(label?.id ?? null, false);
    if (label?.kind === "instant" && label.start_ns !== null) this.host.seek(label.start_ns);
    else this.seekTo(x);
  }

  private doubleClick(event: MouseEvent): void {
    const { hit, zone } = this.ground.at(event);
    if (zone === "lanes" && hit.label) this.host.edit(hit.label.id);
  }

  private seekTo(x: number): void {
    this.host.seek(tOf(this.ground.view(), x));
  }

  private centre(x: number): void {
    const view = this.ground.view();
    const middle = (view.fromNs + view.toNs) / 2;
    this.ground.setView(panBy(view, this.ground.overviewTime(x) - middle));
  }

  private wheel(event: WheelEvent): void {
    const { zone, x } = this.ground.at(event);
    // Over the names the wheel scrolls the lanes, as it would any list.
    if (zone === "names" || this.gesture) return;
    event.preventDefault();
    const view = this.ground.view();
    const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
    if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
      const delta = (event.deltaX || event.deltaY) * lines;
      this.ground.setView(panBy(view, delta * nsPerPixel(view)));
      return;
    }
    this.ground.setView(zoomAt(view, tOf(view, x), Math.exp(-event.deltaY * lines * 0.002)));
  }
}

function cursorFor(zone: Zone, hit: Hit): string {
  if (zone === "ruler") return "col-resize";
  if (zone === "overview") return "grab";
  if (zone === "names") return hit.lane?.kind === "signal" ? "pointer" : "";
  if (hit.grip) return hit.grip.part === "instant" ? "move" : "ew-resize";
  return zone === "lanes" && hit.label ? "pointer" : "";
}
