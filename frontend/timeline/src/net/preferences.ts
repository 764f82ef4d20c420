import { type Answer, send } from "./api";

/** How a person likes to work, on whatever machine they sit at. */
export interface Preferences {
  /** "" as the page has it. */
  readonly language: string;
  /** "" as the browser says. */
  readonly layout: "" | "qwerty" | "qwertz" | "azerty";
  /** Single letters and digits are commands. */
  readonly single_keys: boolean;
  /** Of the commands that have other keys than they came with. */
  readonly keys: Readonly<Record<string, readonly string[]>>;
  /** How cameras and lanes lie, for each kind of robot: by a name that says which. */
  readonly arrangements: Readonly<Record<string, Arrangement>>;
}

export interface Arrangement {
  /** Seconds of the epoch: those not used for longest make room. */
  readonly at: number;
  readonly of: unknown;
}

type Named = "keys" | "arrangements";

/** A change: null gives a command the keys back that it came with, and drops an arrangement. */
export type PreferencePatch = Partial<Omit<Preferences, Named>> & {
  readonly [name in Named]?: Readonly<Record<string, Preferences[name][string] | null>>;
};

/** As the server has them; what was never chosen is not there. */
export interface KeptPreferences {
  readonly version: number;
  readonly values: Partial<Preferences>;
}

const NOTHING_CHOSEN: Preferences = {
  language: "",
  layout: "",
  single_keys: true,
  keys: {},
  arrangements: {},
};

type Rows<T> = Readonly<Record<string, T>>;

function laid<T>(values: Rows<T> = {}, change: Rows<T | null> = {}): Rows<T> {
  const rows = Object.entries({ ...values, ...change });
  return Object.fromEntries(rows.filter(([, own]) => own !== null)) as Rows<T>;
}

export function patched(values: Partial<Preferences>, patch: PreferencePatch): Preferences {
  return {
    ...NOTHING_CHOSEN,
    ...values,
    ...patch,
    keys: laid(values.keys, patch.keys),
    arrangements: laid(values.arrangements, patch.arrangements),
  };
}

function merged(earlier: PreferencePatch, later: PreferencePatch): PreferencePatch {
  return {
    ...earlier,
    ...later,
    keys: { ...earlier.keys, ...later.keys },
    arrangements: { ...earlier.arrangements, ...later.arrangements },
  };
}

export type Put = (body: unknown) => Promise<Answer | null>;
type Storage = Pick<globalThis.Storage, "getItem" | "setItem">;

export const putTo =
  (url: string): Put =>
  (body) =>
    send("PUT", url, body);

interface Cached {
  readonly kept: KeptPreferences;
  readonly unsent: PreferencePatch | null;
}

/**
 * A person's preferences. A change counts at once, lies in the browser until the server has it,
 * and is laid over whatever another window saved meanwhile.
 */
export class PreferenceStore {
  private kept: KeptPreferences;
  private unsent: PreferencePatch | null;
  private sending = false;
  private refused: string | null = null;
  private readonly listeners = new Set<() => void>();

  constructor(
    private readonly place: string,
    fromServer: KeptPreferences,
    private readonly put: Put,
    private readonly storage: Storage,
  ) {
    const cached = this.read();
    this.unsent = cached?.unsent ?? null;
    // A page out of the browser's history may be older than what this browser saved since.
    const older = cached !== null && cached.kept.version > fromServer.version;
    this.kept = older ? cached.kept : fromServer;
    if (this.unsent) void this.send();
  }

  get values(): Preferences {
    return patched(this.kept.values, this.unsent ?? {});
  }

  /** Whether the server has all of it, and if it refused, in which words. */
  get state(): { readonly saved: boolean; readonly problem: string | null } {
    return { saved: this.unsent === null, problem: this.refused };
  }

  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  change(patch: PreferencePatch): void {
    this.note(patch);
    void this.send();
  }

  /** Counts at once and lies in the browser; the server gets it with what is sent next. */
  note(patch: PreferencePatch): void {
    this.unsent = merged(this.unsent ?? {}, patch);
    this.refused = null;
    this.changed();
  }

  /** Tries again what did not get through: when the connection is back. */
  async send(): Promise<void> {
    if (this.sending || !this.unsent) return;
    this.sending = true;
    try {
      while (this.unsent && (await this.sendOnce(this.unsent)));
    } finally {
      this.sending = false;
    }
  }

  /** True when there is reason to go on at once. */
  private async sendOnce(patch: PreferencePatch): Promise<boolean> {
    const values = patched(this.kept.values, patch);
    const answer = await this.put({ base_version: this.kept.version, values });
    if (!answer) return false;
    if (answer.ok) {
      this.kept = answer.body as KeptPreferences;
      if (this.unsent === patch) this.unsent = null;
      this.changed();
      return this.unsent !== null;
    }
    const { code, detail, fields } = answer.problem;
    if (code === "stale_preferences") {
      const { version, values: theirs } = fields as unknown as KeptPreferences;
      const onward = version !== this.kept.version;
      this.kept = { version, values: theirs };
      return onward;
    }
    this.refused = detail;
    this.changed();
    return false;
  }

  private changed(): void {
    const cached: Cached = { kept: this.kept, unsent: this.unsent };
    try {
      this.storage.setItem(this.place, JSON.stringify(cached));
    } catch {
      // A full or forbidden storage: the server has it, or this page until it closes.
    }
    for (const listener of this.listeners) listener();
  }

  private read(): Cached | null {
    try {
      return JSON.parse(this.storage.getItem(this.place) ?? "null") as Cached | null;
    } catch {
      return null;
    }
  }
}
