import type { HeartbeatAnswer, Problem } from "./api";

const RETRY_MS = 5_000;
/** A lost slot is asked for again now and then: whoever has it may give it back. */
const LOST_MS = 60_000;

export interface LeaseEvents {
  /** Ours; with the revision that the server holds. */
  readonly onHeld: (revision: number | null, regained: boolean) => void;
  readonly onLost: (problem: Problem) => void;
  readonly onSignedOut: (problem: Problem) => void;
}

/** Keeps the assignment ours while the page is open: three beats in each life of the lease. */
export class LeaseKeeper {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private lost = false;
  private stopped = false;

  constructor(
    private seconds: number,
    private readonly beat: () => Promise<HeartbeatAnswer>,
    private readonly events: LeaseEvents,
  ) {}

  start(): void {
    this.stopped = false;
    this.wake(Math.max(RETRY_MS, (this.seconds * 1_000) / 3));
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  /** A sleeping computer skips beats: ask at once when the page is looked at again. */
  async check(): Promise<HeartbeatAnswer> {
    const answer = await this.beat();
    if (this.stopped) return answer;
    if (answer.kind === "held") {
      const regained = this.lost;
      this.lost = false;
      this.seconds = answer.lease.seconds;
      this.start();
      this.events.onHeld(answer.lease.revision ?? null, regained);
    } else if (answer.kind === "unreachable") this.wake(RETRY_MS);
    else {
      this.lost = true;
      this.wake(LOST_MS);
      if (answer.kind === "lost") this.events.onLost(answer.problem);
      else this.events.onSignedOut(answer.problem);
    }
    return answer;
  }

  private wake(delayMs: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.check(), delayMs);
  }
}
