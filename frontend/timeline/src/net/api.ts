import type { Diff } from "../model/diff";
import type { Finding } from "../model/findings";
import type { Label } from "../model/label";
import type { EditorPayload, EditorUrls, Lease, SignalInfo, StreamInfo } from "./payload";

/** What the server says when it refuses, in the words it says it in. */
export interface Problem {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  readonly remedy: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface SaveRequest extends Diff {
  readonly base_revision: number;
  readonly request_id: string;
  readonly client_id: string;
}

/** `unreachable` may be tried again as it is; `refused` will be refused again. */
export type SaveAnswer =
  | { readonly kind: "saved"; readonly revision: number }
  | { readonly kind: "stale"; readonly revision: number; readonly labels: readonly Label[] }
  | {
      readonly kind: "lease_lost" | "frozen" | "signed_out" | "refused";
      readonly problem: Problem;
    }
  | { readonly kind: "unreachable" };

/** The episode that comes next, claimed with the submit: its page, and what the page carries. */
export interface NextEpisode {
  readonly url: string;
  readonly payload: EditorPayload;
}

/** What would probably come next, as far as it can be fetched ahead. Nothing is claimed by it. */
export interface Ahead {
  readonly episode: EditorPayload["episode"];
  readonly streams: readonly StreamInfo[];
  readonly signals: readonly SignalInfo[];
}

export interface Submitted {
  readonly state: string;
  readonly revision: number;
  readonly next_url: string | null;
  readonly queue_url: string;
  readonly next?: NextEpisode | null;
}

export type SubmitAnswer =
  | { readonly kind: "submitted"; readonly submitted: Submitted }
  | { readonly kind: "not_submittable"; readonly findings: readonly Finding[] }
  | { readonly kind: "stale"; readonly revision: number; readonly labels: readonly Label[] }
  | { readonly kind: "signed_out" | "refused"; readonly problem: Problem }
  | { readonly kind: "unreachable" };

export type HeartbeatAnswer =
  | { readonly kind: "held"; readonly lease: Lease & { readonly revision?: number } }
  | { readonly kind: "signed_out" | "lost"; readonly problem: Problem }
  | { readonly kind: "unreachable" };

export interface SetState {
  readonly revision: number;
  readonly state: "draft" | "submitted";
  readonly labels: readonly Label[];
}

export type Answer =
  | { readonly ok: true; readonly body: unknown }
  | { readonly ok: false; problem: Problem };

// A browser lets a page's last words outlive it only up to 64 kB.
const KEEPALIVE_CHARS = 30_000;
const TIMEOUT_MS = 20_000;
export const SIGN_IN_PAGE = "/login/";
const GONE_CODES = new Set(["lease_expired", "lease_lost"]);
// The work was this person's when the page opened: whoever is refused now is somebody else.
const STRANGER_CODES = new Set(["not_authenticated", "role_missing", "not_found"]);

export function isStranger(problem: Problem): boolean {
  return problem.status === 401 || STRANGER_CODES.has(problem.code);
}

function csrfToken(): string {
  return /(?:^|;\s*)csrftoken=([^;]+)/.exec(document.cookie)?.[1] ?? "";
}

/** Opens a page that claims an episode: sent as a form, since no link may claim anything. */
export function openByPost(url: string): void {
  const form = document.createElement("form");
  form.method = "post";
  form.action = url;
  const token = document.createElement("input");
  token.type = "hidden";
  token.name = "csrfmiddlewaretoken";
  token.value = csrfToken();
  form.append(token);
  document.body.append(form);
  form.submit();
}

async function problemOf(response: Response): Promise<Problem> {
  const body: unknown = await response.json().catch(() => ({}));
  const fields = (typeof body === "object" && body !== null ? body : {}) as Record<string, unknown>;
  const text = (name: string) => (typeof fields[name] === "string" ? fields[name] : "");
  return {
    status: response.status,
    code: text("code") || `http_${response.status}`,
    title: text("title") || response.statusText,
    detail: text("detail") || `The server answered ${response.status}.`,
    remedy: text("remedy"),
    fields,
  };
}

function attempt(method: string, url: string, text: string | null): Promise<Response> {
  return fetch(url, {
    method,
    body: text,
    credentials: "same-origin",
    keepalive: (text?.length ?? 0) < KEEPALIVE_CHARS,
    signal: AbortSignal.timeout(TIMEOUT_MS),
    headers: {
      Accept: "application/json",
      "Content-Type": "application/json",
      "X-CSRFToken": csrfToken(),
    },
  });
}

/** A refused token: it was renewed by a sign-in elsewhere, or its cookie has gone. */
const tokenRefused = (problem: Problem) =>
  problem.status === 403 && problem.detail.startsWith("CSRF");

/** Null when the server was not reached or was not itself: the request may be sent again. */
export async function send(method: string, url: string, body?: unknown): Promise<Answer | null> {
  const text = body === undefined ? null : JSON.stringify(body);
  try {
    for (let tries = 0; ; tries += 1) {
      const response = await attempt(method, url, text);
      if (response.status >= 500 || response.status === 429) return null;
      if (response.ok)
        return { ok: true, body: response.status === 204 ? null : await response.json() };
      const problem = await problemOf(response);
      if (!tokenRefused(problem) || tries > 0) return { ok: false, problem };
      // Any page with a form sets the cookie anew.
      await attempt("GET", SIGN_IN_PAGE, null);
    }
  } catch {
    return null;
  }
}

function staleness(problem: Problem) {
  const { revision, labels } = problem.fields as { revision: number; labels: Label[] };
  return { kind: "stale", revision, labels } as const;
}

export class EditorApi {
  constructor(private readonly urls: EditorUrls) {}

