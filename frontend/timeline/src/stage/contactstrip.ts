import type { Scope } from "../clock/scope";
import type { Ns } from "../model/time";
import type { CameraLayout } from "./cameralayout";
import type { CameraStage } from "./cameras";
import type { StageHost } from "./host";
import type { Hover } from "./hover";
import { rowsOf, stripSizes } from "./stripchoice";
import { StripRow } from "./striprow";
import { readTheme, type Theme } from "./theme";

/** Pictures are asked for once a zoom or a drag has stood still for so long. */
const STILL_MS = 90;

/** The frames around the playhead, side by side: a contact is chosen by looking, not by stepping. */
export class ContactStrip {
  private rows: StripRow[] = [];
  private layout: CameraLayout | null = null;
  private moving = false;
  private theme: Theme;
  private dirty = true;
  private at: Ns = -1;
  private heights = "";
  private settle: () => void = () => {};

  constructor(
    private readonly element: HTMLElement,
    private readonly scope: Scope,
    private readonly host: StageHost,
    private readonly cameras: CameraStage,
    private readonly requestPaint: () => void,
    /** The lanes show the instant of the picture under the pointer. */
    hover: Hover,
  ) {
    this.theme = readTheme(element);
    scope.own(() => element.replaceChildren());
    const room = element.parentElement ?? element;
    scope.observe(new ResizeObserver(() => this.measure())).observe(room);
    scope.listen(element, "click", (event) => this.click(event));
    scope.listen(element, "pointermove", (event) => {
      hover.set(event.pointerType === "touch" || this.moving ? null : this.timeUnder(event));
    });
    scope.listen(element, "pointerleave", () => hover.set(null));
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

  /** The cameras have opened, or turned out to be of another shape. */
  measure(): void {
    this.layout = null;
    this.invalidate();
  }

  paint(t: Ns, moving: boolean): void {
    const { layout } = this.cameras;
    if (layout !== this.layout) this.follow(layout);
    this.element.classList.toggle("tl-strip--moving", moving);
    if (moving) {
      // What it shows is behind the playhead now: nothing is marked as the current frame.
      if (!this.moving) for (const row of this.rows) row.rest(this.theme);
      if (!this.moving) this.tell(null);
      this.moving = true;
      return;
    }
    if (t === this.at && !this.dirty && !this.moving) return;
    const stepped = t !== this.at || this.moving;
    this.moving = false;
    this.dirty = false;
    this.at = t;
    this.settle();
    for (const row of this.rows) row.show(t, this.theme, stepped);
    if (!stepped) this.settle = this.scope.timeout(() => this.askAll(), STILL_MS);
    this.tell(t);
  }

  private askAll(): void {
    if (this.moving) return;
    for (const row of this.rows) row.show(this.at, this.theme, true);
  }

  /** For tests, and for whoever looks at the page's structure. */
  private tell(t: Ns | null): void {
    const { dataset } = this.element;
    dataset.frame = t === null ? "" : String(this.host.state().grid.frameAt(t));
    this.tellPending();
  }

  private tellPending(): void {
    this.element.dataset.pending = String(this.rows.some((row) => row.pending));
  }

  private follow(layout: CameraLayout): void {
    this.layout = layout;
    this.dirty = true;
    const names = rowsOf(layout.strip, layout.order, layout.large);
    if (names.join("\n") !== this.rows.map((row) => row.view.stream.camera).join("\n")) {
      this.rows = names.flatMap((name) => {
        const kept = this.rows.find((row) => row.view.stream.camera === name);
        const view = this.cameras.view(name);
        return kept ?? (view ? [new StripRow(view, this.host, () => this.tellPending())] : []);
      });
      this.element.replaceChildren(...this.rows.map((row) => row.element));
    }
    this.place(layout.strip.radius);
  }

  private place(radius: number): void {
    const { element } = this;
    const width = element.clientWidth;
    const room = element.parentElement?.clientHeight ?? 0;
    if (width === 0 || room === 0) return;
    const heights = stripSizes(
      radius,
      this.rows.map((row) => row.view.aspect),
      width,
      room,
    );
    for (const [i, row] of this.rows.entries()) row.put(width, heights[i]!, radius);
    const total = `${heights.reduce((sum, height) => sum + height, 0) + 1}px`;
    if (total === this.heights) return;
    this.heights = total;
    element.parentElement?.style.setProperty("--strip", total);
  }

  private click(event: MouseEvent): void {
    const at = this.timeUnder(event);
    if (at !== null) this.host.seek(at);
  }

  private timeUnder(event: MouseEvent): Ns | null {
    const row = this.rows.find(
      ({ element }) => event.target instanceof Node && element.contains(event.target),
    );
    const x = event.clientX - this.element.getBoundingClientRect().left;
    return row?.timeAt(x) ?? null;
  }
}
