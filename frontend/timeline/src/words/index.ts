/**
 * The editor's words in the person's language. The English sentence is the key, so that the code
 * reads as the page does; a catalogue gives the sentence in another language. Free of DOM and React.
 */
export type Sentence = string | { readonly one: string; readonly other: string };
export type Catalogue = Readonly<Record<string, Sentence>>;

/** The languages there are, by the names they give themselves. */
export const LANGUAGES = { en: "English", de: "Deutsch" } as const;
export type Language = keyof typeof LANGUAGES;

/** The names between braces: "Undo: {name}" has "name". */
type Holes<Text extends string> = Text extends `${string}{${infer Hole}}${infer Rest}`
  ? Hole | Holes<Rest>
  : never;
type Value = string | number;
type Values<Hole extends string> = Readonly<Record<Hole, Value>>;
type Rest<Hole extends string> = [Hole] extends [never] ? [] : [values: Values<Hole>];

const LOADERS: Readonly<Partial<Record<Language, () => Promise<{ default: Catalogue }>>>> = {
  de: () => import("./de.json"),
};

let catalogue: Catalogue = {};
let spoken: Language = "en";
let plurals = new Intl.PluralRules("en");

/** The language for a wish such as "de-AT"; English where there is no better one. */
export function languageFor(wish: string): Language {
  const base = wish.toLowerCase().split("-")[0] ?? "";
  return Object.hasOwn(LANGUAGES, base) ? (base as Language) : "en";
}

/** Loads a language's catalogue: what is said from then on is said in it. */
export async function speak(wish: string): Promise<Language> {
  const language = languageFor(wish);
  catalogue = (await LOADERS[language]?.())?.default ?? {};
  patterns = null;
  plurals = new Intl.PluralRules(language);
  spoken = language;
  return language;
}

export const language = (): Language => spoken;

/** Fills in one pass, so that a value holding braces is left alone. */
function fill(text: string, values: Readonly<Record<string, Value>>): string {
  return text.replace(/\{(\w+)\}/g, (hole, name: string) => String(values[name] ?? hole));
}

const plain = (sentence: Sentence | undefined) =>
  typeof sentence === "object" ? sentence.other : sentence;

/** A sentence in the person's language, with its values: say("Undo: {name}", { name }). */
export function say<const Text extends string>(text: Text, ...rest: Rest<Holes<Text>>): string {
  return fill(plain(catalogue[text]) ?? text, rest[0] ?? {});
}

/** A sentence about a number of things, which is its {count}: the plural form is the key. */
export function sayCount<const One extends string, const Other extends string>(
  count: number,
  one: One,
  other: Other,
  ...rest: Rest<Exclude<Holes<One> | Holes<Other>, "count">>
): string {
  const form = plurals.select(count) === "one" ? "one" : "other";
  const known = catalogue[other];
  const text = (typeof known === "object" ? known[form] : known) ?? (form === "one" ? one : other);
  return fill(text, { ...rest[0], count });
}

/** Marks a sentence that stands in a table, and is said with `translated` when it is shown. */
export const phrase = <const Text extends string>(text: Text): Text => text;

/** What a variable holds: a phrase of a table, or a class's own name, which stays as it is. */
export const translated = (text: string): string => plain(catalogue[text]) ?? text;

interface Pattern {
  readonly shape: RegExp;
  readonly text: string;
}

let patterns: readonly Pattern[] | null = null;

function patternsOf(entries: Catalogue): Pattern[] {
  const open = Object.entries(entries).filter(([key]) => /\{\w+\}/.test(key));
  // More words of its own first: it is the closer likeness.
  open.sort(([a], [b]) => b.replace(/\{\w+\}/g, "").length - a.replace(/\{\w+\}/g, "").length);
  return open.map(([key, sentence]) => {
    const quoted = key.replace(/[.*+?^$()|[\]\\]/g, "\\$&");
    const shape = new RegExp(`^${quoted.replace(/\{(\w+)\}/g, "(?<$1>.+?)")}$`, "su");
    return { shape, text: plain(sentence) ?? key };
  });
}

/** A finished sentence from a worker, the rules or the server, whose like the catalogue may have. */
export function reworded(text: string): string {
  if (catalogue[text] !== undefined) return translated(text);
  patterns ??= patternsOf(catalogue);
  for (const { shape, text: other } of patterns) {
    const values = shape.exec(text)?.groups;
    if (values) return fill(other, values);
  }
  return text;
}

/** A class's name inside a sentence: in lower case where the language has it so. */
export const within = (name: string): string => (spoken === "en" ? name.toLowerCase() : name);
