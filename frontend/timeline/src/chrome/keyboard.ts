import type { Scope } from "../clock/scope";
import { say } from "../words";
import type { Bindings } from "./bindings";
import { type Command, type Context, unavailable } from "./commands";
import { keyText } from "./keys";
import type { Passage } from "./passage";
import type { Settings } from "./settings";

const PREFIX_MS = 2_500;
// A keyboard repeats a key by itself; a pad's button is repeated here, about as fast.
const REPEAT_AFTER_MS = 350;
const REPEAT_MS = 45;

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

/** Turns key presses, pedals and pads into commands. Never while typing, never behind a dialog. */
export class Keyboard {
  private forget: () => void = () => {};
  private readonly held = new Map<string, Command>();
  /** The key still down since it ran a command: it types nothing into a field that has opened. */
  private down: string | null = null;
  private endRepeat: () => void = () => {};

  constructor(
    private readonly bindings: Bindings,
    private readonly context: Context,
    private readonly settings: Settings,
    private readonly scope: Scope,
    private readonly passage: Passage<KeyboardEvent>,
  ) {
    scope.listen(window, "keydown", (event) => this.press(event));
    scope.listen(window, "keyup", (event) => this.up(event));
    scope.listen(window, "blur", () => this.letGo());
  }

  private press(event: KeyboardEvent): void {
    const { session } = this.context;
    this.settings.learn(event);
    session.snapping.held = event.altKey;
    if (event.repeat && event.code === this.down && isField(event.target)) {
      event.preventDefault();
      return;
    }
    if (event.defaultPrevented || event.isComposing || session.snapshot().dialog) return;
    const { prefix } = session.snapshot();
    const command = this.bindings.map.find(event, prefix) ?? this.unsnapped(event, prefix);
    if (this.postponed(event, command)) return;
    if (prefix) this.endPrefix();
    if (command) {
      this.start(command, event);
      return;
    }
    if (isField(event.target) || !this.settings.values.single_keys) return;
    const begun = this.bindings.map.prefixOf(event);
    if (begun && !event.repeat) {
      event.preventDefault();
      this.beginPrefix(begun);
    }
  }

  /** Between two episodes: kept for the next one, but for what is done to an episode as a whole. */
  private postponed(event: KeyboardEvent, command: Command | undefined): boolean {
    if (command?.group === "Episode") {
      if (!this.passage.between) return false;
    } else if (!this.passage.keeps(event)) return false;
    if (command || this.bindings.map.prefixOf(event)) event.preventDefault();
    return true;
  }

  /** What was pressed for this episode before it was open, as if pressed now. */
  catchUp(presses: readonly KeyboardEvent[]): void {
    for (const past of presses) {
      const event = new KeyboardEvent(past.type, past);
      if (event.type === "keydown") this.press(event);
      else this.up(event);
    }
  }

  private start(command: Command, event: KeyboardEvent): void {
    const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
    if (isField(event.target) && !command.inFields) return;
    if (isField(event.target) && event.key === "Escape") return;
    if (belongsToTarget(event)) return;
    // Where nothing has the focus, as after a dialog, arrows have nothing else to do; Tab does.
    const idle = event.target === document.body && event.key !== "Tab";
    if (WALKING.has(event.key) && plain && !idle && !onStage(event.target)) return;
    const single = plain && event.key.length === 1 && event.key !== " ";
    if (single && !this.settings.values.single_keys) return;
    const why = unavailable(command, this.context);
    if (why !== null) {
      if (command.why) this.context.session.announce(why);
      return;
    }
    if (event.repeat && !command.repeats) {
      event.preventDefault();
      return;
    }
    if (command.run(this.context) === false) return;
    event.preventDefault();
    this.down = event.code;
    if (command.release) this.held.set(event.code, command);
  }

  /** Alt with the key of a mark: the same mark, put down where the playhead is. */
  private unsnapped(event: KeyboardEvent, prefix: string | null): Command | undefined {
    const { key, code, ctrlKey, metaKey, shiftKey, altKey } = event;
    if (!altKey || ctrlKey || metaKey) return undefined;
    const plain = { key, code, ctrlKey, metaKey, shiftKey, altKey: false };
    const command = this.bindings.map.find(plain, prefix);
    return command?.snaps ? command : undefined;
  }

  private up(event: KeyboardEvent): void {
    this.passage.keeps(event);
    this.context.session.snapping.held = event.altKey;
    if (event.code === this.down) this.down = null;
    this.release(event.code);
  }

  private release(source: string): void {
    const command = this.held.get(source);
    this.held.delete(source);
    command?.release?.(this.context);
  }

  private letGo(): void {
    this.context.session.snapping.held = false;
    this.held.clear();
    this.endRepeat();
  }

  /** A pad's button is no letter: it works while a text is typed as well. */
  readonly pads = {
    down: (name: string) => {
      const { session } = this.context;
      if (this.bindings.catching) this.bindings.catching(name);
      else if (!session.snapshot().dialog && !this.passage.between) this.startPad(name);
    },
    up: (name: string) => {
      this.endRepeat();
      this.release(name);
    },
  };

  private startPad(name: string): void {
    const command = this.bindings.map.named([name], null);
    const able = () => !command?.when || command.when(this.context);
    if (!command || !able()) return;
    command.run(this.context);
    if (command.release) this.held.set(name, command);
    this.endRepeat();
    if (command.repeats) this.repeat(() => able() && command.run(this.context));
  }

  private repeat(run: () => unknown): void {
    let stop = this.scope.timeout(() => {
      stop = this.scope.interval(run, REPEAT_MS);
    }, REPEAT_AFTER_MS);
    this.endRepeat = () => stop();
  }

  private beginPrefix(prefix: string): void {
    const { session } = this.context;
    const offered = this.bindings.map
      .under(prefix)
      .map((command) => `${keyText(command.keys[0]?.split(" ")[1] ?? "")} ${command.name}`);
    session.set({ prefix });
    session.announce(say("{key}: {commands}", { key: prefix, commands: offered.join(", ") }));
    this.forget();
    this.forget = this.scope.timeout(() => this.endPrefix(), PREFIX_MS);
  }

  private endPrefix(): void {
    this.forget();
    this.context.session.set({ prefix: null });
  }
}
