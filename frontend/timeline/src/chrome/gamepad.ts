import type { Scope } from "../clock/scope";
import type { Transport } from "./transport";

/** Triggers report how far they are pressed. */
const PRESSED = 0.5;

export interface Pads {
  down(name: string): void;
  up(name: string): void;
}

type Snapshot = Pick<Gamepad, "buttons" | "connected"> | null;

/** Buttons pressed and let go since the last look, by the names that keys can be bound to. */
export class PadReader {
  private held = new Set<string>();

  constructor(private readonly read: () => readonly Snapshot[]) {}

  look({ down, up }: Pads): void {
    const now = new Set<string>();
    for (const pad of this.read()) {
      if (!pad?.connected) continue;
      for (const [i, button] of pad.buttons.entries()) {
        if (button.pressed || button.value > PRESSED) now.add(`Pad${i + 1}`);
      }
    }
    const before = this.held;
    this.held = now;
    for (const name of before) if (!now.has(name)) up(name);
    for (const name of now) if (!before.has(name)) down(name);
  }
}

/**
 * Gamepads and pedals that report as one. A browser tells of their buttons only when asked, so they
 * are asked on the clock's animation frames, and only while one is connected.
 */
export function watchPads(transport: Transport, scope: Scope, pads: Pads): void {
  const connected = () => navigator.getGamepads().some((pad) => pad?.connected);
  const reader = new PadReader(() => navigator.getGamepads());
  const look = () => {
    if (document.hasFocus()) reader.look(pads);
  };
  let stop: (() => void) | null = null;
  const update = () => {
    if (connected() === (stop !== null)) return;
    stop?.();
    stop = stop ? null : transport.watch(look);
  };
  scope.listen(window, "gamepadconnected", update);
  scope.listen(window, "gamepaddisconnected", update);
  scope.own(() => stop?.());
  update();
}
