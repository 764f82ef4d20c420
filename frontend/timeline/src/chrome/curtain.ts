import type { Scope } from "../clock/scope";
import type { EpisodeFrames } from "../decode/contract";
import type { Ahead } from "../net/api";
import { CameraStage } from "../stage/cameras";
import type { Shelf } from "../stage/lanechoice";
import { say } from "../words";
import { CameraMemory } from "./cameramemory";
import { Handling } from "./handling";
import type { Curtain } from "./passage";
import type { EditorSession } from "./session";
import type { View } from "./transport";

/** What comes next, with the first picture of each of its cameras at hand. */
export interface NextInSight {
  readonly ahead: Ahead;
  readonly frames: EpisodeFrames;
}

function firstPictures({ cameras }: EpisodeFrames): View {
  const frames = cameras.flatMap((camera) => camera.cached(0) ?? []);
  const shown = { tNs: 0, positions: cameras.map(() => 0), frames };
  const still = { playing: false, rate: 1, loop: null, waiting: false, error: null };
  return { tNs: 0, shown, settled: true, ...still };
}

function caption(next: string, present: string): HTMLElement {
  const words = document.createElement("p");
  words.className = "tl-curtain__words";
  words.setAttribute("role", "status");
  const name = document.createElement("strong");
  name.textContent = say("Next: {episode}", { episode: next });
  words.append(name, ` · ${say("Submitting {episode}…", { episode: present })}`);
  return words;
}

/** A layer over a part of the page, outside of what React renders: it outlives the episode. */
function layOver(place: HTMLElement, ...parts: HTMLElement[]): HTMLElement {
  const { left, top, width, height } = place.getBoundingClientRect();
  const element = document.createElement("div");
  element.className = "tl-curtain";
  element.style.left = `${left}px`;
  element.style.top = `${top}px`;
  element.style.width = `${width}px`;
  element.style.height = `${height}px`;
  element.append(...parts);
  document.body.append(element);
  return element;
}

/** Lays the next episode's first pictures over the cameras, as they will lie; the rest waits, dimmed. */
export function drawCurtain(
  { ahead, frames }: NextInSight,
  session: EditorSession,
  shelf: Shelf,
  page: Scope,
): Curtain | null {
  const place = document.querySelector<HTMLElement>(".tl-cameras");
  const work = place?.closest<HTMLElement>(".tl-work");
  if (!place || !work) return null;
  const scope = page.child();
  const focused = document.activeElement;
  const cameras = document.createElement("div");
  cameras.className = "tl-cameras";
  cameras.inert = true;
  const words = caption(ahead.episode.key, session.payload.episode.key);
  const element = layOver(place, cameras, words);
  const present = new Handling(session);
  const stage = new CameraStage({
    element: cameras,
    scope,
    host: {
      state: () => ({ ...present.state(), selected: new Set(), tracks: [] }),
      point: () => {},
      announce: () => {},
    },
    streams: ahead.streams,
    store: new CameraMemory(ahead, shelf),
    requestPaint: () => {},
  });
  stage.open(frames);
  stage.paint(firstPictures(frames));
  work.inert = true;
  scope.own(() => {
    work.inert = false;
    element.remove();
    // Where the person was: what they wrote is still there when the server refused.
    if (focused instanceof HTMLElement && focused.isConnected) focused.focus();
  });
  return { lift: () => scope.close() };
}
