import type { Mark, Word } from "../model/review";
import type { Ns } from "../model/time";
import { type Problem, send } from "./api";

export interface NewVerdict {
  readonly annotation_set: string;
  readonly label_id: string | null;
  readonly at_ns: Ns | null;
  readonly verdict: Word;
  readonly comment: string;
  readonly supersedes: number | null;
  /** The same id again adds nothing. */
  readonly request_id: string;
}

export type VerdictAnswer =
  | { readonly kind: "kept"; readonly mark: Mark }
  | {
      readonly kind: "stale";
      readonly problem: Problem;
      readonly current: Pick<Mark, "id" | "verdict" | "comment" | "by"> | null;
    }
  | { readonly kind: "refused"; readonly problem: Problem }
  | { readonly kind: "unreachable" };

export async function sendVerdict(url: string, verdict: NewVerdict): Promise<VerdictAnswer> {
  const answer = await send("POST", url, verdict);
  if (!answer) return { kind: "unreachable" };
  if (answer.ok) return { kind: "kept", mark: answer.body as Mark };
  const { problem } = answer;
  if (problem.code !== "verdict_stale" || !("current" in problem.fields)) {
    return { kind: "refused", problem };
  }
  const { current, verdict: word, comment, by } = problem.fields;
  if (typeof current !== "number") return { kind: "stale", problem, current: null };
  return {
    kind: "stale",
    problem,
    current: { id: current, verdict: word as Word, comment: String(comment), by: String(by) },
  };
}

/** Null: begun. Without a problem the server was not reached. */
export async function beginConsensus(
  url: string,
  method: string,
  version: number,
  requestId: string,
): Promise<{ readonly problem: Problem | null } | null> {
  const answer = await send("POST", url, { method, version, request_id: requestId });
  if (!answer) return { problem: null };
  return answer.ok ? null : { problem: answer.problem };
}
