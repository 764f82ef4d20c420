import type { Command, Context } from "./contract";

const contested = ({ saving }: Context) => saving.contested !== null;

const settling = {
  group: "Labels",
  undoable: true,
  when: contested,
  why: "Nothing was changed elsewhere as well.",
} as const;

/** Labels that were changed on two sides: each is gone to and settled by key, and undo opens it again. */
export const CONFLICTS: readonly Command[] = [
  {
    ...settling,
    id: "conflict.next",
    name: "Next label changed here and elsewhere",
    keys: ["U N"],
    undoable: false,
    run: ({ saving }) => saving.nextConflict(),
  },
  {
    ...settling,
    id: "conflict.mine",
    name: "Changed on both sides: keep mine",
    keys: ["U M"],
    run: ({ saving }) => saving.settle("mine"),
  },
  {
    ...settling,
    id: "conflict.theirs",
    name: "Changed on both sides: keep theirs",
    keys: ["U T"],
    run: ({ saving }) => saving.settle("theirs"),
  },
  {
    ...settling,
    id: "conflict.both",
    name: "Changed on both sides: keep both",
    keys: ["U B"],
    run: ({ saving }) => saving.settle("both"),
  },
];
