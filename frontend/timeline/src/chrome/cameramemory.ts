import type { EditorPayload } from "../net/payload";
import type { CameraLayout, LayoutStore } from "../stage/cameralayout";

const WRITE_MS = 300;

/** One layout for each person, robot and set of cameras: the next episode of the kind opens like it. */
function keyOf({ user, episode, streams }: EditorPayload): string {
  const cameras = streams.map((stream) => stream.camera).sort();
  return `touchline.cameras.${user.id}.${episode.embodiment}.${cameras.join("+")}`;
}

/** Keeps the layout of the cameras in the browser. */
export class CameraMemory implements LayoutStore {
  private readonly key: string;
  private waiting: CameraLayout | null = null;
  private timer: ReturnType<typeof setTimeout> | null = null;

  constructor(payload: EditorPayload) {
    this.key = keyOf(payload);
  }

  read(): unknown {
    try {
      return JSON.parse(localStorage.getItem(this.key) ?? "null") as unknown;
    } catch {
      return null;
    }
  }

  /** A drag changes the layout a hundred times a second: only where it ends is written. */
  write(layout: CameraLayout): void {
    this.waiting = layout;
    this.timer ??= setTimeout(() => this.flush(), WRITE_MS);
  }

  flush(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    if (!this.waiting) return;
    try {
      localStorage.setItem(this.key, JSON.stringify(this.waiting));
    } catch {
      // A full or forbidden storage costs the layout of the next episode, and nothing else.
    }
    this.waiting = null;
  }
}
