import type { Ns } from "../model/time";

/** The instant under the pointer, wherever in the editor it points: lanes, ruler or a strip. */
export class Hover {
  private at: Ns | null = null;
  private readonly listeners = new Set<() => void>();

  get tNs(): Ns | null {
    return this.at;
  }

  set(t: Ns | null): void {
    if (t === this.at) return;
    this.at = t;
    for (const listener of this.listeners) listener();
  }

  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}
