/** Integer nanoseconds on the episode clock. Exact in a number below 2^53 (104 days). */
export type Ns = number;

export const NS_PER_SECOND = 1_000_000_000;
export const NS_PER_MS = 1_000_000;

function wholeMs(ns: Ns): number {
  return Math.floor((ns + 500_000) / NS_PER_MS);
}

const pad = (value: number, width: number) => String(value).padStart(width, "0");

/** Seconds with three decimals, rounded half up in integers: 1_679_500_000 is "1.680". */
export function formatSeconds(ns: Ns): string {
  const ms = wholeMs(ns);
  const size = Math.abs(ms);
  return `${ms < 0 ? "-" : ""}${Math.floor(size / 1000)}.${pad(size % 1000, 3)}`;
}

/** Minutes, seconds and milliseconds, "00:03.480"; hours only where there are any. */
export function formatClock(ns: Ns): string {
  const ms = Math.max(0, wholeMs(ns));
  const seconds = Math.floor(ms / 1000);
  const hours = Math.floor(seconds / 3600);
  const head = hours > 0 ? `${hours}:` : "";
  return `${head}${pad(Math.floor(seconds / 60) % 60, 2)}:${pad(seconds % 60, 2)}.${pad(ms % 1000, 3)}`;
}

/** "3.48", "0:03.480" or "1:02:03.5" as nanoseconds; null when it is none of these. */
export function parseClock(text: string): Ns | null {
  const match = /^(?:(?:(\d+):)?(\d+):)?(\d+)(?:[.,](\d{1,9}))?\s*s?$/.exec(text.trim());
  if (!match) return null;
  const [, hours = "0", minutes = "0", seconds = "0", fraction = ""] = match;
  const whole = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
  return whole * NS_PER_SECOND + Number(fraction.padEnd(9, "0"));
}
