import { signOut } from "../signingout";
import type { Command } from "./contract";

export const ACCOUNT: readonly Command[] = [
  {
    id: "account.signout",
    group: "Episode",
    name: "Sign out",
    keys: ["Ctrl+Alt+Q"],
    undoable: false,
    run: ({ session, saving }) => void signOut(session, saving),
  },
];
