import { VOCABULARY } from "./findings";

/*
 * What the words of an instruction leave open: the same word lists, rule by rule, as
 * annotation/labels/language.py; shared cases hold both to it.
 */

export interface Remark {
  readonly code: string;
  /** The word it is about; empty when about the whole text. */
  readonly word: string;
}

const DEICTIC = new Set([...VOCABULARY.deictic, ...VOCABULARY.vague_adverbs]);
const ALONE = new Set(VOCABULARY.verbs_alone);
const NO_OBJECT = new Set([...VOCABULARY.particles, ...DEICTIC]);
const ENDS = new Set([...VOCABULARY.particles, ...VOCABULARY.phrase_ends]);
const DETERMINERS = new Set(VOCABULARY.determiners);
const PARTS = new Set(VOCABULARY.parts);

function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[a-z']+/g) ?? [];
}

/** The words of a text that name neither object nor motion, in the order they come. */
export function vagueWords(text: string): string[] {
  const words = wordsOf(text);
  const opening = `${words.join(" ")} `;
  const verbs = VOCABULARY.vague_verbs.filter((verb) => opening.startsWith(`${verb} `));
  return [...verbs, ...new Set(words.filter((word) => DEICTIC.has(word)))];
}

// Texts hardly change while labels are moved about; two thousand of them are not read at each step.
const MOST_READ = 4_000;
let read = new Map<string, readonly Remark[]>();
let readFor = "";

/** What English grammar and the task's objects say of a text that is not blank. */
export function remarks(
  text: string,
  verbs: readonly string[],
  objects: readonly string[],
): readonly Remark[] {
  const setting = JSON.stringify([verbs, objects]);
  if (setting !== readFor || read.size > MOST_READ) read = new Map();
  readFor = setting;
  const known = read.get(text);
  if (known) return known;
  const words = wordsOf(text);
  const verbSet = new Set([...VOCABULARY.verbs, ...verbs]);
  const found = [
    ...thirdPerson(words),
    ...verbAndObject(words, verbSet),
    ...joined(words, verbSet),
    ...nouns(words, objects),
  ];
  read.set(text, found);
  return found;
}

type Verbs = ReadonlySet<string>;

/** How many words the verb there has: 0 when there is none. */
function verbAt(words: readonly string[], at: number, known: Verbs): number {
  const two = words.slice(at, at + 2);
  if (two.length === 2 && known.has(two.join(" "))) return 2;
  return known.has(words[at] ?? "") ? 1 : 0;
}

function thirdPerson(words: readonly string[]): Remark[] {
  const opening = `${words.join(" ")} `;
  const phrase = VOCABULARY.third_person.find((each) => opening.startsWith(`${each} `));
  return phrase ? [{ code: "text_third_person", word: phrase }] : [];
}

function verbAndObject(words: readonly string[], known: Verbs): Remark[] {
  for (const at of [0, 1]) {
    const length = verbAt(words, at, known);
    if (length === 0) continue;
    const verb = words.slice(at, at + length).join(" ");
    const after = words.slice(at + length);
    const named = after.some((word) => !NO_OBJECT.has(word) && !word.endsWith("ly"));
    return named || ALONE.has(verb) ? [] : [{ code: "text_no_object", word: verb }];
  }
  return [{ code: "text_no_verb", word: "" }];
}

function joined(words: readonly string[], known: Verbs): Remark[] {
  for (let at = 1; at < words.length; at += 1) {
    if (words[at] !== "and" && words[at] !== "then") continue;
    const after = words[at + 1] === "then" ? at + 2 : at + 1;
    const length = verbAt(words, after, known);
    if (length > 0) {
      return [{ code: "text_compound", word: words.slice(after, after + length).join(" ") }];
    }
  }
  return [];
}

function nouns(words: readonly string[], objects: readonly string[]): Remark[] {
  if (objects.length === 0) return [];
  const heads = objects.flatMap((each) => wordsOf(each).at(-1) ?? []).map(singular);
  const said = new Set<string>();
  return phrases(words).flatMap((phrase) => {
    const [name, last] = [phrase.join(" "), phrase.at(-1)!];
    if (said.has(name) || DEICTIC.has(last)) return [];
    said.add(name);
    const same = heads.filter((head) => head === singular(last)).length;
    if (same === 0 && !PARTS.has(last)) return [{ code: "text_object", word: name }];
    return phrase.length === 1 && same > 1 ? [{ code: "text_ambiguous", word: name }] : [];
  });
}

/** What stands after an article, up to the next particle. */
function phrases(words: readonly string[]): string[][] {
  const found: string[][] = [];
  for (let at = 0; at < words.length; ) {
    if (!DETERMINERS.has(words[at]!)) {
      at += 1;
      continue;
    }
    let end = at + 1;
    while (end < words.length && !ENDS.has(words[end]!) && !DETERMINERS.has(words[end]!)) end += 1;
    if (end > at + 1) found.push(words.slice(at + 1, end));
    at = end;
  }
  return found;
}

function singular(word: string): string {
  return word.length > 3 && word.endsWith("s") && !word.endsWith("ss") ? word.slice(0, -1) : word;
}
