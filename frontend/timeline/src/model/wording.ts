/*
 * What an instruction is usually called, from what was written before: the annotator's own
 * episodes, the project's, and the task's usual steps. Objects stand as numbers in braces, "lift
 * the {0}", so that one task's words serve the next.
 */

export interface Wording {
  /** Earlier episodes' instructions in their order, own ones first, the newest first. */
  readonly sequences: readonly (readonly string[])[];
  /** The task's usual steps. */
  readonly phrases: readonly string[];
  /** Single texts, the most used first, with their objects in them. */
  readonly vocabulary: readonly string[];
  /** What this episode's task is about. */
  readonly names: readonly string[];
}

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** Each name replaced by its number in braces; a longer one is looked for first. */
export function generalised(text: string, names: readonly string[]): string {
  const byName = new Map(
    [...names.entries()].reverse().map(([i, name]) => [name.toLowerCase(), i]),
  );
  if (byName.size === 0) return text;
  const longest = [...byName.keys()].sort((a, b) => b.length - a.length);
  const pattern = new RegExp(`\\b(${longest.map(escaped).join("|")})\\b`, "gi");
  return text.replace(pattern, (name) => `{${byName.get(name.toLowerCase())}}`);
}

/** The phrase about these things; null when it is about one more than there are. */
export function filled(phrase: string, names: readonly string[]): string | null {
  let whole = true;
  const text = phrase.replace(/\{(\d+)\}/g, (_, digits: string) => {
    const name = names[Number(digits)];
    if (name === undefined) whole = false;
    return name ?? "";
  });
  return whole ? text : null;
}

const START = "";

// An episode of one's own, of somebody else, and the task's usual steps; the newest a little more.
const PHRASES_WEIGHT = 0.9;

/** Each sequence with how much it counts. */
function weighted(of: Pick<Wording, "sequences" | "phrases">): [readonly string[], number][] {
  const earlier = of.sequences.map((each, i): [readonly string[], number] => [
    each,
    1 + 1 / (2 + i),
  ]);
  return [...earlier, [of.phrases, PHRASES_WEIGHT]];
}

/** What follows what, with how often. */
function followers({ sequences, phrases }: Wording): Map<string, Map<string, number>> {
  const found = new Map<string, Map<string, number>>();
  const count = (before: string, after: string, weight: number) => {
    const row = found.get(before) ?? new Map<string, number>();
    row.set(after, (row.get(after) ?? 0) + weight);
    found.set(before, row);
  };
  for (const [sequence, weight] of weighted({ sequences, phrases })) {
    for (const [i, text] of sequence.entries()) {
      count(i === 0 ? START : sequence[i - 1]!, text, weight);
    }
  }
  return found;
}

/** Texts for the instruction after `before` (null at the beginning), the likeliest first. */
export function suggestions(before: string | null, wording: Wording): string[] {
  const { names } = wording;
  const table = followers(wording);
  const row = table.get(before === null ? START : generalised(before, names));
  const likely = [...(row ?? [])].sort((a, b) => b[1] - a[1]).map(([phrase]) => phrase);
  const all = [...likely, ...wording.phrases, ...wording.sequences.flat()];
  const texts = all.map((phrase) => filled(phrase, names)).filter((text) => text !== null);
  const objects = names.map((name) => name.toLowerCase());
  const foreign = wording.vocabulary.map((text) => filled(generalised(text, objects), names));
  return [...new Set([...texts, ...foreign.filter((text) => text !== null)])];
}

/**
 * A text for each instruction that has none, in the order of time. A whole sequence of the same
 * length that agrees with what is written already is best; else each follows from the one before.
 */
export function texts(written: readonly string[], wording: Wording): string[] {
  const whole = sameLength(written, wording);
  if (whole) return written.map((text, i) => text || whole[i]!);
  const found: string[] = [];
  for (const text of written) {
    found.push(text || (suggestions(found.at(-1) ?? null, wording)[0] ?? ""));
  }
  return found;
}

function sameLength(written: readonly string[], wording: Wording): string[] | null {
  const { names, phrases, sequences } = wording;
  const counts = new Map<string, number>();
  const offer = (sequence: readonly string[], weight: number) => {
    if (sequence.length !== written.length) return;
    const said = sequence.map((phrase) => filled(phrase, names));
    if (said.some((text, i) => text === null || (written[i] && written[i] !== text))) return;
    const key = JSON.stringify(said);
    counts.set(key, (counts.get(key) ?? 0) + weight);
  };
  for (const [sequence, weight] of weighted({ sequences, phrases })) offer(sequence, weight);
  const best = [...counts].sort((a, b) => b[1] - a[1])[0];
  return best ? (JSON.parse(best[0]) as string[]) : null;
}

/** The texts that go with what is typed: those that begin so, then those where each word begins one. */
export function completions(typed: string, offered: readonly string[]): string[] {
  const wanted = typed.trim().toLowerCase();
  if (!wanted) return [...offered];
  const words = wanted.split(/\s+/);
  const lower = offered.map((text) => [text, text.toLowerCase()] as const);
  const begins = lower.filter(([, text]) => text.startsWith(wanted));
  const holds = lower.filter(
    ([, text]) =>
      !text.startsWith(wanted) && words.every((word) => ` ${text}`.includes(` ${word}`)),
  );
  return [...begins, ...holds]
    .map(([text]) => text)
    .filter((text) => text.toLowerCase() !== wanted);
}
