import { FrameIndex, type FrameIndexJson } from "../../src/decode/index";

/** An index of rows of 10 bytes each, shown in the order of their PTS unless told otherwise. */
export function indexJson(given: {
  readonly pts: readonly number[];
  readonly key: readonly number[];
  readonly order?: readonly number[];
}): FrameIndexJson {
  const rows = given.pts.map((_, row) => row);
  const order = given.order ?? [...rows].sort((a, b) => given.pts[a]! - given.pts[b]!);
  return {
    schema_version: 1,
    stream_id: "s",
    camera: "front",
    sha256: "0",
    codec: "avc1.64001e",
    description: null,
    width: 64,
    height: 48,
    rotation: 0,
    time_base: [1, 50],
    offset_ns: 0,
    off: rows.map((row) => row * 10),
    size: rows.map(() => 10),
    pts: given.pts,
    key: given.key,
    order,
    frames: order.length,
    url: "/media/s.mp4",
  };
}

/** `frames` frames in groups of `gop`, each group shown as coded or as I P B B would be. */
export function index(frames: number, gop: number, bframes = false): FrameIndex {
  const pts: number[] = [];
  const key: number[] = [];
  for (let first = 0; first < frames; first += gop) {
    const group = Array.from({ length: Math.min(gop, frames - first) }, (_, i) => first + i);
    if (bframes) {
      const [head, ...rest] = group;
      pts.push(head!);
      for (let i = 0; i < rest.length; i += 3) {
        const run = rest.slice(i, i + 3);
        pts.push(run[run.length - 1]!, ...run.slice(0, -1));
      }
    } else {
      pts.push(...group);
    }
    key.push(...group.map((_, i) => (i === 0 ? 1 : 0)));
  }
  return FrameIndex.parse(indexJson({ pts, key }));
}
