import type { Label } from "./label";
import { classesOfKind, classOf, type LabelClass, type LabelSchema } from "./schema";
import type { Ns } from "./time";

/**
 * The contact that usually comes next: what the schema says follows the last one before the
 * playhead of that effector; at the beginning the first class that begins a chain.
 */
export function expectedClass(
  labels: readonly Label[],
  schema: LabelSchema,
  at: Ns,
  effector: string,
): LabelClass | null {
  const instants = classesOfKind(schema, "instant");
  const last = labels.findLast(
    (label) =>
      label.kind === "instant" &&
      label.start_ns !== null &&
      label.start_ns <= at &&
      (label.effector === effector || !label.effector) &&
      classOf(schema, label.label_class)?.next,
  );
  const next = last && classOf(schema, last.label_class)?.next;
  if (next) return classOf(schema, next) ?? null;
  return instants.find((known) => known.next) ?? null;
}
