import type { Kind, Label } from "./label";
import type { Ns } from "./time";

export interface Choice {
  readonly id: string;
  readonly name: string;
  readonly group: string;
}

export interface AttributeDefinition {
  readonly id: string;
  readonly name: string;
  readonly type: "choice" | "text" | "bool" | "number";
  readonly choices: readonly Choice[];
  readonly required: boolean;
}

export interface LabelClass {
  readonly id: string;
  readonly kind: Kind;
  readonly name: string;
  readonly description: string;
  readonly key: string;
  readonly color: string;
  readonly color_dark: string;
  readonly shape: string;
  readonly requires_effector: boolean;
  readonly requires_text: boolean;
  readonly exclusive: boolean;
  readonly tolerance_ns: Ns;
  readonly attributes: readonly AttributeDefinition[];
  /** A label of this class needs one of that class starting at or before it. */
  readonly follows?: string;
}

export interface SchemaRules {
  readonly outcome_required: boolean;
  readonly min_segment_ns: Ns;
  readonly max_text_words: number;
  readonly max_text_chars?: number;
  readonly max_labels: number;
}

export interface LabelSchema {
  readonly name: string;
  readonly version: number;
  readonly title: string;
  readonly effectors: readonly { readonly id: string; readonly name: string }[];
  readonly classes: readonly LabelClass[];
  readonly rules: SchemaRules;
}

export function classOf(schema: LabelSchema, id: string): LabelClass | undefined {
  return schema.classes.find((item) => item.id === id);
}

export function className(schema: LabelSchema, id: string): string {
  return classOf(schema, id)?.name ?? id;
}

export function effectorName(schema: LabelSchema, id: string): string {
  return schema.effectors.find((item) => item.id === id)?.name ?? id;
}

export function classesOfKind(schema: LabelSchema, kind: Kind): LabelClass[] {
  return schema.classes.filter((item) => item.kind === kind);
}

/** What a label says beside its class and time: its text, or its first chosen attribute. */
export function detailOf(schema: LabelSchema, label: Label): string {
  if (label.text) return label.text;
  const values = (classOf(schema, label.label_class)?.attributes ?? []).flatMap((attribute) => {
    const value = label.attributes[attribute.id];
    if (value === undefined || value === null || value === "") return [];
    if (attribute.type === "bool") return [value ? attribute.name : `not ${attribute.name}`];
    const choice = attribute.choices.find((item) => item.id === value);
    return [choice ? choice.name.toLowerCase() : String(value)];
  });
  return values.join(", ");
}
