// Judging segments: every answer is a key; the pictures are those of clips.js.
const pause = document.querySelector("[data-pause]");
const form = document.querySelector("[data-judge]");
const single = document.querySelector("[data-single-keys]");

/** The same choice as in the editor's settings; true once the server has it. */
async function keepSingleKeys(url, on) {
  const headers = {
    "Content-Type": "application/json",
    "X-CSRFToken": form.elements.csrfmiddlewaretoken.value,
  };
  // Another window may have been faster: once more, from what stands then.
  for (let tries = 0; tries < 2; tries += 1) {
    const now = await (await fetch(url)).json();
    const values = { ...now.values, single_keys: on };
    const body = JSON.stringify({ base_version: now.version, values });
    const answer = await fetch(url, { method: "PUT", headers, body });
    if (answer.status !== 409) return answer.ok;
  }
  return false;
}

if (form) {
  single.addEventListener("change", async () => {
    const kept = await keepSingleKeys(single.dataset.singleKeys, single.checked).catch(() => false);
    document.querySelector("[data-single-keys-said]").textContent = kept
      ? "Kept for you, here and in the editor."
      : "For this page only: the server was not reached.";
  });
  const slots = [...form.querySelectorAll("fieldset")];
  const answered = (slot) => slot.querySelector("input:checked");
  let here = Math.max(
    0,
    slots.findIndex((slot) => !answered(slot)),
  );

  const mark = () => {
    slots.forEach((slot, place) => {
      slot.classList.toggle("here", place === here);
    });
  };
  const answer = (slot, choice) => {
    const input = slot?.querySelectorAll("input[type=radio]")[choice];
    if (input) input.checked = true;
  };
  mark();
  slots.forEach((slot, place) => {
    slot.addEventListener("change", () => {
      here = Math.min(place + 1, slots.length - 1);
      mark();
    });
  });

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    // Who dictates, or types with a switch, presses letters without meaning to.
    if (event.key.length === 1 && !single.checked) return;
    const place = ["1", "2", "3"].indexOf(event.key);
    if (place >= 0) {
      answer(slots[here], place);
      here = Math.min(here + 1, slots.length - 1);
    } else if (event.key.toLowerCase() === "a") {
      for (const slot of slots) answer(slot, 0);
      here = slots.length - 1;
    } else if (event.key === "Backspace") {
      here = Math.max(here - 1, 0);
    } else if (event.key.toLowerCase() === "p") {
      pause?.click();
    } else if (event.key === "Enter" && !event.target.closest("button, a")) {
      form.requestSubmit();
    } else {
      return;
    }
    event.preventDefault();
    mark();
  });
}
