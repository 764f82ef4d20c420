import type { Scope } from "../clock/scope";
import type { Ns } from "../model/time";
import { say } from "../words";
import { HEAD_HEIGHT } from "./overlay";
import { Surface } from "./surface";
import { type Viewport, xOf } from "./viewport";

/**
 * What the timeline is drawn on. Ruler and lanes have two layers each: one that changes with labels
 * and zoom, and one over it for what goes with the pointer. The playhead is moved, not drawn.
 */
export class Layers {
  readonly head = new Surface("tl-lanes__head");
  readonly body = new Surface("tl-lanes__body");
  readonly headOver = new Surface("tl-lanes__head tl-lanes__over");
  readonly bodyOver = new Surface("tl-lanes__body tl-lanes__over");
  readonly scroller = document.createElement("div");
  private readonly spacer = document.createElement("div");
  private readonly playhead = document.createElement("div");

  constructor(element: HTMLElement, values: HTMLCanvasElement, scope: Scope) {
    const top = document.createElement("div");
    top.className = "tl-lanes__top";
    top.style.height = `${HEAD_HEIGHT}px`;
    top.append(this.head.canvas, this.headOver.canvas);
    const { scroller, spacer, playhead } = this;
    scroller.className = "tl-lanes__scroll";
    // What the keys act on; screen readers hand them through. The label list is its twin.
    scroller.tabIndex = 0;
    scroller.dataset.stage = "";
    scroller.setAttribute("role", "application");
    scroller.setAttribute("aria-label", say("Timeline. Question mark lists the keys."));
    const pane = document.createElement("div");
    pane.className = "tl-lanes__pane";
    playhead.className = "tl-lanes__playhead";
    pane.append(this.body.canvas, values, this.bodyOver.canvas, playhead);
    spacer.className = "tl-lanes__spacer";
    scroller.append(pane, spacer);
    element.append(top, scroller);
    scope.own(() => element.replaceChildren());
  }

  /** Makes the canvases as large as their places; the width and height of the lanes. */
  fit(): readonly [number, number] {
    const { clientWidth: width, clientHeight: height } = this.scroller;
    for (const surface of [this.head, this.headOver]) surface.fit(width, HEAD_HEIGHT);
    for (const surface of [this.body, this.bodyOver]) surface.fit(width, height);
    this.playhead.style.height = `${height}px`;
    return [width, height];
  }

  /** How high all lanes are together. */
  setHeight(height: number): void {
    if (this.spacer.style.height !== `${height}px`) this.spacer.style.height = `${height}px`;
  }

  movePlayhead(view: Viewport, at: Ns): void {
    const x = xOf(view, at);
    this.playhead.hidden = x < view.left || x > view.left + view.width;
    this.playhead.style.transform = `translateX(${this.headOver.crisp(x) - 0.75}px)`;
  }
}
