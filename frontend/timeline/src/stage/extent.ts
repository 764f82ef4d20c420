const BLOCK = 64;

/** Least and greatest values of stretches of one series, fast enough for every redraw. NaN is no value. */
export class Extents {
  private readonly lows: Float32Array;
  private readonly highs: Float32Array;

  constructor(private readonly values: Float32Array) {
    const blocks = Math.ceil(values.length / BLOCK);
    this.lows = new Float32Array(blocks).fill(Infinity);
    this.highs = new Float32Array(blocks).fill(-Infinity);
    for (let i = 0; i < values.length; i += 1) {
      const value = values[i]!;
      const block = Math.floor(i / BLOCK);
      if (value < this.lows[block]!) this.lows[block] = value;
      if (value > this.highs[block]!) this.highs[block] = value;
    }
  }

  /** Over [from, to); [Infinity, -Infinity] where there is no value. */
  between(from: number, to: number): [number, number] {
    let low = Infinity;
    let high = -Infinity;
    let i = Math.max(0, from);
    const end = Math.min(this.values.length, to);
    while (i < end) {
      if (i % BLOCK === 0 && i + BLOCK <= end) {
        low = Math.min(low, this.lows[i / BLOCK]!);
        high = Math.max(high, this.highs[i / BLOCK]!);
        i += BLOCK;
        continue;
      }
      const value = this.values[i]!;
      if (value < low) low = value;
      if (value > high) high = value;
      i += 1;
    }
    return [low, high];
  }
}
