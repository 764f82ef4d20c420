import type { Scope } from "../clock/scope";
import type { SignalInfo } from "../net/payload";
import { oneTile, type SignalLayout, SignalSource, Tile } from "../stage/signals";
import type { TimelineStage } from "../stage/timelinestage";

const TILE_ROWS = 4096;
const AT_ONCE = 4;
const RETRY_MS = 5000;

interface Wanted {
  readonly signal: SignalInfo;
  readonly level: number;
  readonly number: number;
}

/**
 * Fetches what the lanes ask for, a few tiles at a time and the latest asked for first: after a
 * quick pan the tiles in view come before those that were passed.
 */
export class SignalLoading {
  private readonly asked = new Map<string, Wanted>();
  /** On their way, or failed a moment ago: a redraw does not ask for these again. */
  private readonly settling = new Set<string>();
  private running = 0;

  constructor(
    private readonly timeline: TimelineStage,
    private readonly scope: Scope,
  ) {}

  /** Opens every signal with its coarsest level; the names of those that did not come. */
  async open(signals: readonly SignalInfo[]): Promise<string[]> {
    const missing: string[] = [];
    for (const signal of signals) {
      try {
        const layout = await this.layoutOf(signal);
        const want = (level: number, number: number) => this.want({ signal, level, number });
        const source = new SignalSource(layout, want);
        this.timeline.setSource(signal.id, source);
        await this.fetchTile({ signal, level: source.top, number: 0 });
      } catch {
        if (this.scope.closed) return [];
        missing.push(signal.name);
        this.timeline.failSignal(signal.id);
      }
    }
    return missing;
  }

  private async layoutOf(signal: SignalInfo): Promise<SignalLayout> {
    if (signal.samples <= TILE_ROWS) {
      return oneTile(signal.samples, signal.dimensions.length, TILE_ROWS);
    }
    return (await (await this.get(signal.layout_url)).json()) as SignalLayout;
  }

  private want(wanted: Wanted): void {
    const key = `${wanted.signal.id}/${wanted.level}/${wanted.number}`;
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
    void this.fetchTile(wanted)
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

  private async fetchTile({ signal, level, number }: Wanted): Promise<void> {
    const response = await this.get(`${signal.tile_url}${level}/${number}.bin`);
    this.timeline.addTile(signal.id, number, Tile.parse(await response.arrayBuffer()));
  }

  private async get(url: string): Promise<Response> {
    const response = await fetch(url, { signal: this.scope.signal });
    if (!response.ok) throw new Error(`HTTP ${response.status}`);
    return response;
  }
}
