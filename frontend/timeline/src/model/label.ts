import type { Ns } from "./time";

export type Kind = "instant" | "segment" | "span" | "outcome" | "tag";
export type Source = "human" | "proposal" | "physics";
export type AttributeValue = string | number | boolean | null;

/**
 * One label as it travels between editor and server. An instant has a start only; a segment or
 * span is half-open, [start_ns, end_ns); outcomes and tags are about the whole episode and have no
 * time. `uncertainty_ns` is half a range: the time lies within plus or minus so much.
 */
export interface Label {
  readonly id: string;
  readonly kind: Kind;
  readonly label_class: string;
  readonly start_ns: Ns | null;
  readonly end_ns: Ns | null;
  readonly effector: string;
  readonly text: string;
  readonly attributes: Readonly<Record<string, AttributeValue>>;
  readonly uncertainty_ns: Ns;
  readonly source: Source;
}

export interface RangeLabel extends Label {
  readonly start_ns: Ns;
  readonly end_ns: Ns;
}

/** Whether it is about the whole episode. */
export function isTimeless(label: Label): boolean {
  return label.kind === "outcome" || label.kind === "tag";
}

export function isRange(label: Label): label is RangeLabel {
  return label.start_ns !== null && label.end_ns !== null;
}

function sameAttributes(a: Label["attributes"], b: Label["attributes"]): boolean {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
}

export function sameLabel(a: Label | undefined, b: Label | undefined): boolean {
  if (a === b) return true;
  if (!a || !b) return false;
  return (
    a.id === b.id &&
    a.kind === b.kind &&
    a.label_class === b.label_class &&
    a.start_ns === b.start_ns &&
    a.end_ns === b.end_ns &&
    a.effector === b.effector &&
    a.text === b.text &&
    a.uncertainty_ns === b.uncertainty_ns &&
    a.source === b.source &&
    sameAttributes(a.attributes, b.attributes)
  );
}

/** Time order; outcomes, which have no time, come last. Ids break ties so that order is total. */
export function compareLabels(a: Label, b: Label): number {
  const start = (a.start_ns ?? Infinity) - (b.start_ns ?? Infinity);
  if (start < 0 || start > 0) return start;
  const end = (a.end_ns ?? a.start_ns ?? 0) - (b.end_ns ?? b.start_ns ?? 0);
  if (end !== 0) return end;
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}
