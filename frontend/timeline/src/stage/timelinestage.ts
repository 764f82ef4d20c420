import type { Scope } from "../clock/scope";
import type { Snap } from "../model/snapping";
import type { Ns } from "../model/time";
import type { SignalInfo, StreamInfo } from "../net/payload";
import { drawFilm, drawFilmAt, Sprites } from "./film";
import { Gestures, type Ground, type Zone } from "./gestures";
import { hitTest, laneAt } from "./hit";
import type { StageHost, StageState } from "./host";
import type { Hover } from "./hover";
import { type Art, drawInstants, drawRanges } from "./labelart";
import type { Shelf } from "./lanechoice";
import { drawBand, drawHead } from "./laneheads";
import { type Lane, layOut, type SignalLane } from "./lanes";
import { LaneValues } from "./lanevalues";
import { Layers } from "./layers";
import {
  drawDrawing,
  drawHover,
  drawKnob,
  drawLines,
  drawLoop,
  drawSnap,
  HEAD_HEIGHT,
  type Over,
} from "./overlay";
import { OVERVIEW_HEIGHT, Overview, overviewTime } from "./overview";
import { drawComments, drawRuler } from "./ruler";
import { SignalPainter } from "./signalpainter";
import { SignalStore } from "./signalstore";
import { Spectrograms } from "./spectrograms";
import { readTheme, type Theme } from "./theme";
import { fitAll, follow, resize, reveal, showRange, type Viewport, xOf, zoomAt } from "./viewport";

const NAMES_WIDTH = 160;
const NARROW_NAMES_WIDTH = 132;
const LEAST_NAMES_WIDTH = 84;
const LEAST_FRAMED_NS = 2_000_000_000;
// Between two looks for candidates, so that frames and keys come first.
const LATER_MS = 4;

function namesWidth(width: number): number {
  if (width < 480) return LEAST_NAMES_WIDTH;
  return width < 860 ? NARROW_NAMES_WIDTH : NAMES_WIDTH;
}

export interface TimelineStageOptions {
  readonly element: HTMLElement;
  readonly scope: Scope;
  readonly host: StageHost;
  readonly signals: readonly SignalInfo[];
  /** Under which the person's choice of lanes is kept. */
  readonly laneKey: string;
  readonly shelf: Shelf;
  readonly film: StreamInfo | null;
  readonly hover: Hover;
  /** Asks for `paint` on the clock's next frame. */
  readonly requestPaint: () => void;
}

/**
 * Ruler, overview and lanes. Two layers: what changes with labels and zoom is drawn when it
 * changes; playhead, hover and values are drawn over it on every frame that needs it.
 */
export class TimelineStage {
  readonly spectrograms = new Spectrograms(() => this.invalidate());
  readonly signals: SignalStore;
  readonly hover: Hover;
  private readonly layers: Layers;
  private readonly sprites: Sprites;
  private readonly gestures: Gestures;
  private readonly overview = new Overview();
  private readonly painter: SignalPainter;
  private readonly values: LaneValues;
  /** Something is drawn over the lanes, or was until now. */
  private overUsed = true;
  private lanes: readonly Lane[] = [];
  private theme: Theme;
  private current: Viewport;
  private fitted = true;
  private dirty = true;
  private snapped: Snap | null = null;
  private forgetSnap: () => void = () => {};
  private playheadNs: Ns = 0;

  constructor(private readonly options: TimelineStageOptions) {
    const { element, scope, host } = options;
    const { durationNs } = host.state();
    this.hover = options.hover;
    this.theme = readTheme(element);
    this.signals = new SignalStore({
      signals: options.signals,
      key: options.laneKey,
      shelf: options.shelf,
      later: (run) => scope.timeout(run, LATER_MS),
      changed: () => this.invalidate(),
    });
    this.painter = new SignalPainter(this.signals, this.spectrograms);
    this.values = new LaneValues(this.painter);
    this.layers = new Layers(element, this.values.canvas, scope);
    this.current = fitAll({ fromNs: 0, toNs: durationNs, durationNs, left: NAMES_WIDTH, width: 1 });
    this.sprites = new Sprites(() => this.invalidate());
    scope.own(() => this.sprites.close());
    const ground: Ground = {
      view: () => this.current,
      setView: (view) => this.setView(view),
      at: (event) => this.at(event),
      overviewTime: (x) => overviewTime(this.current, x),
      showSnap: (snap) => this.showSnap(snap),
      hover: (t) => this.hover.set(t),
      toggle: (lane) => this.toggleLane(lane),
    };
    this.gestures = new Gestures(element, ground, host, scope);
    scope.own(this.hover.subscribe(options.requestPaint));
    scope.listen(this.layers.scroller, "scroll", () => this.invalidate());
    scope.observe(new ResizeObserver(() => this.measure())).observe(element);
  }

  get view(): Viewport {
    return this.current;
  }

  /** Lanes were chosen or put together anew. */
  rearranged(): void {
    this.signals.rearranged();
    this.invalidate();
  }

