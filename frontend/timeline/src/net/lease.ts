import type { HeartbeatAnswer, Problem } from "./api";
import type { Lease } from "./payload";

const RETRY_MS = 5_000;

/** Keeps the assignment ours while the page is open: three beats in each life of the lease. */
export class LeaseKeeper {
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private lease: Lease,
    private readonly beat: () => Promise<HeartbeatAnswer>,
    private readonly onLost: (problem: Problem) => void,
  ) {}

  start(): void {
    this.wake(Math.max(RETRY_MS, (this.lease.seconds * 1_000) / 3));
  }

  stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  /** A sleeping computer skips beats: ask at once when the page is looked at again. */
  async check(): Promise<void> {
    const answer = await this.beat();
    if (answer.kind === "held") {
      this.lease = answer.lease;
      this.start();
    } else if (answer.kind === "unreachable") this.wake(RETRY_MS);
    else this.onLost(answer.problem);
  }

  private wake(delayMs: number): void {
    this.stop();
    this.timer = setTimeout(() => void this.check(), delayMs);
  }
}
