import type { Scope } from "../clock/scope";

const AT_ONCE = 4;
const RETRY_MS = 5000;

/**
 * Loads what is wanted, a few at a time and the latest wanted first: after a quick pan what is in
 * view comes before what was passed.
 */
export class LatestFirst<Wanted> {
  private readonly asked = new Map<string, Wanted>();
  /** On their way, or failed a moment ago: a redraw does not ask for these again. */
  private readonly settling = new Set<string>();
  private running = 0;

  constructor(
    private readonly load: (wanted: Wanted) => Promise<void>,
    private readonly scope: Scope,
  ) {}

  want(key: string, wanted: Wanted): void {
    if (this.settling.has(key)) return;
    // Asked for again it moves to the end, which is taken first.
    this.asked.delete(key);
    this.asked.set(key, wanted);
    this.next();
  }

  private next(): void {
    if (this.running >= AT_ONCE || this.scope.closed) return;
    const [key, wanted] = [...this.asked].at(-1) ?? [];
    if (key === undefined || wanted === undefined) return;
    this.asked.delete(key);
    this.settling.add(key);
    this.running += 1;
    void this.load(wanted)
      .then(
        () => this.settling.delete(key),
        () => {
          const retry = () => this.settling.delete(key);
          if (!this.scope.closed) this.scope.timeout(retry, RETRY_MS);
        },
      )
      .finally(() => {
        this.running -= 1;
        this.next();
      });
    this.next();
  }
}
