import type { AttributeValue, Kind, Label } from "./label";
import type { Ns } from "./time";

export interface Choice {
  readonly id: string;
  readonly name: string;
  readonly group: string;
}

/** Another attribute of the class has one of these values; any value when there are none. */
export interface Condition {
  readonly attribute: string;
  readonly values: readonly AttributeValue[];
}

/**
 * Something that a label of the class says beside its time. What is left out says nothing: a
 * definition of the first version has none of the optional fields.
 */
export interface AttributeDefinition {
  readonly id: string;
  readonly name: string;
  readonly type: "choice" | "text" | "bool" | "number" | "time" | "point";
  readonly choices: readonly Choice[];
  readonly required: boolean;
  /** One value for each of these, under `<id>.<key>`. */
  readonly per?: "" | "camera" | "goal";
  readonly unit?: string;
  readonly minimum?: number | null;
  readonly maximum?: number | null;
  readonly required_when?: Condition | null;
  /** Unless it holds, the attribute is neither offered nor asked for. */
  readonly shown_when?: Condition | null;
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
  /** Segments of a lower level lie inside one of the next higher. */
  readonly level?: number;
  /** The class that usually comes after. */
  readonly next?: string;
  /** What an outcome says of the task's goals. */
  readonly goals?: "" | "all" | "some" | "none";
}

export interface SchemaRules {
  readonly outcome_required: boolean;
  readonly min_segment_ns: Ns;
  readonly max_text_words: number;
  readonly max_text_chars?: number;
  readonly max_labels: number;
  /** Whose grammar texts are checked by; nothing when empty. */
  readonly language?: string;
  readonly verbs?: readonly string[];
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

type Values = Readonly<Record<string, AttributeValue>>;

export function isBlank(value: AttributeValue | undefined): boolean {
  return value === undefined || value === null || value === "";
}

export function holds(condition: Condition, values: Values): boolean {
  const value = values[condition.attribute];
  if (value === undefined || isBlank(value)) return false;
  return condition.values.length === 0 || condition.values.includes(value);
}

export function isShown(attribute: AttributeDefinition, values: Values): boolean {
  return !attribute.shown_when || holds(attribute.shown_when, values);
}

/** Whether a label with these values needs one for this attribute. */
export function isAsked(attribute: AttributeDefinition, values: Values): boolean {
  const when = attribute.required_when;
  return (attribute.required || (when ? holds(when, values) : false)) && isShown(attribute, values);
}

/** The attribute whose value stands under the key: its id, or its id and what it is for. */
export function attributeFor(known: LabelClass, key: string): AttributeDefinition | undefined {
  const dot = key.indexOf(".");
  const own = dot < 0 ? key : key.slice(0, dot);
  const found = known.attributes.find((each) => each.id === (each.per ? own : key));
  return found?.per && (dot < 0 || dot === key.length - 1) ? undefined : found;
}

/** What a label says beside its class and time: its text, or what its attributes say. */
export function detailOf(schema: LabelSchema, label: Label): string {
  if (label.text) return label.text;
  const values = (classOf(schema, label.label_class)?.attributes ?? []).flatMap((attribute) => {
    const value = label.attributes[attribute.id];
    if (attribute.per || value === undefined || isBlank(value)) return [];
    if (attribute.type === "time") return [];
    if (attribute.type === "bool") return [value ? attribute.name : `not ${attribute.name}`];
    const choice = attribute.choices.find((item) => item.id === value);
    if (choice) return [choice.name.toLowerCase()];
    return [attribute.unit ? `${value} ${attribute.unit}` : String(value)];
  });
  return values.join(", ");
}
