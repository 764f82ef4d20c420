import { isRange, type Label, type RangeLabel } from "../model/label";
import { classOf } from "../model/schema";
import { suggestions, texts, type Wording } from "../model/wording";
import { say, sayCount } from "../words";
import type { EditorSession } from "./session";

/** What instructions and objects are called: from the task, and from what was written before. */
export class Words {
  private readonly wording: Wording;

  constructor(private readonly session: EditorSession) {
    const { payload } = session;
    this.wording = {
      sequences: payload.sequences ?? [],
      phrases: payload.episode.phrases ?? [],
      vocabulary: payload.vocabulary,
      names: payload.episode.names ?? [],
    };
  }

  private track(label: Label): RangeLabel[] {
    return this.session.history.timeline.track(label.label_class, label.effector);
  }

  /** What this instruction is likely called, the likeliest first. */
  for(label: Label): string[] {
    if (!isRange(label)) return suggestions(null, this.wording);
    const track = this.track(label);
    const place = track.findIndex((each) => each.id === label.id);
    const filled = texts(
      track.map((each) => (each.id === label.id ? "" : each.text)),
      this.wording,
    );
    const before = place > 0 ? track[place - 1]!.text || null : null;
    const first = place >= 0 ? filled[place] : undefined;
    // Where the one before has no text yet, what follows it cannot be told from it.
    const follow = suggestions(
      before ?? (place > 0 ? (filled[place - 1] ?? null) : null),
      this.wording,
    );
    return [...new Set([...(first ? [first] : []), ...follow])];
  }

  /** Names for the object of a contact: the task's things, then what was written in this episode. */
  get objects(): string[] {
    const written = this.session.history.timeline.labels.flatMap((label) => {
      const value = label.attributes.object;
      return typeof value === "string" && value ? [value] : [];
    });
    return [...new Set([...this.wording.names, ...written])];
  }

  /** Texts that an attribute had in this episode. */
  written(attribute: string): string[] {
    if (attribute === "object") return this.objects;
    const values = this.session.history.timeline.labels.map((label) => label.attributes[attribute]);
    return [
      ...new Set(values.filter((value) => typeof value === "string" && value !== "")),
    ] as string[];
  }

  /** Names every instruction that has no text yet, in one step. */
  fill(): void {
    const { session } = this;
    const { timeline } = session.history;
    const tracks = new Map<string, RangeLabel[]>();
    for (const label of timeline.labels) {
      if (!isRange(label) || !classOf(session.schema, label.label_class)?.requires_text) continue;
      const key = JSON.stringify([label.label_class, label.effector]);
      if (!tracks.has(key)) tracks.set(key, this.track(label));
    }
    const put = [...tracks.values()].flatMap((track) => {
      const named = texts(
        track.map((label) => label.text),
        this.wording,
      );
      return track.flatMap((label, i) =>
        label.text || !named[i] ? [] : [{ ...label, text: named[i] }],
      );
    });
    const name = sayCount(put.length, "Name {count} instruction", "Name {count} instructions");
    if (put.length === 0 || !session.perform(name, { put, remove: [] })) {
      session.announce(say("Nothing to name: every instruction has a text, or none is known"));
    }
  }
}
