// Judging segments: every answer is a key; the pictures are those of clips.js.
const pause = document.querySelector("[data-pause]");
const form = document.querySelector("[data-judge]");
if (form) {
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
