import { Scope } from "../clock/scope";
import type { CameraStatus, EpisodeFrames } from "../decode/contract";
import { openEpisode, warmEpisode } from "../decode/episode";
import { errorsOf } from "../model/findings";
import type { Ahead } from "../net/api";
import type { EditorPayload, SignalInfo } from "../net/payload";
import { oneTile, SignalSource } from "../stage/signals";
import type { NextInSight } from "./curtain";
import type { Saving } from "./saving";
import type { EditorSession } from "./session";

const SETTLE_MS = 1_000;
/** The server keeps the place for longer than this; others may have come by meanwhile. */
const AGAIN_MS = 120_000;
const LEAST_MS = 10_000;
/** Eight more decoders with a picture each take about 60 MB; more cameras than this are a rare rig. */
const MOST_CAMERAS = 8;
const TILE_ROWS = 4096;
/** In the browser's own record of times, for whoever measures. */
const AT_HAND = "touchline: next episode at hand";

const keyOf = (streams: readonly { readonly id: string }[]) =>
  streams.map((each) => each.id).join(" ");

/** The next episode's cameras, opened with their first picture while the present one is worked on. */
export class FramesAhead {
  readonly key: string;
  private readonly scope = new Scope();
  private readonly frames: Promise<EpisodeFrames | null>;
  private opened: EpisodeFrames | null = null;
  private waiting: CameraStatus[] = [];
  private tell: (status: CameraStatus) => void = (status) => this.waiting.push(status);

  constructor(readonly ahead: Ahead) {
    const { streams, signals } = ahead;
    this.key = keyOf(streams);
    this.frames = streams.length <= MOST_CAMERAS ? this.open(streams) : this.warm(streams);
    void this.warmRest(streams, signals);
  }

  private async open(streams: Ahead["streams"]): Promise<EpisodeFrames | null> {
    try {
      const episode = await openEpisode(streams, {
        signal: this.scope.signal,
        onStatus: (status) => this.tell(status),
      });
      this.scope.own(() => episode.close());
      await Promise.allSettled(episode.cameras.map((camera) => camera.frame(0)));
      if (this.scope.closed) return null;
      performance.clearMarks(AT_HAND);
      performance.mark(AT_HAND);
      this.opened = episode;
      return episode;
    } catch {
      // What is wrong is said when the episode is opened, by trying again.
      return null;
    }
  }

  private async warm(streams: Ahead["streams"]): Promise<null> {
    await warmEpisode(streams, this.scope.signal);
    return null;
  }

  /** The browser's cache takes what the lanes will ask for first. */
  private async warmRest(streams: Ahead["streams"], signals: Ahead["signals"]): Promise<void> {
    const { signal } = this.scope;
    const load = (url: string) => fetch(url, { signal, priority: "low" });
    const first = async (of: SignalInfo) => {
      const short = of.samples <= TILE_ROWS;
      const layout = short
        ? oneTile(of.samples, of.dimensions.length, TILE_ROWS)
        : await (await load(of.layout_url)).json();
      const { top } = new SignalSource(layout, () => {});
      await (await load(`${of.tile_url}${top}/0.bin`)).arrayBuffer();
    };
    const sprites = streams.flatMap(({ sprite }) => sprite?.url ?? []);
    const picture = async (url: string) => void (await (await load(url)).arrayBuffer());
    await Promise.allSettled([...signals.map(first), ...sprites.map(picture)]);
  }

  /** To be shown at once; null while a first picture is missing. */
  get insight(): NextInSight | null {
    const { ahead, opened: frames } = this;
    const all = frames?.cameras.every((camera) => camera.cached(0) !== null);
    return frames && all ? { ahead, frames } : null;
  }

  /** The cameras, for good; null when they could not be opened ahead. */
  async hand(onStatus: (status: CameraStatus) => void): Promise<EpisodeFrames | null> {
    this.tell = onStatus;
    for (const status of this.waiting) onStatus(status);
    this.waiting = [];
    return this.frames;
  }

  close(): void {
    this.scope.close();
  }
}

/** Asks what comes next, and has it ready. A guess: what the submit brings is what counts. */
export class LookAhead {
  private held: FramesAhead | null = null;
  private askedAt = Number.NEGATIVE_INFINITY;
  private started = false;
  private complete = false;

  constructor(
    private readonly session: EditorSession,
    private readonly saving: Saving,
    private readonly scope: Scope,
  ) {
    scope.own(() => this.held?.close());
  }

  start(): void {
    const { scope, session } = this;
    if (this.started || !session.editable || !session.payload.urls.ahead) return;
    this.started = true;
    scope.timeout(() => void this.ask(), SETTLE_MS);
    scope.interval(() => {
      if (document.visibilityState === "visible") void this.ask();
    }, AGAIN_MS);
    scope.own(session.subscribe(() => this.watch()));
  }

  /** Complete work is about to be handed in: a last look at what then comes. */
  private watch(): void {
    const complete = errorsOf(this.session.findings).length === 0;
    const just = complete && !this.complete;
    this.complete = complete;
    if (just && performance.now() - this.askedAt > LEAST_MS) void this.ask();
  }

  private async ask(): Promise<void> {
    this.askedAt = performance.now();
    const ahead = await this.saving.api.ahead();
    if (!ahead || this.scope.closed || this.saving.leaving) return;
    if (this.held?.key === keyOf(ahead.streams)) return;
    this.held?.close();
    this.held = new FramesAhead(ahead);
  }

  /** What will probably come next, where it can be shown at once. */
  get insight(): NextInSight | null {
    return this.held?.insight ?? null;
  }

  /** What was opened for this episode, now its taker's to close; null when it is another. */
  take(payload: EditorPayload): FramesAhead | null {
    const { held } = this;
    if (held?.key !== keyOf(payload.streams)) return null;
    this.held = null;
    return held;
  }
}