  /** Shows where a drag or a mark has gone; for a moment, when it is a mark. */
  showSnap(snap: Snap | null, forMs: number | null = null): void {
    this.forgetSnap();
    this.forgetSnap = () => {};
    this.snapped = snap;
    if (snap && forMs !== null) {
      this.forgetSnap = this.options.scope.timeout(() => this.showSnap(null), forMs);
    }
    this.options.requestPaint();
  }

  setTheme(): void {
    this.theme = readTheme(this.options.element);
    this.invalidate();
  }

  /** Labels, selection or schema have changed. */
  invalidate(): void {
    this.dirty = true;
    this.options.requestPaint();
  }

  setView(view: Viewport): void {
    this.fitted = false;
    this.current = view;
    this.invalidate();
  }

  zoom(factor: number, t: Ns): void {
    this.setView(zoomAt(this.current, t, factor));
  }

  fit(): void {
    this.current = fitAll(this.current);
    this.fitted = true;
    this.invalidate();
  }

  show(fromNs: Ns, toNs: Ns): void {
    const room = (toNs - fromNs) * 0.25 + 100_000_000;
    this.setView(showRange(this.current, fromNs - room, toNs + room));
  }

  /** Shows a stretch large enough to see what lies apart in it, with what surrounds it. */
  frame(fromNs: Ns, toNs: Ns): void {
    const span = Math.max((toNs - fromNs) * 4, LEAST_FRAMED_NS);
    const middle = (fromNs + toNs) / 2;
    this.setView(showRange(this.current, middle - span / 2, middle + span / 2));
  }

  /** Brings t into the lanes with as little movement as possible. */
  reveal(t: Ns): void {
    const view = reveal(this.current, t);
    if (view !== this.current) this.setView(view);
  }

  /** The signal lane that the keys act on: the next one, scrolled into sight. */
  walkLanes(step: 1 | -1): { name: string; open: boolean } | null {
    const group = this.signals.choice.walk(step);
    const lane = this.laneOf(group?.id);
    if (!group || !lane) return null;
    const { scroller } = this.layers;
    const bottom = lane.top + lane.height;
    if (lane.top < scroller.scrollTop) scroller.scrollTop = lane.top;
    else if (bottom > scroller.scrollTop + scroller.clientHeight) {
      scroller.scrollTop = bottom - scroller.clientHeight;
    }
    this.invalidate();
    return { name: group.name, open: lane.open };
  }

  /** Opens or folds the lane the keys act on, or else the first one. */
  toggleChosenLane(): { name: string; open: boolean } | null {
    const group = this.signals.choice.chosen ?? this.signals.choice.walk(1);
    if (!group) return null;
    const open = this.signals.choice.toggle(group);
    this.invalidate();
    return { name: group.name, open };
  }

  toggleAllLanes(): boolean {
    const open = this.signals.choice.toggleAll();
    this.invalidate();
    return open;
  }

  private toggleLane(lane: SignalLane): void {
    this.signals.choice.toggle(lane.group);
    this.invalidate();
  }

  private laneOf(groupId: string | undefined): SignalLane | undefined {
    return this.lanes.find(
      (lane): lane is SignalLane => lane.kind === "signal" && lane.group.id === groupId,
    );
  }

  bail(): boolean {
    return this.gestures.bail();
  }

  /** One frame of the clock. */
  paint(playheadNs: Ns, playing: boolean): void {
    this.playheadNs = playheadNs;
    if (playing && !this.gestures.busy) {
      const view = follow(this.current, playheadNs);
      if (view !== this.current) {
        this.current = view;
        this.dirty = true;
      }
    }
    const { dirty } = this;
    if (dirty) this.draw();
    const { lanes, current: view, theme } = this;
    const drawn = this.values.draw(lanes, this.layers.scroller.scrollTop, view, theme, playheadNs, {
      anew: dirty,
      playing,
    });
    // What was put off while playing is made good on the frame it stops at.
    if (!drawn && !playing) this.options.requestPaint();
    this.drawOver();
  }

  private measure(): void {
    const [width, height] = this.layers.fit();
    const left = namesWidth(width);
    this.current = resize(this.current, left, width - left);
    if (this.fitted) this.current = fitAll(this.current);
    this.values.fit(left, height);
    this.overUsed = true;
    this.invalidate();
  }

  private at(event: MouseEvent): ReturnType<Ground["at"]> {
    const box = this.options.element.getBoundingClientRect();
    const x = event.clientX - box.left;
    const y = event.clientY - box.top;
    const nothing = { lane: null, label: null, grip: null };
    const inside = y - HEAD_HEIGHT + this.layers.scroller.scrollTop;
    const outside = x < this.current.left || x > this.current.left + this.current.width;
    if (outside && !this.gestures?.busy) {
      const lane = y < HEAD_HEIGHT ? null : laneAt(this.lanes, inside);
      return { hit: { ...nothing, lane }, zone: "names", x };
    }
    if (y < OVERVIEW_HEIGHT) return { hit: nothing, zone: "overview", x };
    if (y < HEAD_HEIGHT) return { hit: nothing, zone: "ruler", x };
    const { selected } = this.options.host.state();
    const zone: Zone = "lanes";
    return { hit: hitTest(this.lanes, this.current, x, inside, selected), zone, x };
  }

