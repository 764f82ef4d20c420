import type { Scope } from "../clock/scope";
import type { Command, Context } from "./commands";
import { type KeyMap, keyText } from "./keys";

const PREFIX_MS = 2_500;

function isField(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target instanceof HTMLTextAreaElement) return true;
  if (target instanceof HTMLSelectElement) return true;
  return (
    target instanceof HTMLInputElement &&
    !["checkbox", "radio", "button", "submit", "range"].includes(target.type)
  );
}

/** Space and Enter belong to the button, link or row that has the focus. */
function belongsToTarget(event: KeyboardEvent): boolean {
  if (event.key !== " " && event.key !== "Enter") return false;
  if (event.ctrlKey || event.metaKey) return false;
  const { target } = event;
  return (
    target instanceof HTMLElement && target.closest("button, a[href], input, summary") !== null
  );
}

const WALKING = new Set(["Tab", "ArrowUp", "ArrowDown"]);

/** Where Tab walks the labels and the arrows the lanes: on the stage only, so that it leads everywhere else as always. */
function onStage(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest("[data-stage]") !== null;
}

/** Turns key presses into commands. Never while typing, never behind a dialog. */
export class Keyboard {
  private forget: () => void = () => {};
  private readonly held = new Map<string, Command>();
  /** The key still down since it ran a command: it types nothing into a field that has opened. */
  private down: string | null = null;

  constructor(
    private readonly keys: KeyMap,
    private readonly context: Context,
    private readonly scope: Scope,
  ) {
    scope.listen(window, "keydown", (event) => this.press(event));
    scope.listen(window, "keyup", (event) => this.up(event));
    scope.listen(window, "blur", () => this.held.clear());
  }

  private press(event: KeyboardEvent): void {
    const { session } = this.context;
    if (event.repeat && event.code === this.down && isField(event.target)) {
      event.preventDefault();
      return;
    }
    if (event.defaultPrevented || event.isComposing || session.snapshot().dialog) return;
    const { prefix, singleKeys } = session.snapshot();
    const command = this.keys.find(event, prefix);
    if (prefix) this.endPrefix();
    if (command) {
      this.start(command, event);
      return;
    }
    if (isField(event.target) || !singleKeys) return;
    const begun = this.keys.prefixOf(event);
    if (begun && !event.repeat) {
      event.preventDefault();
      this.beginPrefix(begun);
    }
  }

  private start(command: Command, event: KeyboardEvent): void {
    const { session } = this.context;
    const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
    if (isField(event.target) && !command.inFields) return;
    if (isField(event.target) && event.key === "Escape") return;
    if (belongsToTarget(event)) return;
    if (WALKING.has(event.key) && plain && !onStage(event.target)) return;
    const single = plain && event.key.length === 1 && event.key !== " ";
    if (single && !session.snapshot().singleKeys) return;
    if (command.when && !command.when(this.context)) return;
    if (event.repeat && !command.repeats) {
      event.preventDefault();
      return;
    }
    if (command.run(this.context) === false) return;
    event.preventDefault();
    this.down = event.code;
    if (command.release) this.held.set(event.code, command);
  }

  private up(event: KeyboardEvent): void {
    if (event.code === this.down) this.down = null;
    const command = this.held.get(event.code);
    this.held.delete(event.code);
    command?.release?.(this.context);
  }

  private beginPrefix(prefix: string): void {
    const { session } = this.context;
    const offered = this.keys
      .under(prefix)
      .map((command) => `${keyText(command.keys[0]?.split(" ")[1] ?? "")} ${command.name}`);
    session.set({ prefix });
    session.announce(`${prefix}: ${offered.join(", ")}`);
    this.forget();
    this.forget = this.scope.timeout(() => this.endPrefix(), PREFIX_MS);
  }

  private endPrefix(): void {
    this.forget();
    this.context.session.set({ prefix: null });
  }
}
