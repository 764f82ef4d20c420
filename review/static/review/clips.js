// Clips of stills: each figure shows its pictures one after the other, those that are in view and
// have arrived. Who wants less motion sees the marked picture until they start them.
const clips = [...document.querySelectorAll("[data-clips] figure[data-step]")].map((figure) => ({
  figure,
  pictures: [...figure.querySelectorAll("img")],
  step: Math.max(40, Number(figure.dataset.step)),
  mark: figure.dataset.mark === undefined ? -1 : Number(figure.dataset.mark),
  at: Math.max(0, Number(figure.dataset.mark ?? 0)),
  shown: 0,
  seen: false,
}));
const pause = document.querySelector("[data-pause]");
let paused = matchMedia("(prefers-reduced-motion: reduce)").matches;

// The rest of a clip is fetched when somebody looks at it.
const watch = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    const clip = clips.find((one) => one.figure === target);
    clip.seen = isIntersecting;
    if (!isIntersecting) continue;
    for (const picture of clip.pictures) {
      if (picture.dataset.src) picture.src = picture.dataset.src;
      delete picture.dataset.src;
    }
  }
});
for (const clip of clips) watch.observe(clip.figure);

function show(clip) {
  clip.pictures.forEach((picture, place) => {
    picture.hidden = place !== clip.at;
  });
  clip.figure.classList.toggle("marked", clip.at === clip.mark);
}

function turn(now) {
  if (paused) return;
  for (const clip of clips) {
    // A picture that has not arrived yet would be a white flash.
    const ready = clip.seen && clip.pictures.every((one) => one.complete && one.naturalWidth);
    if (!ready || now - clip.shown < clip.step) continue;
    clip.shown = now;
    clip.at = (clip.at + 1) % clip.pictures.length;
    show(clip);
  }
  requestAnimationFrame(turn);
}

function showPaused() {
  pause.setAttribute("aria-pressed", String(paused));
  pause.textContent = paused ? "Play" : "Pause";
}

if (pause && clips.length > 0) {
  pause.hidden = false;
  pause.addEventListener("click", () => {
    paused = !paused;
    showPaused();
    if (!paused) requestAnimationFrame(turn);
  });
  for (const clip of clips) show(clip);
  showPaused();
  requestAnimationFrame(turn);
}
