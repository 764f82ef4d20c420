import type { Command, Context } from "./contract";

const talking = ({ session }: Context) => Boolean(session.payload.urls.comments);
const some = ({ session }: Context) => (session.snapshot().talk?.threads ?? []).length > 0;

export const COMMENTS: readonly Command[] = [
  {
    id: "comment.new",
    group: "Review",
    name: "Write a comment",
    keys: ["Ctrl+M"],
    undoable: false,
    when: talking,
    why: "There are no comments on this page.",
    run: ({ session }) => session.set({ composing: session.snapshot().composing + 1 }),
  },
  {
    id: "comment.next",
    group: "Review",
    name: "Next comment",
    keys: ["Alt+M"],
    undoable: false,
    when: some,
    why: "There are no comments to go through.",
    run: ({ session }) => session.talk?.go(1),
  },
  {
    id: "comment.previous",
    group: "Review",
    name: "Previous comment",
    keys: ["Alt+Shift+M"],
    undoable: false,
    when: some,
    why: "There are no comments to go through.",
    run: ({ session }) => session.talk?.go(-1),
  },
];
