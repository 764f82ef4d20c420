/** Somebody counts as active for so long after an input. */
export const IDLE_MS = 60_000;
/** Ticks come every second: a longer silence is a sleeping machine or a frozen tab. */
const ASLEEP_MS = 5_000;

/** On the page's monotonic clock, half-open. */
export interface Stretch {
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * When somebody was at work in this tab: an input or playback within the last minute, the tab in
 * view, the machine awake. Told of inputs and ticked; it reads no clock of its own.
 */
export class ActivityMeter {
  private stretches: Stretch[] = [];
  private from: number | null = null;
  private until = 0;
  private ticked: number;

  constructor(nowMs: number) {
    this.ticked = nowMs;
  }

  /** A key, a click, a movement; also what plays is looked at. */
  input(nowMs: number): void {
    this.tick(nowMs, true);
    if (this.from !== null && nowMs >= this.until) this.close(this.until);
    this.from ??= nowMs;
    this.until = nowMs + IDLE_MS;
  }

  /** Once a second, and whenever the tab comes into view or goes out of it. */
  tick(nowMs: number, visible: boolean): void {
    const before = this.ticked;
    this.ticked = Math.max(before, nowMs);
    if (this.from === null) return;
    if (nowMs - before > ASLEEP_MS) this.close(Math.min(before, this.until));
    else if (!visible) this.close(Math.min(nowMs, this.until));
    else if (nowMs >= this.until) this.close(this.until);
  }

  /** What was active since it was last asked; what goes on is cut here and goes on. */
  take(nowMs: number): readonly Stretch[] {
    const { from } = this;
    const going = from !== null && nowMs < this.until;
    if (from !== null) this.close(Math.min(nowMs, this.until));
    if (going) this.from = nowMs;
    const taken = this.stretches;
    this.stretches = [];
    return taken;
  }

  private close(toMs: number): void {
    if (this.from !== null && toMs > this.from) this.stretches.push({ fromMs: this.from, toMs });
    this.from = null;
  }
}