  async save(request: SaveRequest): Promise<SaveAnswer> {
    const answer = await send("PATCH", this.urls.save, request);
    if (!answer) return { kind: "unreachable" };
    if (answer.ok) return { kind: "saved", ...(answer.body as { revision: number }) };
    const { problem } = answer;
    if (problem.code === "stale_revision") return staleness(problem);
    if (GONE_CODES.has(problem.code)) return { kind: "lease_lost", problem };
    if (problem.code === "set_frozen") return { kind: "frozen", problem };
    return { kind: isStranger(problem) ? "signed_out" : "refused", problem };
  }

  /** Hands in, and claims and brings the next episode with the same answer. */
  async submit(baseRevision: number, requestId: string): Promise<SubmitAnswer> {
    const body = { base_revision: baseRevision, request_id: requestId, claim_next: true };
    const answer = await send("POST", this.urls.submit, body);
    if (!answer) return { kind: "unreachable" };
    if (answer.ok) return { kind: "submitted", submitted: answer.body as Submitted };
    const { problem } = answer;
    if (problem.code === "not_submittable" && Array.isArray(problem.fields.findings)) {
      return { kind: "not_submittable", findings: problem.fields.findings as Finding[] };
    }
    if (problem.code === "stale_revision") return staleness(problem);
    return { kind: isStranger(problem) ? "signed_out" : "refused", problem };
  }

  /** What the server holds of the set now; null when it cannot be had. */
  async stored(): Promise<SetState | null> {
    const answer = await send("GET", this.urls.save);
    return answer?.ok ? (answer.body as SetState) : null;
  }

  /** What would come after this episode; null when nothing would, or it cannot be had. */
  async ahead(): Promise<Ahead | null> {
    if (!this.urls.ahead) return null;
    const answer = await send("POST", this.urls.ahead);
    return answer?.ok ? (answer.body as Ahead | null) : null;
  }

  async heartbeat(): Promise<HeartbeatAnswer> {
    const answer = await send("POST", this.urls.heartbeat);
    if (!answer) return { kind: "unreachable" };
    if (answer.ok) return { kind: "held", lease: answer.body as Lease };
    return { kind: isStranger(answer.problem) ? "signed_out" : "lost", problem: answer.problem };
  }

  /** The episode becomes somebody else's; null when the server was not reached. */
  async skip(why: { readonly reason: string; readonly text: string }): Promise<Answer | null> {
    return this.urls.skip ? send("POST", this.urls.skip, why) : null;
  }

  async release(): Promise<boolean> {
    return (await send("POST", this.urls.release))?.ok ?? false;
  }
}
