/**
 * Tiles of a made-up signal, in the server's format: a thousand samples a second, waves of several
 * lengths with a little noise. In a worker, as tiles come from the network and cost the page nothing.
 */
interface Wanted {
  readonly level: number;
  readonly number: number;
  readonly rows: number;
  readonly dims: number;
}

const FACTOR = 8;
const TILE_ROWS = 4096;
const MS = 1_000_000n;

function value(ms: number, dimension: number): number {
  const slow = Math.sin(ms / (2_000 + 170 * dimension));
  const noise = ((ms * 7_919 + dimension * 104_729) % 1_000) / 1_000 - 0.5;
  return slow + 0.3 * Math.sin(ms / 90 + dimension) + 0.02 * noise;
}

function tile({ level, number, rows, dims }: Wanted): ArrayBuffer {
  const n = Math.min(TILE_ROWS, rows - number * TILE_ROWS);
  const sides = level === 0 ? 1 : 2;
  const buffer = new ArrayBuffer(20 + n * 8 + n * dims * 4 * sides);
  const view = new DataView(buffer);
  view.setUint32(0, 0x47534c54, true);
  [2, level, n, dims].forEach((word, i) => {
    view.setUint32(4 + i * 4, word, true);
  });
  const span = FACTOR ** level;
  const first = number * TILE_ROWS;
  for (let i = 0; i < n; i += 1) {
    view.setBigInt64(20 + i * 8, BigInt((first + i) * span) * MS, true);
  }
  const values = new Float32Array(buffer, 20 + n * 8);
  const reach = Math.min(1, span / 500);
  for (let d = 0; d < dims; d += 1) {
    for (let i = 0; i < n; i += 1) {
      const at = value((first + i) * span, d);
      values[d * n + i] = level === 0 ? at : at - reach;
      if (sides === 2) values[(dims + d) * n + i] = at + reach;
    }
  }
  return buffer;
}

self.onmessage = ({ data }: MessageEvent<Wanted>) => {
  const buffer = tile(data);
  self.postMessage({ wanted: data, buffer }, { transfer: [buffer] });
};
