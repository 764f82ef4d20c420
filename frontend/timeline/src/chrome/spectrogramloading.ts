import type { Scope } from "../clock/scope";
import type { SignalInfo } from "../net/payload";
import type { SpectrogramLayout } from "../stage/spectrogram";
import { colouredPicture } from "../stage/spectrogramart";
import type { Spectrograms } from "../stage/spectrograms";
import { LatestFirst } from "./latestfirst";

interface Wanted {
  readonly signalId: string;
  readonly url: string;
  readonly number: number;
}

/** Fetches the pictures of spectrograms that the lanes ask for. */
export class SpectrogramLoading {
  private readonly tiles: LatestFirst<Wanted>;

  constructor(
    private readonly spectrograms: Spectrograms,
    private readonly scope: Scope,
  ) {
    this.tiles = new LatestFirst((wanted) => this.fetchTile(wanted), scope);
  }

  /** Opens every spectrogram there is; what those that did not come are called. */
  async open(signals: readonly SignalInfo[]): Promise<string[]> {
    const missing: string[] = [];
    for (const { id, name, spectrogram_url: url } of signals) {
      if (!url) continue;
      try {
        const layout = (await (await this.get(url)).json()) as SpectrogramLayout;
        this.spectrograms.open(id, layout, (number) =>
          this.tiles.want(`${id}/${number}`, { signalId: id, url, number }),
        );
      } catch {
        if (this.scope.closed) return [];
        missing.push(`${name} (spectrogram)`);
        this.spectrograms.fail(id);
      }
    }
    return missing;
  }

  private async fetchTile({ signalId, url, number }: Wanted): Promise<void> {
    const response = await this.get(`${url}/${number}.png`);
    const grey = await createImageBitmap(await response.blob(), { colorSpaceConversion: "none" });
    if (this.scope.closed) return;
    this.spectrograms.add(signalId, number, colouredPicture(grey));
    grey.close();
  }

  private async get(url: string): Promise<Response> {
    const response = await fetch(url, { signal: this.scope.signal });
    if (!response.ok) throw new Error(`HTTP ${response.status}`);
    return response;
  }
}
