import { attributeBroken, goalsBroken, takes } from "./attributes";
import { CONSTANTS, type Finding, finding, sortFindings, type Values } from "./findings";
import { isRange, type Label, type RangeLabel } from "./label";
import { remarks, vagueWords } from "./language";
import {
  attributeFor,
  classesOfKind,
  classOf,
  isBlank,
  type LabelClass,
  type LabelSchema,
} from "./schema";
import { NOTHING_SAID, type TaskFacts } from "./task";
import { formatSeconds, type Ns } from "./time";

const MAX_TEXT_CHARS = 500;

/** What makes these labels unfit to be stored at all. */
export function validateSave(
  labels: readonly Label[],
  schema: LabelSchema,
  durationNs: Ns,
): Finding[] {
  return sortFindings(new Check(labels, schema, durationNs).save());
}

/** What keeps this set from being handed in: the save rules, completeness, and warnings. */
export function validateSubmit(
  labels: readonly Label[],
  schema: LabelSchema,
  durationNs: Ns,
  task: TaskFacts = NOTHING_SAID,
): Finding[] {
  const check = new Check(labels, schema, durationNs, task);
  return sortFindings([...check.save(), ...check.submit()]);
}

const whole = (time: Ns | null): Ns | null => (Number.isInteger(time) ? time : null);

/** The same checks, rule by rule, as annotation/labels/validation.py; shared cases hold both to it. */
class Check {
  // By object, not by id: ids may be doubled.
  private readonly unsound = new Set<Label>();

  constructor(
    private readonly labels: readonly Label[],
    private readonly schema: LabelSchema,
    private readonly durationNs: Ns,
    private readonly task: TaskFacts = NOTHING_SAID,
  ) {}

  private about(label: Label, code: string, values: Values = {}): Finding {
    const named = { label: this.naming(label), ...values };
    return finding(code, label.id, whole(label.start_ns), named);
  }

  private naming(label: Label): string {
    const known = classOf(this.schema, label.label_class);
    const name = known && known.kind === label.kind ? known.name : label.label_class;
    const at = whole(label.start_ns);
    return at === null ? name : `${name} at ${formatSeconds(at)} s`;
  }

  save(): Finding[] {
    const found: Finding[] = [];
    const count = this.labels.length;
    const max = this.schema.rules.max_labels;
    if (count > max) found.push(finding("too_many_labels", null, null, { count, max }));
    const seen = new Set<string>();
    for (const label of this.labels) {
      const own = this.saveLabel(label);
      if (seen.has(label.id)) own.push(this.about(label, "label_duplicate_id"));
      seen.add(label.id);
      if (own.length > 0) this.unsound.add(label);
      found.push(...own);
    }
    return found;
  }

  private saveLabel(label: Label): Finding[] {
    const schema = this.schema.name;
    const known = classOf(this.schema, label.label_class);
    if (!known) return [this.about(label, "label_unknown_class", { schema })];
    if (known.kind !== label.kind) {
      const kinds = { expected: known.kind, actual: label.kind };
      return [this.about(label, "label_kind_mismatch", kinds)];
    }
    const found = this.shape(label);
    if (found.length === 0) found.push(...this.place(label));
    const { effector } = label;
    if (effector && !this.schema.effectors.some((item) => item.id === effector)) {
      found.push(this.about(label, "effector_unknown", { effector, schema }));
    }
    found.push(...this.attributeValues(label, known));
    const max = this.schema.rules.max_text_chars ?? MAX_TEXT_CHARS;
    const count = Array.from(label.text).length;
    if (count > max) found.push(this.about(label, "text_too_long", { count, max }));
    return found;
  }

  /** Which times are there at all. */
  private shape(label: Label): Finding[] {
    const { kind, start_ns: start, end_ns: end } = label;
    if (kind === "outcome" || kind === "tag") {
      return start !== null || end !== null ? [this.about(label, `${kind}_has_time`)] : [];
    }
    const found: Finding[] = [];
    const times = { start, end };
    for (const which of ["start", "end"] as const) {
      const time = times[which];
      if (time !== null && !Number.isInteger(time)) {
        found.push(this.about(label, "label_time_not_integer", { which }));
      }
    }
    for (const which of kind === "instant" ? (["start"] as const) : (["start", "end"] as const)) {
      if (times[which] === null) found.push(this.about(label, "label_time_missing", { which }));
    }
    if (kind === "instant" && whole(end) !== null) found.push(this.about(label, "instant_has_end"));
    return found;
  }

