const PLACE = "touchline.recent-commands";
const MOST = 6;

/** The ids of the commands that were chosen by hand, the latest first. */
export function recentCommands(): string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(PLACE) ?? "[]");
    return Array.isArray(kept) ? kept.filter((id) => typeof id === "string") : [];
  } catch {
    return [];
  }
}

export function rememberCommand(id: string): void {
  const kept = [id, ...recentCommands().filter((other) => other !== id)].slice(0, MOST);
  localStorage.setItem(PLACE, JSON.stringify(kept));
}
