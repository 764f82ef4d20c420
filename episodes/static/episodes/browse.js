// The episode list by keyboard: j and k or the arrows move, x selects, Enter opens, / searches.
// The results are replaced by htmx, so everything listens on the document and looks rows up anew.

const rows = () => [...document.querySelectorAll("#results tr[data-episode]")];
const box = (row) => row.querySelector('input[name="episode"]');
const current = () => document.activeElement?.closest?.("tr[data-episode]") ?? null;

function isTyping(target) {
  return target.matches?.('input:not([type="checkbox"]), textarea, select') ?? false;
}

function move(step) {
  const all = rows();
  const at = all.indexOf(current());
  const next = at < 0 ? (step > 0 ? 0 : all.length - 1) : at + step;
  const link = all[next]?.querySelector("[data-open]");
  link?.focus();
  link?.scrollIntoView({ block: "nearest" });
}

function showCount() {
  const count = document.getElementById("selected-count");
  if (!count) return;
  const everything = document.getElementById("select-all").checked;
  const boxes = rows().map(box);
  const chosen = boxes.filter((one) => one.checked).length;
  for (const one of boxes) one.disabled = everything;
  const page = document.getElementById("select-page");
  page.disabled = everything;
  page.checked = chosen > 0 && chosen === boxes.length;
  page.indeterminate = chosen > 0 && chosen < boxes.length;
  count.textContent = everything ? "all selected" : chosen ? `${chosen} selected` : "";
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  const search = document.getElementById("id_q");
  if (isTyping(event.target)) {
    if (event.key === "Escape" && event.target === search) search.blur();
    return;
  }
  const row = current();
  if (event.key === "/") search?.focus();
  else if (event.key === "j") move(1);
  else if (event.key === "k") move(-1);
  else if (event.key === "ArrowDown" && row) move(1);
  else if (event.key === "ArrowUp" && row) move(-1);
  else if (event.key === "x" && row && box(row)) box(row).click();
  else return;
  event.preventDefault();
});

document.addEventListener("change", (event) => {
  if (event.target.id === "select-page") {
    for (const row of rows()) box(row).checked = event.target.checked;
  }
  if (event.target.closest("#episode-selection")) showCount();
});

// Addresses stay short: fields that ask nothing are left out.
document.addEventListener("htmx:configRequest", (event) => {
  if (event.detail.elt.id !== "episode-filters") return;
  for (const [name, value] of [...event.detail.formData.entries()]) {
    if (value === "") event.detail.formData.delete(name);
  }
});
document.addEventListener("htmx:afterSwap", () => {
  const query = document.querySelector('#episode-selection input[name="filter"]');
  const save = document.querySelector('.saved-new input[name="filter"]');
  if (query && save) save.value = query.value;
  showCount();
});

function failed() {
  const results = document.getElementById("results");
  if (!results || results.querySelector(".error")) return;
  const notice = document.createElement("div");
  notice.className = "error";
  notice.setAttribute("role", "alert");
  notice.textContent = "The search was not answered. Check the connection and search again.";
  results.prepend(notice);
}
document.addEventListener("htmx:sendError", failed);
document.addEventListener("htmx:responseError", failed);
// A poster that is not made yet leaves its place empty instead of a broken picture.
function clearPoster(picture) {
  picture.replaceWith(document.createElement("span"));
}
document.addEventListener(
  "error",
  (event) => {
    if (event.target.matches?.(".poster img")) clearPoster(event.target);
  },
  true,
);
for (const picture of document.querySelectorAll(".poster img")) {
  if (picture.complete && picture.naturalWidth === 0) clearPoster(picture);
}
showCount();
