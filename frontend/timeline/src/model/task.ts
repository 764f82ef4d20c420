/** What an episode's task says that labels are checked against, and completed from. */
export interface TaskFacts {
  readonly goals: readonly { readonly id: string; readonly text: string }[];
  /** The things the task is about, each by its full name; empty when not said. */
  readonly objects: readonly string[];
}

export const NOTHING_SAID: TaskFacts = { goals: [], objects: [] };
