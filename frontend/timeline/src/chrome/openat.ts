/** Where a link into an episode wants it to open: "?at=1.68" in seconds, as ns; null for nowhere. */
export function openAt(search: string, durationNs: number): number | null {
  const written = new URLSearchParams(search).get("at");
  if (written === null || !/^\d{1,6}(\.\d{1,9})?$/.test(written)) return null;
  const [whole = "0", fraction = ""] = written.split(".");
  const ns = Number(whole) * 1_000_000_000 + Number(fraction.padEnd(9, "0"));
  return Math.min(ns, durationNs);
}
