import "@fontsource-variable/inter";
import "@fontsource-variable/jetbrains-mono";
import "htmx.org";
import "../../styles/tokens.css";
import "../../styles/base.css";
import "../../styles/components.css";
import "../../styles/review.css";
import "../../styles/kept.css";
import { watchKeptWork } from "./keptpages";

const root = document.documentElement;

document.querySelector("[data-theme-switch]")?.addEventListener("click", () => {
  const next = root.dataset.theme === "dark" ? "light" : "dark";
  root.dataset.theme = next;
  localStorage.setItem("touchline-theme", next);
  // Canvases have to read their colours again.
  window.dispatchEvent(new CustomEvent("touchline:theme"));
});

// A form that was sent once is not sent again by an impatient second click.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || event.defaultPrevented) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll<HTMLFormElement>("form[data-sent]")) {
    delete form.dataset.sent;
  }
});

// A table wider than its card is scrolled by keyboard too, so it has to take the focus then.
const scrollable = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    const wrap = target.closest<HTMLElement>(".table-wrap");
    if (!wrap) continue;
    if (wrap.scrollWidth > wrap.clientWidth) wrap.tabIndex = 0;
    else wrap.removeAttribute("tabindex");
  }
});
function watchTables(within: ParentNode): void {
  for (const table of within.querySelectorAll(".table-wrap, .table-wrap > table")) {
    scrollable.observe(table);
  }
}
watchTables(document);
document.addEventListener("htmx:load", (event) => {
  if (event.target instanceof Element) watchTables(event.target);
});

watchKeptWork();
