import { asFile, discardKeptWork, type KeptWork, sendKeptWork } from "./net/keptwork";
import { SIGNED_IN, type SignedIn } from "./net/tabs";

/*
 * What pages other than the editor have to do with unsaved work: they send it, list what could not
 * be sent, and let nobody sign out while there is any.
 */

const counted = (changes: number) => (changes === 1 ? "1 change" : `${changes} changes`);

function userId(): string | null {
  return document.querySelector<HTMLMetaElement>("meta[name=touchline-user]")?.content ?? null;
}

function element<K extends keyof HTMLElementTagNameMap>(
  name: K,
  className: string,
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(name);
  made.className = className;
  made.append(...children);
  return made;
}

function button(text: string, className: string, run: () => void): HTMLButtonElement {
  const made = element("button", className, text);
  made.type = "button";
  made.addEventListener("click", run);
  return made;
}

function save(work: KeptWork): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(asFile(work));
  link.download = `${work.draft.about.episode || "labels"}.json`;
  link.click();
  URL.revokeObjectURL(link.href);
}

/** Asks in place: the first press arms it, the second does it. */
function giveUp(work: KeptWork, done: () => void): HTMLButtonElement {
  const name = work.draft.about.episode;
  const made = button(`Give up ${counted(work.changes)}`, "btn btn-quiet", () => {
    if (made.dataset.armed) void discardKeptWork(work).then(done);
    made.dataset.armed = "yes";
    made.className = "btn btn-danger";
    made.textContent = `Really give up ${counted(work.changes)} on ${name}`;
  });
  return made;
}

function row(work: KeptWork, changed: () => void): HTMLElement {
  const { about, written_at: at } = work.draft;
  const when = new Date(at).toLocaleString([], { dateStyle: "medium", timeStyle: "short" });
  const open = element("a", "btn", `Open ${about.episode}`);
  open.href = about.url;
  const where = work.open ? "open in another tab, which sends it when it can" : `kept ${when}`;
  const what = element("span", "kept-work__what", element("strong", "", about.episode));
  what.append(` · ${about.project} · ${counted(work.changes)} · ${where}`);
  const file = button("Download", "btn btn-quiet", () => save(work));
  const tools = element("span", "kept-work__tools", open, file);
  if (!work.open) tools.append(giveUp(work, changed));
  return element("li", "kept-work__item", what, tools);
}

function list(kept: readonly KeptWork[], changed: () => void): HTMLUListElement {
  return element("ul", "kept-work", ...kept.map((work) => row(work, changed)));
}

/** On the page of one's own work: what waits in this browser. */
function showKept(place: HTMLElement, kept: readonly KeptWork[], again: () => void): void {
  const waiting = kept.filter((work) => !work.open);
  place.hidden = waiting.length === 0;
  if (waiting.length === 0) {
    place.replaceChildren();
    return;
  }
  const title = element("h2", "", "Kept in this browser, not on the server");
  const why = element(
    "p",
    "",
    "These changes could not be sent: the server was not reached, or the episode went to somebody else, was handed in, or has a conflict to settle. Opening it takes them up again.",
  );
  place.replaceChildren(title, why, list(waiting, again));
}

async function refuseSignOut(kept: readonly KeptWork[], form: HTMLFormElement): Promise<void> {
  const dialog = element("dialog", "kept-dialog");
  const title = element("h2", "", "Not signed out yet");
  title.id = "kept-dialog-title";
  dialog.setAttribute("aria-labelledby", title.id);
  const why = element(
    "p",
    "",
    "Work of yours is in this browser and not on the server. Open it so that it is saved, or download it and give it up here.",
  );
  const retry = () => {
    dialog.close();
    void signOut(form);
  };
  const again = button("Try again", "btn btn-primary", retry);
  const stay = button("Stay signed in", "btn", () => dialog.close());
  dialog.append(title, why, list(kept, retry), element("p", "kept-dialog__end", again, stay));
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

async function signOut(form: HTMLFormElement): Promise<void> {
  const user = userId();
  const kept = user ? await sendKeptWork(user).catch(() => []) : [];
  if (kept.length > 0) await refuseSignOut(kept, form);
  else form.submit();
}

export function watchKeptWork(): void {
  const user = userId();
  if (user && typeof BroadcastChannel !== "undefined") {
    // An editor that was signed out goes on as soon as its person is back.
    new BroadcastChannel(SIGNED_IN).postMessage({ userId: user } satisfies SignedIn);
  }
  document.addEventListener(
    "submit",
    (event) => {
      const form = event.target;
      if (!(form instanceof HTMLFormElement) || !form.matches("[data-sign-out]")) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      void signOut(form);
    },
    { capture: true },
  );
  // The editor sees to its own work.
  if (!user || document.getElementById("timeline-editor")) return;
  const place = document.querySelector<HTMLElement>("[data-kept-work]");
  const look = async () => {
    const kept = await sendKeptWork(user);
    if (place) showKept(place, kept, () => void look());
  };
  void look().catch(() => {});
}
