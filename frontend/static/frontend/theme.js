// Runs before the first paint, so that a dark page never flashes light.
(() => {
  const kept = localStorage.getItem("touchline-theme");
  const dark = window.matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.dataset.theme = kept ?? (dark ? "dark" : "light");
})();
