import type { EditorPayload } from "../net/payload";
import type { CameraLayout, LayoutStore } from "../stage/cameralayout";
import type { Shelf } from "../stage/lanechoice";

const WRITE_MS = 300;

/** One layout for each robot and set of cameras: the next episode of the kind opens like it. */
function keyOf({ episode, streams }: Pick<EditorPayload, "episode" | "streams">): string {
  const cameras = streams.map((stream) => stream.camera).sort();
  return `cameras.${episode.embodiment}.${cameras.join("+")}`;
}

/** Keeps the layout of the cameras with what else the person has arranged. */
export class CameraMemory implements LayoutStore {
  private readonly key: string;
  private waiting: CameraLayout | null = null;
  private timer: ReturnType<typeof setTimeout> | null = null;

  constructor(
    payload: Pick<EditorPayload, "episode" | "streams">,
    private readonly shelf: Shelf,
  ) {
    this.key = keyOf(payload);
  }

  read(): unknown {
    try {
      return JSON.parse(this.shelf.getItem(this.key) ?? "null") as unknown;
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
    this.shelf.setItem(this.key, JSON.stringify(this.waiting));
    this.waiting = null;
  }
}
