import type { Scope } from "../clock/scope";
import type { Ns } from "../model/time";
import type { SignalInfo, StreamInfo } from "../net/payload";
import { drawFilm, Sprites } from "./film";
import { Gestures, type Ground, type Zone } from "./gestures";
import { hitTest, laneAt } from "./hit";
import type { StageHost, StageState } from "./host";
import { type Art, drawInstants, drawRanges } from "./labelart";
import { LaneChoice } from "./lanechoice";
import { drawBand, drawHead } from "./laneheads";
import { type Lane, layOut, type SignalLane } from "./lanes";
import {
  drawDrawing,
  drawKnob,
  drawLines,
  drawSnap,
  HEAD_HEIGHT,
  type Over,
  type Snap,
} from "./overlay";
import { drawOverview, OVERVIEW_HEIGHT, overviewTime } from "./overview";
import { drawRuler } from "./ruler";
import { drawSignals, drawValues, type Scale, scaleOf } from "./signalart";
import { type SignalLine, signalGroups } from "./signallanes";
import type { SignalSource, Tile } from "./signals";
import { Spectrograms } from "./spectrograms";
import { Surface } from "./surface";
import { readTheme, type Theme } from "./theme";
import { fitAll, follow, resize, reveal, showRange, type Viewport, xOf, zoomAt } from "./viewport";

const NAMES_WIDTH = 160;
const NARROW_NAMES_WIDTH = 132;
const LEAST_NAMES_WIDTH = 84;
const LEAST_FRAMED_NS = 2_000_000_000;

function namesWidth(width: number): number {
  if (width < 480) return LEAST_NAMES_WIDTH;
  return width < 860 ? NARROW_NAMES_WIDTH : NAMES_WIDTH;
}

export interface TimelineStageOptions {
  readonly element: HTMLElement;
  readonly scope: Scope;
  readonly host: StageHost;
  readonly signals: readonly SignalInfo[];
  readonly film: StreamInfo | null;
  /** Asks for `paint` on the clock's next frame. */
  readonly requestPaint: () => void;
}

/**
 * Ruler, overview and lanes. Two layers: what changes with labels and zoom is drawn when it
 * changes; playhead, hover and values are drawn over it on every frame that needs it.
 */
export class TimelineStage {
  readonly spectrograms = new Spectrograms(() => this.invalidate());
  private readonly head = new Surface("tl-lanes__head");
  private readonly body = new Surface("tl-lanes__body");
  private readonly headOver = new Surface("tl-lanes__head tl-lanes__over");
  private readonly bodyOver = new Surface("tl-lanes__body tl-lanes__over");
  private readonly scroller = document.createElement("div");
  private readonly spacer = document.createElement("div");
  private readonly sprites: Sprites;
  private readonly gestures: Gestures;
  private readonly sources = new Map<string, SignalSource>();
  private readonly missing = new Set<string>();
  private readonly scales = new Map<string, Scale | string>();
  private readonly choice: LaneChoice;
  private lanes: readonly Lane[] = [];
  private theme: Theme;
  private current: Viewport;
  private fitted = true;
  private dirty = true;
  private hoverNs: Ns | null = null;
  private snapped: Snap | null = null;
  private playheadNs: Ns = 0;

  constructor(private readonly options: TimelineStageOptions) {
    const { element, scope, host } = options;
    const { durationNs } = host.state();
    this.theme = readTheme(element);
    this.choice = new LaneChoice(signalGroups(options.signals));
    this.current = fitAll({ fromNs: 0, toNs: durationNs, durationNs, left: NAMES_WIDTH, width: 1 });
    this.sprites = new Sprites(() => this.invalidate());
    scope.own(() => this.sprites.close());
    this.build();
    const ground: Ground = {
      view: () => this.current,
      setView: (view) => this.setView(view),
      at: (event) => this.at(event),
      overviewTime: (x) => overviewTime(this.current, x),
      showSnap: (snap) => {
        this.snapped = snap;
        options.requestPaint();
      },
      hover: (t) => {
        this.hoverNs = t;
        options.requestPaint();
      },
      toggle: (lane) => this.toggleLane(lane),
    };
    this.gestures = new Gestures(element, ground, host, scope);
    scope.listen(this.scroller, "scroll", () => this.invalidate());
    scope.observe(new ResizeObserver(() => this.measure())).observe(element);
  }

  private build(): void {
    const { element, scope } = this.options;
    const top = document.createElement("div");
    top.className = "tl-lanes__top";
    top.style.height = `${HEAD_HEIGHT}px`;
    top.append(this.head.canvas, this.headOver.canvas);
    this.scroller.className = "tl-lanes__scroll";
    // What the keys act on; screen readers hand them through. The label list is its twin.
    this.scroller.tabIndex = 0;
    this.scroller.dataset.stage = "";
    this.scroller.setAttribute("role", "application");
    this.scroller.setAttribute("aria-label", "Timeline. Question mark lists the keys.");
    const pane = document.createElement("div");
    pane.className = "tl-lanes__pane";
    pane.append(this.body.canvas, this.bodyOver.canvas);
    this.spacer.className = "tl-lanes__spacer";
    this.scroller.append(pane, this.spacer);
    element.append(top, this.scroller);
    scope.own(() => element.replaceChildren());
  }

