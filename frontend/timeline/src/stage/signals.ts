import type { Ns } from "../model/time";
import { Extents } from "./extent";

const MAGIC = 0x47534c54; // "TLSG", little-endian
const HEADER = 16;

/** The samples of one signal: times in ns, one series of values a dimension; NaN is missing. */
export class Samples {
  private readonly extents = new Map<number, Extents>();

  constructor(
    readonly times: Float64Array,
    readonly series: readonly Float32Array[],
  ) {}

  /** @throws Error when the bytes are not what they say they are. */
  static parse(buffer: ArrayBuffer): Samples {
    const view = new DataView(buffer);
    if (buffer.byteLength < HEADER || view.getUint32(0, true) !== MAGIC) {
      throw new Error("These are no signal samples.");
    }
    const [version, n, dims] = [4, 8, 12].map((at) => view.getUint32(at, true)) as [
      number,
      number,
      number,
    ];
    if (version !== 1) throw new Error(`Signal samples of version ${version} are not known here.`);
    const needed = HEADER + n * 8 + n * dims * 4;
    if (buffer.byteLength !== needed) {
      throw new Error(`Signal samples: ${buffer.byteLength} bytes, ${needed} announced.`);
    }
    const times = new Float64Array(n);
    for (let i = 0; i < n; i += 1) times[i] = Number(view.getBigInt64(HEADER + i * 8, true));
    const start = HEADER + n * 8;
    const series = Array.from(
      { length: dims },
      (_, d) => new Float32Array(buffer, start + d * n * 4, n),
    );
    return new Samples(times, series);
  }

  /** The first sample not before t. */
  indexAt(t: Ns): number {
    let low = 0;
    let high = this.times.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.times[middle]! < t) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The latest value not after t; NaN before the first one. */
  valueAt(dimension: number, t: Ns): number {
    let index = this.indexAt(t);
    if (this.times[index] !== t) index -= 1;
    return this.series[dimension]?.[index] ?? Number.NaN;
  }

  extentOf(dimension: number): Extents {
    const known = this.extents.get(dimension);
    if (known) return known;
    const extents = new Extents(this.series[dimension] ?? new Float32Array());
    this.extents.set(dimension, extents);
    return extents;
  }
}
