import type { Scope } from "../clock/scope";
import { ActivityMeter } from "../model/activity";
import { send } from "../net/api";
import type { EditorSession } from "./session";

const TICK_MS = 1_000;
const SEND_MS = 15_000;
const MOST_WAITING = 400;

interface Report {
  readonly id: string;
  /** On this page's monotonic clock. */
  readonly fromMs: number;
  readonly length_ms: number;
  readonly keystrokes: number;
  readonly undos: number;
  readonly labels: number;
}

/**
 * Tells the server how long the work on this episode takes: stretches, each with its age at the time
 * it is sent, so that no clock of the day is needed. What cannot be sent waits for the next time.
 */
export class Activity {
  private readonly meter = new ActivityMeter(performance.now());
  private waiting: Report[] = [];
  private sending = false;
  private keystrokes = 0;
  private undos = 0;
  private labels = 0;
  private known: number;

  constructor(
    private readonly session: EditorSession,
    scope: Scope,
  ) {
    this.known = session.history.committed.labels.length;
    const url = session.payload.urls.activity;
    if (!url) return;
    const input = () => this.meter.input(performance.now());
    for (const name of ["pointerdown", "pointermove", "wheel", "touchstart"] as const)
      scope.listen(window, name, input, { passive: true });
    scope.listen(
      window,
      "keydown",
      () => {
        this.keystrokes += 1;
        input();
      },
      { capture: true },
    );
    scope.listen(document, "visibilitychange", () => this.tick());
    scope.listen(window, "pagehide", () => void this.flush(url));
    const ticks = setInterval(() => this.tick(), TICK_MS);
    const sends = setInterval(() => void this.flush(url), SEND_MS);
    scope.own(() => {
      clearInterval(ticks);
      clearInterval(sends);
      void this.flush(url);
    });
  }

  undone(): void {
    this.undos += 1;
  }

  private tick(): void {
    const now = performance.now();
    const visible = document.visibilityState === "visible";
    if (visible && this.session.transport.playing) this.meter.input(now);
    this.meter.tick(now, visible);
    const count = this.session.history.committed.labels.length;
    this.labels += Math.max(0, count - this.known);
    this.known = count;
  }

  private async flush(url: string): Promise<void> {
    this.tick();
    for (const { fromMs, toMs } of this.meter.take(performance.now())) {
      const { keystrokes, undos, labels } = this;
      const length_ms = Math.round(toMs - fromMs);
      if (length_ms < 1) continue;
      this.waiting.push({ id: crypto.randomUUID(), fromMs, length_ms, keystrokes, undos, labels });
      this.keystrokes = 0;
      this.undos = 0;
      this.labels = 0;
    }
    this.waiting = this.waiting.slice(-MOST_WAITING);
    if (this.sending || this.waiting.length === 0) return;
    const sent = this.waiting.slice(0, 100);
    const now = performance.now();
    const spans = sent.map(({ fromMs, ...span }) => ({
      ...span,
      ago_ms: Math.round(now - fromMs),
    }));
    this.sending = true;
    const answer = await send("POST", url, { spans });
    this.sending = false;
    // Refused for good or taken: in both cases not sent again. A stranger's answer waits.
    if (answer && (answer.ok || answer.problem.status === 400 || answer.problem.status === 404))
      this.waiting = this.waiting.filter((each) => !sent.includes(each));
  }
}
