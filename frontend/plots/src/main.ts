import "./plots.css";
import type { Description } from "./description";
import { draw } from "./draw";

const root = document.documentElement;
const system = matchMedia("(prefers-color-scheme: dark)");
const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : system.matches);

/** Draws a figure's plot as wide as its place; again when the place or the theme changes. */
function open(figure: Element): void {
  const text = figure.querySelector("script[type='application/json']")?.textContent;
  const place = figure.querySelector<HTMLElement>(".plot__picture");
  if (!text || !place || place.dataset.open) return;
  place.dataset.open = "yes";
  const plot = JSON.parse(text) as Description;
  let width = 0;
  const paint = () => {
    if (width > 0) place.replaceChildren(draw(plot, width, isDark()));
  };
  new ResizeObserver(([entry]) => {
    const now = Math.floor(entry?.contentRect.width ?? 0);
    if (now === width) return;
    width = now;
    paint();
  }).observe(place);
  system.addEventListener("change", paint);
  new MutationObserver(paint).observe(root, { attributeFilter: ["data-theme"] });
}

function openAll(within: ParentNode): void {
  for (const figure of within.querySelectorAll("[data-plot]")) open(figure);
}
openAll(document);
document.addEventListener("htmx:load", (event) => {
  if (event.target instanceof Element) openAll(event.target.parentElement ?? event.target);
});
