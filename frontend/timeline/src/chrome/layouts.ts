import { phrase } from "../words";

/** What is printed on the letters' rows. Others are near enough to one of these three. */
export type Layout = "qwerty" | "qwertz" | "azerty";

export const LAYOUTS: Readonly<Record<Layout, string>> = {
  qwerty: phrase("QWERTY"),
  qwertz: phrase("QWERTZ"),
  azerty: phrase("AZERTY"),
};

/**
 * Keys beside a command's own, on keyboards where those need Shift or AltGr, or mean a digit:
 * they come first where keys are shown.
 */
const ALSO: Readonly<Record<Layout, Readonly<Record<string, readonly string[]>>>> = {
  qwerty: {},
  // [ and ] are AltGr+8 and AltGr+9; Ö and Ä lie side by side beside L.
  qwertz: { "mark.start": ["Ö"], "mark.end": ["Ä"] },
  // [ and ] are AltGr+5 and AltGr+), . is Shift+; and - is the key of 6.
  azerty: {
    "mark.start": ["Ù"],
    "mark.end": ["*"],
    "label.next": [";"],
    "zoom.out": [")"],
    "zoom.in": ["="],
    "picture.further": ["Alt+)"],
    "picture.closer": ["Alt+="],
  },
};

export function alsoOn(layout: Layout, commandId: string): readonly string[] {
  return ALSO[layout][commandId] ?? [];
}

/** What a key press gives away about the keyboard; null when it could be any. */
export function layoutOf(press: { readonly code: string; readonly key: string }): Layout | null {
  const key = press.key.toLowerCase();
  if ((press.code === "KeyQ" && key === "a") || (press.code === "KeyA" && key === "q"))
    return "azerty";
  if ((press.code === "KeyY" && key === "z") || (press.code === "KeyZ" && key === "y"))
    return "qwertz";
  const alike = press.code === "KeyQ" ? key === "q" : press.code === "KeyY" && key === "y";
  return alike ? "qwerty" : null;
}

interface LayoutMap {
  get(code: string): string | undefined;
}

/** Asks the browser; only Chromium answers, and only on a secure page. */
export async function readLayout(): Promise<Layout | null> {
  const keyboard = (navigator as { keyboard?: { getLayoutMap?: () => Promise<LayoutMap> } })
    .keyboard;
  const map = await keyboard?.getLayoutMap?.().catch(() => null);
  if (!map) return null;
  for (const code of ["KeyQ", "KeyY"]) {
    const found = layoutOf({ code, key: map.get(code) ?? "" });
    if (found && found !== "qwerty") return found;
  }
  return map.get("KeyQ") === "q" ? "qwerty" : null;
}
