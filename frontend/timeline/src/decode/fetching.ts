import { FrameError } from "./errors";

const BACK_OFF_MS = [250, 500, 1000, 2000, 4000, 8000];
/** A server that ignores Range answers with the whole file; above this it is refused. */
const WHOLE_FILE_LIMIT = 64 * 1024 * 1024;

export interface Retry {
  /** Called before each wait, with the reason, and with null once the bytes come again. */
  readonly onRetry?: (error: FrameError | null) => void;
  readonly signal?: AbortSignal | undefined;
  readonly priority?: "high" | "low" | "auto";
}

/** The domain's word for an HTTP status that is not success. */
export function statusError(url: string, status: number): FrameError {
  const name = new URL(url, "http://localhost").pathname;
  if (status === 401 || status === 403) {
    return new FrameError("forbidden", `No access to ${name} (${status}).`, status);
  }
  if (status === 404 || status === 410) {
    return new FrameError("missing", `${name} is not there (${status}).`, status);
  }
  if (status === 416) {
    return new FrameError("index", `${name} does not have the bytes its index names.`, status);
  }
  return new FrameError("server", `${name} was answered with ${status}.`, status);
}

function worthRetrying(error: FrameError): boolean {
  return error.kind === "network" || (error.kind === "server" && error.status !== 400);
}

/** Resolves after a while; rejects with the signal's reason when aborted. */
export function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(id);
      reject(signal?.reason);
    };
    const id = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, ms);
    signal?.addEventListener("abort", stop, { once: true });
  });
}

/** Run an attempt until it succeeds, backing off while the network or the server fails. */
export async function withRetry<T>(attempt: () => Promise<T>, retry: Retry): Promise<T> {
  for (let tries = 0; ; tries += 1) {
    try {
      const result = await attempt();
      if (tries > 0) retry.onRetry?.(null);
      return result;
    } catch (cause) {
      retry.signal?.throwIfAborted();
      const error = FrameError.wrap(cause, "network");
      const wait = BACK_OFF_MS[tries];
      if (!worthRetrying(error) || wait === undefined) throw error;
      retry.onRetry?.(error);
      await pause(wait, retry.signal);
    }
  }
}

async function request(url: string, retry: Retry, headers?: HeadersInit): Promise<Response> {
  const init: RequestInit = { priority: retry.priority ?? "auto" };
  if (headers) init.headers = headers;
  if (retry.signal) init.signal = retry.signal;
  const response = await fetch(url, init);
  if (!response.ok) throw statusError(url, response.status);
  return response;
}

/** GET and read, with the retries of `withRetry`; any status but success is a FrameError. */
export function get<T>(
  url: string,
  read: (response: Response) => Promise<T>,
  retry: Retry,
): Promise<T> {
  return withRetry(async () => read(await request(url, retry)), retry);
}

/** The bytes [start, end) of a file. @throws FrameError; the signal's reason when aborted. */
export function fetchRange(
  url: string,
  start: number,
  end: number,
  retry: Retry,
): Promise<Uint8Array<ArrayBuffer>> {
  return withRetry(async () => {
    const response = await request(url, retry, { Range: `bytes=${start}-${end - 1}` });
    const whole = response.status === 200;
    if (whole && Number(response.headers.get("Content-Length") ?? 0) > WHOLE_FILE_LIMIT) {
      throw new FrameError("unsupported", "The server does not serve byte ranges.", 200);
    }
    const body = new Uint8Array(await response.arrayBuffer());
    const bytes = whole ? body.slice(start, end) : body;
    if (bytes.byteLength !== end - start) {
      throw new FrameError("network", `${bytes.byteLength} of ${end - start} bytes arrived.`);
    }
    return bytes;
  }, retry);
}
