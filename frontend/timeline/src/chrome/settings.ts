import type { Scope } from "../clock/scope";
import type { EditorPayload } from "../net/payload";
import { type PreferencePatch, PreferenceStore, type Preferences, putTo } from "../net/preferences";
import { speak } from "../words";
import { Arrangements } from "./arrangements";
import type { KeyPress } from "./keys";
import { type Layout, layoutOf, readLayout } from "./layouts";

const LEARNED = "touchline.layout";
// Where it was kept before there was a server's place for it.
const SINGLE_KEYS = "touchline.single-keys";
// A hand that arranges goes on for a while: what it comes to is sent once.
const ARRANGED_MS = 1500;

const isLayout = (text: string | null): text is Layout =>
  text === "qwerty" || text === "qwertz" || text === "azerty";

/** What to expect of a keyboard about which nothing is known. */
function usualLayout(language: string): Layout {
  if (/^fr(?!-(CA|CH))/i.test(language)) return "azerty";
  return /^(de|cs|sk|hu|sl|hr|fr-CH)/i.test(language) ? "qwertz" : "qwerty";
}

/** How the person at this page likes to work, and what their keyboard looks like. */
export class Settings {
  readonly arrangements: Arrangements;
  private detected: Layout;
  private readonly listeners = new Set<() => void>();
  private dropSending: () => void = () => {};

  private constructor(
    private readonly store: PreferenceStore,
    userId: string | number,
    private readonly scope: Scope,
  ) {
    this.arrangements = new Arrangements(this, userId, localStorage);
    const learned = localStorage.getItem(LEARNED);
    this.detected = isLayout(learned) ? learned : usualLayout(navigator.language);
    scope.own(store.subscribe(() => this.changed()));
  }

  /** With the words of the person's language loaded: call it before anything is shown. */
  static async open(user: EditorPayload["user"], page: Scope): Promise<Settings> {
    const place = `touchline.preferences.${user.id}`;
    const put = putTo(user.preferences_url);
    const store = new PreferenceStore(place, user.preferences, put, localStorage);
    const settings = new Settings(store, user.id, page);
    settings.bringAlong();
    page.listen(window, "online", () => void store.send());
    page.listen(window, "pagehide", () => void store.send());
    void readLayout().then((layout) => settings.found(layout));
    await speak(settings.values.language || document.documentElement.lang);
    return settings;
  }

  get values(): Preferences {
    return this.store.values;
  }

  get state(): PreferenceStore["state"] {
    return this.store.state;
  }

  get layout(): Layout {
    return this.values.layout || this.detected;
  }

  change(patch: PreferencePatch): void {
    this.store.change(patch);
  }

  /** A change that need not reach the server at once. */
  keep(patch: PreferencePatch): void {
    this.store.note(patch);
    this.dropSending();
    this.dropSending = this.scope.timeout(() => void this.store.send(), ARRANGED_MS);
  }

  /** Resolves once the server has answered, or could not be reached. */
  send(): Promise<void> {
    return this.store.send();
  }

  onChange(listener: () => void, scope: Scope): void {
    this.listeners.add(listener);
    scope.own(() => this.listeners.delete(listener));
  }

  /** Letters give away what keyboard they are typed on. */
  learn(press: KeyPress): void {
    if (press.ctrlKey || press.altKey || press.metaKey) return;
    this.found(layoutOf(press));
  }

  private found(layout: Layout | null): void {
    if (!layout || layout === this.detected || this.scope.closed) return;
    this.detected = layout;
    localStorage.setItem(LEARNED, layout);
    this.changed();
  }

  private changed(): void {
    for (const listener of this.listeners) listener();
  }

  private bringAlong(): void {
    if (localStorage.getItem(SINGLE_KEYS) === "off") this.change({ single_keys: false });
    localStorage.removeItem(SINGLE_KEYS);
  }
}