  get view(): Viewport {
    return this.current;
  }

  setSource(signalId: string, source: SignalSource): void {
    this.sources.set(signalId, source);
  }

  addTile(signalId: string, number: number, tile: Tile): void {
    const source = this.sources.get(signalId);
    source?.add(number, tile);
    if (tile.level === source?.top) this.scales.clear();
    this.invalidate();
  }

  failSignal(signalId: string): void {
    this.missing.add(signalId);
    this.scales.clear();
    this.invalidate();
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
    const group = this.choice.walk(step);
    const lane = this.laneOf(group?.id);
    if (!group || !lane) return null;
    const { scroller } = this;
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
    const group = this.choice.chosen ?? this.choice.walk(1);
    if (!group) return null;
    const open = this.choice.toggle(group);
    this.invalidate();
    return { name: group.name, open };
  }

  toggleAllLanes(): boolean {
    const open = this.choice.toggleAll();
    this.invalidate();
    return open;
  }

  private toggleLane(lane: SignalLane): void {
    this.choice.toggle(lane.group);
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
    if (this.dirty) this.draw();
    this.drawOver();
  }

  private measure(): void {
    const width = this.scroller.clientWidth;
    const height = this.scroller.clientHeight;
    const left = namesWidth(width);
    this.current = resize(this.current, left, width - left);
    if (this.fitted) this.current = fitAll(this.current);
    for (const surface of [this.head, this.headOver]) surface.fit(width, HEAD_HEIGHT);
    for (const surface of [this.body, this.bodyOver]) surface.fit(width, height);
    this.invalidate();
  }

  private at(event: MouseEvent): ReturnType<Ground["at"]> {
    const box = this.options.element.getBoundingClientRect();
    const x = event.clientX - box.left;
    const y = event.clientY - box.top;
    const nothing = { lane: null, label: null, grip: null };
    const inside = y - HEAD_HEIGHT + this.scroller.scrollTop;
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

  private readonly sourceOf = (line: SignalLine) => this.sources.get(line.signal.id) ?? null;

  /** The lane's scale, or in a word why there is none. */
  private scale(lane: SignalLane): Scale | string {
    const { group } = lane;
    const known = this.scales.get(group.id);
    if (known !== undefined) return known;
    const waits = group.lines.some((line) => !this.sourceOf(line)?.extent(line.dimension));
    const lost = group.lines.every(({ signal }) => this.missing.has(signal.id));
    const why = lost ? "not available" : waits ? "loading…" : "no values";
    const scale = scaleOf(group, this.sourceOf) ?? why;
    this.scales.set(group.id, scale);
    return scale;
  }

  private draw(): void {
    this.dirty = false;
    const state = this.options.host.state();
    const { lanes, height } = layOut(
      state.tracks,
      state.schema,
      this.choice.groups,
      this.options.film,
      this.choice.isOpen,
    );
    this.lanes = lanes;
    if (this.spacer.style.height !== `${height}px`) this.spacer.style.height = `${height}px`;
    const { theme, current: view } = this;
    this.head.begin();
    drawOverview(this.head, view, state, theme);
    drawRuler(this.head, OVERVIEW_HEIGHT, view, state.grid, theme);
    this.drawBody(state, this.body.begin());
  }

  private drawBody(state: StageState, context: CanvasRenderingContext2D): void {
    const { theme, current: view, body: surface } = this;
    const { schema, selected } = state;
    const art: Art = { surface, view, theme, schema, selected };
    const offset = this.scroller.scrollTop;
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
      else if (lane.kind === "signal" && lane.group.look === "spectrogram") {
        this.spectrograms.draw(surface, lane, offset, view, theme);
      } else if (lane.kind === "signal") {
        drawSignals(surface, lane, offset, view, theme, this.sourceOf, this.scale(lane));
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
    const chosen = lane.kind === "signal" && lane.group === this.choice.chosen;
    const width = lane.kind === "caption" ? view.left + view.width : view.left;
    drawHead(context, lane, { top, width, theme, strong: own === true, chosen });
  }

  private drawOver(): void {
    const { theme, current: view, scroller } = this;
    const body = this.bodyOver.begin();
    for (const lane of this.lanes) {
      const top = lane.top - scroller.scrollTop;
      if (lane.kind !== "signal" || top > this.body.height || top + lane.height < 0) continue;
      const { sourceOf, playheadNs, bodyOver: surface } = this;
      if (lane.group.look === "spectrogram") {
        this.spectrograms.drawHead(surface, lane, scroller.scrollTop, view, theme);
      } else drawValues(surface, lane, scroller.scrollTop, view, theme, sourceOf, playheadNs);
    }
    const over: Over = {
      head: this.headOver.begin(),
      body,
      crisp: (x) => this.headOver.crisp(x),
      bodyHeight: this.body.height,
      scrolled: scroller.scrollTop,
      view,
      theme,
      state: this.options.host.state(),
      playheadNs: this.playheadNs,
    };
    drawDrawing(over, this.lanes);
    drawLines(over, this.hoverNs, this.snapped?.at ?? null);
    drawKnob(over);
    if (this.snapped) drawSnap(over, this.snapped);
  }
}
