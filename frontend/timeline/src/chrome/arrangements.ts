import type { Arrangement, PreferencePatch, Preferences } from "../net/preferences";
import type { Shelf } from "../stage/lanechoice";

/** As many as a person's robots have; the server refuses more. */
const MOST = 24;

/** Where arrangements go: laid over a person's preferences at once, sent when there is time. */
export interface Keeper {
  readonly values: Pick<Preferences, "arrangements">;
  keep(patch: PreferencePatch): void;
}

/**
 * How a person last had cameras and lanes for a kind of robot, on whatever machine. The page brings
 * them along, so that nothing moves after it is drawn. Names are "cameras.…" and "lanes.…".
 */
export class Arrangements implements Shelf {
  constructor(
    private readonly keeper: Keeper,
    private readonly userId: string | number,
    private readonly browser: Pick<Storage, "getItem">,
    private readonly now: () => number = Date.now,
  ) {}

  getItem(name: string): string | null {
    const kept = this.keeper.values.arrangements[name];
    if (kept) return JSON.stringify(kept.of);
    return this.browser.getItem(this.earlier(name));
  }

  setItem(name: string, text: string): void {
    const at = Math.floor(this.now() / 1000);
    const all = Object.entries(this.keeper.values.arrangements).filter(([other]) => other !== name);
    const age = ([, one]: [string, Arrangement]) => one.at;
    const oldest = all.sort((a, b) => age(b) - age(a)).slice(MOST - 1);
    const gone = oldest.map(([other]): [string, null] => [other, null]);
    const of: unknown = JSON.parse(text);
    this.keeper.keep({ arrangements: { ...Object.fromEntries(gone), [name]: { at, of } } });
  }

  /** The name under which a browser kept it before there was a server's place for it. */
  private earlier(name: string): string {
    const kind = name.slice(0, name.indexOf("."));
    return `touchline.${kind}.${this.userId}.${name.slice(kind.length + 1)}`;
  }
}
