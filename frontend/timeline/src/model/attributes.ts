import { CONSTANTS, type Values } from "./findings";
import type { AttributeValue, Label } from "./label";
import { type AttributeDefinition, isAsked, isBlank, type LabelClass } from "./schema";
import type { TaskFacts } from "./task";
import { formatSeconds } from "./time";

/** A rule that a label breaks by what its attributes say or leave out. */
export interface Broken {
  readonly code: string;
  readonly values: Values;
}

const POINT = /^[0-9]{1,6},[0-9]{1,6}$/;

/** Whether a value is of the attribute's type. */
export function takes(attribute: AttributeDefinition, value: AttributeValue): boolean {
  if (attribute.type === "choice") return attribute.choices.some((choice) => choice.id === value);
  if (attribute.type === "text") return typeof value === "string";
  if (attribute.type === "bool") return typeof value === "boolean";
  if (attribute.type === "point") return typeof value === "string" && POINT.test(value);
  if (typeof value !== "number" || !Number.isFinite(value)) return false;
  return attribute.type === "number" || (Number.isInteger(value) && value >= 0);
}

/** Whether an attribute is said where it must be, and its numbers lie where they may. */
export function attributeBroken(label: Label, attribute: AttributeDefinition): Broken[] {
  const prefix = `${attribute.id}.`;
  const keys = attribute.per
    ? Object.keys(label.attributes).filter((key) => key.startsWith(prefix))
    : [attribute.id];
  const values = keys.map((key) => label.attributes[key]);
  const found = values.flatMap((value) =>
    typeof value === "number" ? outOfBounds(label, attribute, value) : [],
  );
  if (attribute.per !== "goal" && values.every(isBlank) && isAsked(attribute, label.attributes)) {
    found.push({ code: "attribute_missing", values: { attribute: attribute.name } });
  }
  return found;
}

function outOfBounds(label: Label, attribute: AttributeDefinition, value: number): Broken[] {
  if (attribute.type === "time") {
    const { start_ns: start, end_ns: end } = label;
    if (start === null || end === null || (start <= value && value <= end)) return [];
    const values = { attribute: attribute.name, at: formatSeconds(value) };
    return [{ code: "attribute_outside", values }];
  }
  const [low, high] = [attribute.minimum ?? null, attribute.maximum ?? null];
  if ((low === null || value >= low) && (high === null || value <= high)) return [];
  const values = { attribute: attribute.name, bounds: bounds(low, high) };
  return [{ code: "attribute_range", values }];
}

function bounds(low: number | null, high: number | null): string {
  if (low !== null && high !== null) return `from ${low} to ${high}`;
  return low !== null ? `${low} or more` : `${high} or less`;
}

/** The attribute of an outcome that has an answer for each goal. */
export function goalAttribute(known: LabelClass | undefined): AttributeDefinition | undefined {
  return known?.attributes.find((attribute) => attribute.per === "goal");
}

export const goalKey = (attribute: AttributeDefinition, goal: string) => `${attribute.id}.${goal}`;

/** Each goal of the task answered, and the answers in keeping with the outcome. */
export function goalsBroken(label: Label, known: LabelClass, task: TaskFacts): Broken[] {
  const asked = goalAttribute(known);
  if (!asked || task.goals.length === 0) return [];
  const answers = task.goals.map((goal) => label.attributes[goalKey(asked, goal.id)]);
  const found: Broken[] = [];
  if (isAsked(asked, label.attributes)) {
    task.goals.forEach((goal, i) => {
      if (isBlank(answers[i])) found.push({ code: "goal_missing", values: { goal: goal.text } });
    });
  }
  const total = answers.length;
  const met = answers.filter((answer) => answer === CONSTANTS.goal_met).length;
  const missed = answers.filter((answer) => answer === CONSTANTS.goal_not_met).length;
  const wrong = {
    "": false,
    all: missed > 0,
    some: met === total || missed === total,
    none: met > 0,
  }[known.goals ?? ""];
  if (wrong) found.push({ code: "goals_contradict", values: { met, total } });
  return found;
}
