/** Wakes whoever waits for something to happen: loops wait for a beat and look again at their conditions. */
export class Pulse {
  private waiting: (() => void)[] = [];

  beat(): void {
    const waiting = this.waiting;
    this.waiting = [];
    for (const wake of waiting) wake();
  }

  /** True at the next beat, false when `ms` pass without one. */
  wait(ms: number): Promise<boolean> {
    return new Promise((resolve) => {
      const id = setTimeout(() => {
        this.waiting = this.waiting.filter((other) => other !== wake);
        resolve(false);
      }, ms);
      const wake = () => {
        clearTimeout(id);
        resolve(true);
      };
      this.waiting.push(wake);
    });
  }
}
