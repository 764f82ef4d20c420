// Judging segments: the pictures loop at the recording's pace, every answer is a key.
const clips = [...document.querySelectorAll("[data-clips] figure")];
const pause = document.querySelector("[data-pause]");
let paused = matchMedia("(prefers-reduced-motion: reduce)").matches;

function showPaused() {
  pause.setAttribute("aria-pressed", String(paused));
  pause.textContent = paused ? "Go on" : "Pause";
}

let at = 0;
let shown = 0;
const step = Math.max(40, Number(clips[0]?.dataset.step ?? 100));
function turn(now) {
  if (!paused && now - shown >= step) {
    shown = now;
    at += 1;
    for (const clip of clips) {
      const pictures = [...clip.querySelectorAll("img")];
      // A picture that has not arrived yet would be a white flash.
      if (!pictures.every((picture) => picture.complete)) continue;
      pictures.forEach((picture, place) => {
        picture.hidden = place !== at % pictures.length;
      });
    }
  }
  requestAnimationFrame(turn);
}

if (pause) {
  const toggle = () => {
    paused = !paused;
    showPaused();
  };
  pause.addEventListener("click", toggle);
  showPaused();
  requestAnimationFrame(turn);
}

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
