import type { Scope } from "../clock/scope";
import type { SignalInfo } from "../net/payload";
import { oneTile, type SignalLayout, SignalSource, Tile } from "../stage/signals";
import type { SignalStore } from "../stage/signalstore";
import { LatestFirst } from "./latestfirst";

const TILE_ROWS = 4096;

interface Wanted {
  readonly signal: SignalInfo;
  readonly level: number;
  readonly number: number;
}

/** Fetches the tiles of signals that the lanes ask for. */
export class SignalLoading {
  private readonly tiles: LatestFirst<Wanted>;

  constructor(
    private readonly store: SignalStore,
    private readonly scope: Scope,
  ) {
    this.tiles = new LatestFirst((wanted) => this.fetchTile(wanted), scope);
  }

  /** Opens every signal with its coarsest level; the names of those that did not come. */
  async open(signals: readonly SignalInfo[]): Promise<string[]> {
    const missing: string[] = [];
    for (const signal of signals) {
      try {
        const layout = await this.layoutOf(signal);
        const want = (level: number, number: number) =>
          this.tiles.want(`${signal.id}/${level}/${number}`, { signal, level, number });
        const source = new SignalSource(layout, want);
        this.store.setSource(signal.id, source);
        await this.fetchTile({ signal, level: source.top, number: 0 });
      } catch {
        if (this.scope.closed) return [];
        missing.push(signal.name);
        this.store.fail(signal.id);
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

  private async fetchTile({ signal, level, number }: Wanted): Promise<void> {
    const response = await this.get(`${signal.tile_url}${level}/${number}.bin`);
    this.store.addTile(signal.id, number, Tile.parse(await response.arrayBuffer()));
  }

  private async get(url: string): Promise<Response> {
    const response = await fetch(url, { signal: this.scope.signal });
    if (!response.ok) throw new Error(`HTTP ${response.status}`);
    return response;
  }
}
