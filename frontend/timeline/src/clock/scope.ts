/**
 * Owns what must be given back: listeners, timers, animation frames, observers, child scopes.
 * Closing it gives all of it back, newest first; a closed scope gives back at once whatever it is handed.
 */

type Cleanup = () => void;

let live = 0;

/** Listeners, timers and other holdings of all scopes that are still open: 0 when nothing leaks. */
export function liveHoldings(): number {
  return live;
}

export class Scope {
  private readonly holdings = new Set<Cleanup>();
  private readonly controller = new AbortController();
  private done = false;

  get closed(): boolean {
    return this.done;
  }

  /** How many things this scope holds, each child scope counting as one. */
  get size(): number {
    return this.holdings.size;
  }

  /** Aborted when the scope closes: hand it to fetch. */
  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** Keep a cleanup until the scope closes; the returned function runs it early, once. */
  own(cleanup: Cleanup): Cleanup {
    if (this.done) {
      cleanup();
      return () => {};
    }
    const release = () => {
      if (this.drop(release)) cleanup();
    };
    this.holdings.add(release);
    live += 1;
    return release;
  }

  listen<K extends keyof WindowEventMap>(
    target: Window,
    type: K,
    handler: (event: WindowEventMap[K]) => void,
    options?: AddEventListenerOptions,
  ): Cleanup;
  listen<K extends keyof DocumentEventMap>(
    target: Document,
    type: K,
    handler: (event: DocumentEventMap[K]) => void,
    options?: AddEventListenerOptions,
  ): Cleanup;
  listen<K extends keyof HTMLElementEventMap>(
    target: HTMLElement,
    type: K,
    handler: (event: HTMLElementEventMap[K]) => void,
    options?: AddEventListenerOptions,
  ): Cleanup;
  listen<E extends Event = Event>(
    target: EventTarget,
    type: string,
    handler: (event: E) => void,
    options?: AddEventListenerOptions,
  ): Cleanup;
  listen(
    target: EventTarget,
    type: string,
    handler: (event: never) => void,
    options?: AddEventListenerOptions,
  ): Cleanup {
    const listener = handler as EventListener;
    if (this.done) return () => {};
    target.addEventListener(type, listener, options);
    return this.own(() => target.removeEventListener(type, listener, options));
  }

  timeout(run: () => void, ms: number): Cleanup {
    if (this.done) return () => {};
    const id = setTimeout(() => {
      this.drop(release);
      run();
    }, ms);
    const release = this.own(() => clearTimeout(id));
    return release;
  }

  interval(run: () => void, ms: number): Cleanup {
    if (this.done) return () => {};
    const id = setInterval(run, ms);
    return this.own(() => clearInterval(id));
  }

  /** One animation frame. Only the clock runs a loop of these. */
  frame(run: (now: number) => void): Cleanup {
    if (this.done) return () => {};
    const id = requestAnimationFrame((now) => {
      this.drop(release);
      run(now);
    });
    const release = this.own(() => cancelAnimationFrame(id));
    return release;
  }

  /** Anything with a `disconnect`, such as a ResizeObserver. */
  observe<T extends { disconnect(): void }>(observer: T): T {
    this.own(() => observer.disconnect());
    return observer;
  }

  child(): Scope {
    const scope = new Scope();
    const release = this.own(() => scope.close());
    scope.own(() => this.drop(release));
    return scope;
  }

  close(): void {
    if (this.done) return;
    this.done = true;
    this.controller.abort();
    for (const release of [...this.holdings].reverse()) release();
  }

  private drop(release: Cleanup): boolean {
    const held = this.holdings.delete(release);
    if (held) live -= 1;
    return held;
  }
}
