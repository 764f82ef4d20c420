import { FrameError } from "./errors";
import { get, pause, type Retry } from "./fetching";

/** JPEG packs of one camera, as their index.json says. */
export interface PackIndex {
  readonly frames_per_pack: number;
  readonly frames: number;
  readonly packs: number;
}

const MAGIC = "TLPK";
const HEADER = 8;
const PATIENCE_MS = 10 * 60 * 1000;
const DEFAULT_WAIT_S = 2;

/** The JPEG of each frame in a pack. @throws FrameError of kind "packs" when its offsets are no offsets. */
export function parsePack(buffer: ArrayBuffer): Uint8Array<ArrayBuffer>[] {
  const broken = () => new FrameError("packs", "A picture pack is damaged.");
  if (buffer.byteLength < HEADER + 4) throw broken();
  const view = new DataView(buffer);
  const magic = String.fromCharCode(...new Uint8Array(buffer, 0, 4));
  const count = view.getUint32(4, true);
  if (magic !== MAGIC || HEADER + 4 * (count + 1) > buffer.byteLength) throw broken();
  return Array.from({ length: count }, (_, i) => {
    const start = view.getUint32(HEADER + 4 * i, true);
    const end = view.getUint32(HEADER + 4 * (i + 1), true);
    if (start > end || end > buffer.byteLength) throw broken();
    return new Uint8Array(buffer, start, end - start);
  });
}

/** GET what the server may still be making: 202 is asked again after Retry-After. */
export async function getPrepared<T>(
  url: string,
  read: (response: Response) => Promise<T>,
  retry: Retry & { readonly signal: AbortSignal },
  onPreparing: (fraction: number | null) => void,
): Promise<T> {
  const deadline = Date.now() + PATIENCE_MS;
  while (Date.now() < deadline) {
    const answer = await get(
      url,
      async (response) => {
        if (response.status !== 202) return { value: await read(response) };
        const body: unknown = await response.json().catch(() => null);
        const fraction = (body as { fraction?: unknown } | null)?.fraction;
        const seconds = Number(response.headers.get("Retry-After") ?? DEFAULT_WAIT_S);
        return { fraction: typeof fraction === "number" ? fraction : null, seconds };
      },
      retry,
    );
    if ("value" in answer) return answer.value as T;
    onPreparing(answer.fraction);
    const seconds = Number.isFinite(answer.seconds) ? answer.seconds : DEFAULT_WAIT_S;
    await pause(seconds * 1000, retry.signal);
  }
  throw new FrameError("packs", "The pictures were not ready within ten minutes.");
}
