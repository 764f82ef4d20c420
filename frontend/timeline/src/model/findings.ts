import document from "@labels/rules.json";
import type { Ns } from "./time";

/** One broken rule; label and time say where, null when it is about the whole set. */
export interface Finding {
  readonly code: string;
  readonly severity: "error" | "warning";
  readonly label_id: string | null;
  readonly at_ns: Ns | null;
  readonly message: string;
}

interface Rule {
  readonly code: string;
  readonly stage: string;
  readonly severity: string;
  readonly message: string;
}

const RULES = new Map<string, Rule & { rank: number }>(
  document.rules.map((rule, rank) => [rule.code, { ...rule, rank }]),
);

export const VOCABULARY = document.vocabulary;
export const CONSTANTS = document.constants;

export type Values = Readonly<Record<string, string | number>>;

/** Fills a rule's message in one pass, so that a value holding braces is left alone. */
export function finding(
  code: string,
  labelId: string | null,
  atNs: Ns | null,
  values: Values,
): Finding {
  const rule = RULES.get(code);
  if (!rule) throw new Error(`No rule ${code} in rules.json`);
  const message = rule.message.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name]));
  const severity = rule.severity === "warning" ? "warning" : "error";
  return { code, severity, label_id: labelId, at_ns: atNs, message };
}

/** Code point order, as Python sorts; `<` on strings would compare UTF-16 units. */
function compareText(a: string, b: string): number {
  const [left, right] = [Array.from(a), Array.from(b)];
  for (let i = 0; i < Math.min(left.length, right.length); i += 1) {
    const gap = left[i]!.codePointAt(0)! - right[i]!.codePointAt(0)!;
    if (gap !== 0) return gap;
  }
  return left.length - right.length;
}

const timeOrder = (a: Ns | null, b: Ns | null) => (a === b ? 0 : (a ?? Infinity) - (b ?? Infinity));
const rank = (code: string) => RULES.get(code)?.rank ?? 0;

export function sortFindings(findings: readonly Finding[]): Finding[] {
  return [...findings].sort(
    (a, b) =>
      timeOrder(a.at_ns, b.at_ns) ||
      rank(a.code) - rank(b.code) ||
      compareText(a.label_id ?? "", b.label_id ?? "") ||
      compareText(a.message, b.message),
  );
}

export function errorsOf(findings: readonly Finding[]): Finding[] {
  return findings.filter((item) => item.severity === "error");
}
