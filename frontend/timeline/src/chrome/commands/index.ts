import type { LabelClass } from "../../model/schema";
import { CAMERAS } from "./cameras";
import { classCommand } from "./classes";
import type { Command } from "./contract";
import { EPISODE } from "./episode";
import { LABELS } from "./labels";
import { MARK } from "./mark";
import { PLAY } from "./play";
import { REVIEW } from "./review";
import { VIEW } from "./view";

export type { Command, Context, Group } from "./contract";

/** Every command of the editor: feeds the keyboard, the palette and the key sheet. */
export function commandTable(classes: readonly LabelClass[]): Command[] {
  const own = classes.flatMap((known) => classCommand(known) ?? []);
  return [...PLAY, ...own, ...MARK, ...LABELS, ...VIEW, ...CAMERAS, ...REVIEW, ...EPISODE];
}