  private draw(): void {
    this.dirty = false;
    const state = this.options.host.state();
    const { lanes, height } = layOut(
      state.tracks,
      state.schema,
      this.signals.choice.groups,
      this.options.film,
      this.signals.choice.isOpen,
    );
    this.lanes = lanes;
    this.layers.setHeight(height);
    const { theme, current: view } = this;
    const { head, body } = this.layers;
    head.begin();
    this.overview.draw(head, view, state, theme);
    drawRuler(head, OVERVIEW_HEIGHT, view, state.grid, theme);
    drawComments(head, OVERVIEW_HEIGHT, view, state.comments, theme);
    this.painter.pictures.begin();
    this.drawBody(state, body.begin());
    if (this.painter.pictures.end()) this.invalidate();
    this.signals.finder.want(view.fromNs, view.toNs);
  }

  private drawBody(state: StageState, context: CanvasRenderingContext2D): void {
    const { theme, current: view } = this;
    const surface = this.layers.body;
    const { schema, selected } = state;
    const art: Art = { surface, view, theme, schema, selected };
    const offset = this.layers.scroller.scrollTop;
    for (const lane of this.lanes) {
      const top = lane.top - offset;
      if (top > surface.height || top + lane.height < 0) continue;
      this.drawGround(context, top, lane, state);
      if (state.band) drawBand(surface, view, theme, state.band, [top, lane.height]);
      context.save();
      context.beginPath();
      context.rect(view.left, top, view.width, lane.height);
      context.clip();
      if (lane.kind === "film") drawFilm(surface, lane, offset, view, theme, this.sprites);
      else if (lane.kind === "signal") {
        this.painter.draw(surface, lane, offset, view, theme);
      } else if (lane.kind === "caption") {
        // Its name is all there is of it.
      } else if (lane.kind === "instants") drawInstants(art, lane, offset);
      else drawRanges(art, lane, offset);
      context.restore();
    }
  }

  private drawGround(
    context: CanvasRenderingContext2D,
    top: number,
    lane: Lane,
    state: StageState,
  ): void {
    const { theme, current: view } = this;
    const [from, to] = [xOf(view, 0), xOf(view, view.durationNs)];
    context.fillStyle = lane.kind === "caption" ? theme.raised : theme.surface;
    if (lane.kind === "caption") context.fillRect(0, top, view.left + view.width, lane.height);
    context.fillRect(
      Math.max(view.left, from),
      top,
      Math.min(view.left + view.width, to) - Math.max(view.left, from),
      lane.height,
    );
    context.fillStyle = theme.border;
    context.fillRect(0, top + lane.height, view.left + view.width, 1);
    const own = "setId" in lane && state.tracks.find((each) => each.setId === lane.setId)?.editable;
    const chosen = lane.kind === "signal" && lane.group === this.signals.choice.chosen;
    const width = lane.kind === "caption" ? view.left + view.width : view.left;
    drawHead(context, lane, { top, width, theme, strong: own === true, chosen });
  }

  private drawOver(): void {
    const { theme, current: view } = this;
    const { headOver, bodyOver, body, scroller } = this.layers;
    const hoverNs = this.hover.tNs;
    const state = this.options.host.state();
    const over: Over = {
      head: headOver.begin(),
      body: bodyOver.context,
      crisp: (x) => headOver.crisp(x),
      bodyHeight: body.height,
      scrolled: scroller.scrollTop,
      view,
      theme,
      state,
      playheadNs: this.playheadNs,
    };
    const used = hoverNs !== null || this.snapped !== null || state.drawing !== null;
    if (used || this.overUsed) {
      bodyOver.begin();
      if (hoverNs !== null) this.drawHovered(hoverNs);
      drawDrawing(over, this.lanes);
      drawLines(over, hoverNs, this.snapped?.at ?? null);
    }
    this.overUsed = used;
    this.layers.movePlayhead(view, this.playheadNs);
    drawLoop(over);
    drawKnob(over);
    if (this.snapped) drawSnap(over, this.snapped);
    else if (hoverNs !== null) drawHover(over, hoverNs);
  }

  private drawHovered(at: Ns): void {
    const { theme, current: view } = this;
    const { body, bodyOver, scroller } = this.layers;
    const { scrollTop } = scroller;
    for (const lane of this.lanes) {
      const top = lane.top - scrollTop;
      if (top > body.height || top + lane.height < 0) continue;
      if (lane.kind === "signal")
        this.painter.drawHover(bodyOver, lane, scrollTop, view, theme, at);
      else if (lane.kind === "film") {
        drawFilmAt(bodyOver, lane, scrollTop, view, theme, this.sprites, at);
      }
    }
  }
}
