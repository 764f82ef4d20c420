import type { LabelClass } from "../../model/schema";
import { say, within } from "../../words";
import { type Command, type Context, editable } from "./contract";

const upper = (key: string) => key.toUpperCase();

/** The commands that the label schema brings: a mark, a drawing key or an outcome for each class. */
export function classCommand(known: LabelClass): Command | null {
  const base = { id: `mark.${known.id}`, undoable: true, when: editable } as const;
  const name = within(known.name);
  if (known.kind === "instant") {
    const run = ({ marking }: Context) => marking.instant(known);
    const keys = known.key ? [known.key.length === 1 ? upper(known.key) : known.key] : [];
    return {
      snaps: true,
      ...base,
      group: "Mark",
      name: say("Mark {class}", { class: name }),
      keys,
      run,
    };
  }
  if (known.kind === "outcome") {
    const run = ({ marking }: Context) => marking.judging.outcome(known);
    const keys = known.key ? [`O ${upper(known.key)}`] : [];
    return { ...base, group: "Outcome", name: say("Outcome: {class}", { class: name }), keys, run };
  }
  if (known.kind === "tag") {
    const run = ({ marking }: Context) => marking.judging.tag(known);
    const keys = known.key ? [`O ${upper(known.key)}`] : [];
    return { ...base, group: "Outcome", name: say("Tag: {class}", { class: name }), keys, run };
  }
  return {
    ...base,
    group: "Mark",
    name: known.follows
      ? say("Draw {class}: hold, or press at both ends; with its failure selected, from its end", {
          class: name,
        })
      : say("Draw {class}: hold, or press at both ends", { class: name }),
    keys: known.key ? [known.key.length === 1 ? upper(known.key) : known.key] : [],
    run: ({ marking }) => marking.drawStart(known),
    release: ({ marking }) => marking.drawEnd(known),
  };
}