  /** Where the times lie; only for labels whose shape is right. */
  private place(label: Label): Finding[] {
    const { start_ns: start, end_ns: end } = label;
    if (start === null) return [];
    const found: Finding[] = [];
    if (start < 0) found.push(this.about(label, "label_before_start"));
    if (end !== null && end <= start) {
      found.push(this.about(label, "label_end_before_start", { end: formatSeconds(end) }));
    }
    if (start >= this.durationNs || (end ?? 0) > this.durationNs) {
      const values = { end: formatSeconds(this.durationNs) };
      found.push(this.about(label, "label_beyond_end", values));
    }
    return found;
  }

  private attributeValues(label: Label, known: LabelClass): Finding[] {
    return Object.entries(label.attributes).flatMap(([id, value]) => {
      const attribute = attributeFor(known, id);
      if (!attribute) return [this.about(label, "attribute_unknown", { attribute: id })];
      if (isBlank(value) || takes(attribute, value)) return [];
      return [this.about(label, "attribute_value", { attribute: attribute.name })];
    });
  }

  /** Run after save(), which tells the sound labels. */
  submit(): Finding[] {
    const sound = this.labels
      .filter((label) => !this.unsound.has(label))
      .sort(
        (a, b) =>
          (a.start_ns ?? 0) - (b.start_ns ?? 0) ||
          (a.end_ns ?? 0) - (b.end_ns ?? 0) ||
          (a.id < b.id ? -1 : 1),
      );
    return [
      ...this.outcomes(),
      ...sound.flatMap((label) => this.completeness(label)),
      ...this.tracks(sound),
      ...this.levels(sound),
      ...this.order(sound),
      ...this.repeats(sound),
      ...this.tags(sound),
    ];
  }

  private outcomes(): Finding[] {
    const count = this.labels.filter((label) => label.kind === "outcome").length;
    if (count > 1) return [finding("outcome_multiple", null, null, { count })];
    if (count === 0 && this.schema.rules.outcome_required) {
      return [finding("outcome_missing", null, null, {})];
    }
    return [];
  }

  private completeness(label: Label): Finding[] {
    const known = classOf(this.schema, label.label_class)!;
    const found: Finding[] = [];
    if (known.requires_effector && !label.effector)
      found.push(this.about(label, "effector_missing"));
    if (label.source === "proposal") found.push(this.about(label, "proposal_open"));
    const broken = known.attributes.flatMap((attribute) => attributeBroken(label, attribute));
    for (const { code, values } of [...broken, ...goalsBroken(label, known, this.task)]) {
      found.push(this.about(label, code, values));
    }
    if (known.requires_text) found.push(...this.wording(label));
    if (label.kind === "segment" && label.start_ns !== null && label.end_ns !== null) {
      const length = label.end_ns - label.start_ns;
      const min = this.schema.rules.min_segment_ns;
      if (length < min) {
        const values = { length: formatSeconds(length), min: formatSeconds(min) };
        found.push(this.about(label, "segment_too_short", values));
      }
    }
    return found;
  }

  private wording(label: Label): Finding[] {
    const count = label.text.split(/[ \t\n\r]+/).filter(Boolean).length;
    if (count === 0) return [this.about(label, "text_missing")];
    const found = vagueWords(label.text).map((word) => this.about(label, "text_vague", { word }));
    const { language, verbs, max_text_words: max } = this.schema.rules;
    if (language === "en") {
      for (const { code, word } of remarks(label.text, verbs ?? [], this.task.objects)) {
        found.push(this.about(label, code, { word }));
      }
    }
    const min = CONSTANTS.min_text_words;
    if (count < min || count > max) {
      found.push(this.about(label, "text_words", { count, min, max }));
    }
    return found;
  }

  private tags(sound: readonly Label[]): Finding[] {
    const seen = new Set<string>();
    return sound.flatMap((label) => {
      if (label.kind !== "tag") return [];
      const twice = seen.has(label.label_class);
      seen.add(label.label_class);
      return twice ? [this.about(label, "tag_twice")] : [];
    });
  }

