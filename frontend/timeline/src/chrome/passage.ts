/** The next episode's pictures over the present one's, to be taken away again. */
export interface Curtain {
  lift(): void;
}

/** Much longer than an answer usually takes; then the present episode is to be seen again. */
const PATIENCE_MS = 2_500;
/** For the opened episode's own pictures: what hinders them is said on its stage. */
const PAINTED_MS = 1_500;

type After = (run: () => void, ms: number) => () => void;

/**
 * The way from one episode to the next. The next one's pictures are on the screen while the server
 * is still asked; keys pressed meanwhile are meant for it, and wait. Whether it is really the next
 * only the answer tells: when it is not, the pictures go, and the keys with them.
 */
export class Passage<Press> {
  private curtain: Curtain | null = null;
  private presses: Press[] = [];
  private keeping = false;
  private stopWaiting: () => void = () => {};

  constructor(private readonly after: After) {}

  /** The present episode is being handed in; `curtain` shows the next one, where it is at hand. */
  leave(curtain: Curtain | null): void {
    this.back();
    this.curtain = curtain;
    this.keeping = curtain !== null;
    if (curtain) this.stopWaiting = this.after(() => this.back(), PATIENCE_MS);
  }

  /** To the present episode: the server refused, or does not answer. */
  back(): void {
    this.presses = [];
    this.keeping = false;
    this.lift();
  }

  /** The next episode has come: the one that is shown, or another. */
  arrive(asShown: boolean): void {
    if (!asShown) this.back();
    this.keeping = true;
    this.stopWaiting();
    this.stopWaiting = this.after(() => this.lift(), PAINTED_MS);
  }

  /** It takes commands from now on; what was pressed for it, in order. */
  open(): readonly Press[] {
    const { presses } = this;
    this.presses = [];
    this.keeping = false;
    return presses;
  }

  /** Its own pictures are on the screen. */
  painted(): void {
    this.lift();
  }

  get between(): boolean {
    return this.keeping;
  }

  /** Keeps what is pressed for the next episode; false when it is for the present one. */
  keeps(press: Press): boolean {
    if (this.keeping) this.presses.push(press);
    return this.keeping;
  }

  private lift(): void {
    this.stopWaiting();
    this.stopWaiting = () => {};
    this.curtain?.lift();
    this.curtain = null;
  }
}
