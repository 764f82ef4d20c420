import type { LabelClass } from "../../model/schema";
import { translated } from "../../words";
import { ACCOUNT } from "./account";
import { CAMERAS } from "./cameras";
import { classCommand } from "./classes";
import { COMMENTS } from "./comments";
import { CONFLICTS } from "./conflicts";
import type { Command, Group } from "./contract";
import { EPISODE } from "./episode";
import { LABELS } from "./labels";
import { MARK } from "./mark";
import { PLAY } from "./play";
import { REVIEW } from "./review";
import { VIEW } from "./view";

export type { Command, Context, Group } from "./contract";
export { unavailable } from "./contract";

const BEFORE_CLASSES = PLAY;
const AFTER_CLASSES = [
  ...MARK,
  ...LABELS,
  ...CONFLICTS,
  ...VIEW,
  ...CAMERAS,
  ...REVIEW,
  ...COMMENTS,
  ...EPISODE,
  ...ACCOUNT,
];

/** In the order in which menus and sheets show them. */
export const GROUPS: readonly Group[] = [
  "Play",
  "Mark",
  "Outcome",
  "Labels",
  "View",
  "Review",
  "Episode",
];

/** What a catalogue has to have, apart from the names that schemas bring. */
export const VOCABULARY_OF_COMMANDS: readonly string[] = [
  ...GROUPS,
  ...[...BEFORE_CLASSES, ...AFTER_CLASSES].flatMap(({ name, why }) => [name, why ?? name]),
];

/** Every command of the editor: feeds the keyboard, the menu, the palette and the key sheet. */
export function commandTable(classes: readonly LabelClass[]): Command[] {
  const named = (command: Command) => ({ ...command, name: translated(command.name) });
  const own = classes.flatMap((known) => classCommand(known) ?? []);
  return [...BEFORE_CLASSES.map(named), ...own, ...AFTER_CLASSES.map(named)];
}