  /** A segment lies inside one of the next higher level, where its effector has any. */
  private levels(sound: readonly Label[]): Finding[] {
    const byLevel = new Map<number, RangeLabel[]>();
    for (const label of sound) {
      if (label.kind !== "segment" || !isRange(label)) continue;
      const level = classOf(this.schema, label.label_class)?.level ?? 0;
      const own = byLevel.get(level);
      if (own) own.push(label);
      else byLevel.set(level, [label]);
    }
    const levels = [...byLevel.keys()].sort((a, b) => a - b);
    return levels.flatMap((level, i) => {
      const above = byLevel.get(levels[i + 1] ?? Number.NaN) ?? [];
      if (above.length === 0) return [];
      return byLevel.get(level)!.flatMap((label) => {
        const cut = above.find((other) => crosses(label, other));
        return cut ? [this.about(label, "segment_crosses", { other: this.naming(cut) })] : [];
      });
    });
  }

  private tracks(sound: readonly Label[]): Finding[] {
    const segments = sound.filter((label) => label.kind === "segment");
    if (segments.length === 0) {
      const wanted = classesOfKind(this.schema, "segment").length > 0;
      return wanted ? [finding("segments_none", null, null, {})] : [];
    }
    const byTrack = new Map<string, Label[]>();
    for (const label of segments) {
      if (!classOf(this.schema, label.label_class)?.exclusive) continue;
      const key = JSON.stringify([label.label_class, label.effector]);
      byTrack.set(key, [...(byTrack.get(key) ?? []), label]);
    }
    return [...byTrack.values()].flatMap((track) => this.track(track));
  }

  /** Overlaps and gaps of one exclusive track, its segments in time order. */
  private track(segments: readonly Label[]): Finding[] {
    const first = segments[0]!;
    const effector = this.schema.effectors.find((item) => item.id === first.effector);
    const track = `${classOf(this.schema, first.label_class)?.name}${effector ? ` (${effector.name})` : ""}`;
    const gap = (start: Ns, end: Ns) =>
      finding("segment_gap", null, start, {
        track,
        start: formatSeconds(start),
        end: formatSeconds(end),
      });
    const found: Finding[] = [];
    const edge = this.schema.rules.min_segment_ns;
    let reach = 0;
    let furthest = first;
    for (const label of segments) {
      const start = label.start_ns ?? 0;
      if (label !== first && start < reach) {
        const values = { other: this.naming(furthest), end: formatSeconds(reach) };
        found.push(this.about(label, "segment_overlap", values));
      } else if (start - reach >= (label === first ? edge : 1)) found.push(gap(reach, start));
      if ((label.end_ns ?? 0) > reach) {
        reach = label.end_ns ?? 0;
        furthest = label;
      }
    }
    if (this.durationNs - reach >= edge) found.push(gap(reach, this.durationNs));
    return found;
  }

  private order(sound: readonly Label[]): Finding[] {
    const earliest = new Map<string, Ns>();
    for (const { label_class, start_ns } of sound) {
      if (start_ns !== null && !earliest.has(label_class)) earliest.set(label_class, start_ns);
    }
    return sound.flatMap((label) => {
      const needed = classOf(this.schema, label.label_class)?.follows;
      if (!needed || label.start_ns === null) return [];
      if ((earliest.get(needed) ?? Infinity) <= label.start_ns) return [];
      const other = classOf(this.schema, needed)?.name ?? needed;
      return [this.about(label, "recovery_before_failure", { other })];
    });
  }

  private repeats(sound: readonly Label[]): Finding[] {
    const last = new Map<string, Ns>();
    return sound.flatMap((label) => {
      if (label.kind !== "instant" || label.start_ns === null) return [];
      const key = JSON.stringify([label.label_class, label.effector]);
      const before = last.get(key);
      last.set(key, label.start_ns);
      if (before === undefined || label.start_ns - before > CONSTANTS.duplicate_ns) return [];
      return [this.about(label, "contact_duplicate", { other: formatSeconds(before) })];
    });
  }
}

/** Whether they overlap without one being inside the other; of two hands, never. */
function crosses(label: RangeLabel, above: RangeLabel): boolean {
  if (label.effector && above.effector && label.effector !== above.effector) return false;
  const overlap = label.start_ns < above.end_ns && above.start_ns < label.end_ns;
  return overlap && !(above.start_ns <= label.start_ns && label.end_ns <= above.end_ns);
}
