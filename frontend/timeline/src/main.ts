import "./chrome/styles/index.css";
import { startEditor } from "./chrome/start";
import { liveHoldings } from "./clock/scope";
import { readPayload } from "./net/payload";
import { say } from "./words";

async function main(): Promise<void> {
  const element = document.getElementById("timeline-editor");
  if (!element) return;
  try {
    await startEditor(element, readPayload(document));
  } catch (cause) {
    // Without this the page would stay empty and silent.
    const words = cause instanceof Error ? cause.message : String(cause);
    const notice = document.createElement("p");
    notice.className = "tl-notice tl-notice--error";
    notice.setAttribute("role", "alert");
    notice.textContent = say(
      "The editor could not start: {why} Reload the page; your marks are kept.",
      { why: words },
    );
    element.replaceChildren(notice);
    throw cause;
  }
}

declare global {
  /** Listeners, timers and the like that are held now: for whoever looks for leaks. */
  var touchlineHoldings: () => number;
}
globalThis.touchlineHoldings = liveHoldings;

void main();
