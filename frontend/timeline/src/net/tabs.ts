import type { Accepted } from "./savequeue";

const KEY = "touchline.client";
// The page that was here before a reload holds the name until the browser has taken it down.
const TAKEN_DOWN_MS = 1_000;
const lockName = (clientId: string) => `touchline.client.${clientId}`;

/** Resolves once it is known whether this tab holds the lock; holds it until `until` settles. */
function hold(clientId: string, until: Promise<void>): Promise<boolean> {
  const signal = AbortSignal.timeout(TAKEN_DOWN_MS);
  return new Promise((resolve) => {
    const held = navigator.locks.request(lockName(clientId), { signal }, () => {
      resolve(true);
      return until;
    });
    held.catch(() => resolve(false));
  });
}

/**
 * A name for this tab that outlives a reload. A duplicated tab inherits the session storage, so
 * the lock decides which of the two keeps the name.
 */
export async function claimClientId(until: Promise<void>): Promise<string> {
  let known: string | null = null;
  try {
    known = sessionStorage.getItem(KEY);
  } catch {
    return crypto.randomUUID();
  }
  if (known && (!navigator.locks || (await hold(known, until)))) return known;
  const fresh = crypto.randomUUID();
  sessionStorage.setItem(KEY, fresh);
  if (navigator.locks) await hold(fresh, until);
  return fresh;
}

/** Resolves once the editor that was in this tab before is gone, and its work is this page's to send. */
export async function editorTakenDown(): Promise<void> {
  try {
    const known = sessionStorage.getItem(KEY);
    const signal = AbortSignal.timeout(TAKEN_DOWN_MS);
    // Resolves when the lock is given back, too: who is asked for next is not told of it.
    if (known) await navigator.locks?.request(lockName(known), { signal }, () => {});
  } catch {
    // It stays, in another tab; or this tab can keep nothing, and its editor had no name.
  }
}

/** Works under the name of a tab that is gone; not at all when it is there after all. */
export async function whileHolding(clientId: string, work: () => Promise<void>): Promise<void> {
  if (!navigator.locks) return work();
  await navigator.locks.request(lockName(clientId), { ifAvailable: true }, (lock) =>
    lock ? work() : undefined,
  );
}

/** The tabs that are open now; null where the browser cannot tell. */
export async function livingClients(): Promise<ReadonlySet<string> | null> {
  if (!navigator.locks) return null;
  const { held = [] } = await navigator.locks.query();
  return new Set(held.flatMap(({ name }) => name?.split(lockName("")).slice(1) ?? []));
}

export type Said =
  | ({ readonly kind: "saved" } & Accepted)
  | { readonly kind: "submitted" }
  | { readonly kind: "who" | "here" };

/** Tabs of this browser that have the same label set open: what one saves, the others take in. */
export class SetChannel {
  private readonly channel: BroadcastChannel | null;
  private alone = true;

  constructor(
    setId: string,
    private readonly heard: (said: Said) => void,
    private readonly onCompany: () => void,
  ) {
    this.channel =
      typeof BroadcastChannel === "undefined"
        ? null
        : new BroadcastChannel(`touchline.set.${setId}`);
    if (this.channel) this.channel.onmessage = (event: MessageEvent<Said>) => this.take(event.data);
    this.say({ kind: "who" });
  }

  say(said: Said): void {
    this.channel?.postMessage(said);
  }

  close(): void {
    this.channel?.close();
  }

  private take(said: Said): void {
    if (said.kind === "who") this.say({ kind: "here" });
    if (this.alone) {
      this.alone = false;
      this.onCompany();
    }
    this.heard(said);
  }
}

/** What pages of this site tell each other: who is signed in, as each page finds it. */
export const SIGNED_IN = "touchline.signed-in";

export interface SignedIn {
  readonly userId: string;
}
