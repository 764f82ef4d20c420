import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const SRC = fileURLToPath(new URL("../../src/", import.meta.url));
const TEXT = String.raw`"((?:[^"\\]|\\.)*)"`;

export interface Spoken {
  readonly file: string;
  readonly text: string;
}

const files = readdirSync(SRC, { recursive: true, encoding: "utf8" })
  .filter((path) => /\.tsx?$/.test(path) && !path.startsWith("words/"))
  .map((path) => ({ path, code: readFileSync(SRC + path, "utf8") }));

export const sources = files;

function all(pattern: RegExp): { file: string; match: RegExpMatchArray }[] {
  return files.flatMap(({ path, code }) =>
    [...code.matchAll(pattern)].map((match) => ({ file: path, match })),
  );
}

const read = (literal: string | undefined) => JSON.parse(`"${literal}"`) as string;

/** Every sentence in a call of say, and every marked phrase. */
export function sentences(): Spoken[] {
  const call = new RegExp(String.raw`(?<![.\w])(?:say|phrase)\(\s*${TEXT}\s*[,)]`, "g");
  return all(call).map(({ file, match }) => ({ file, text: read(match[1]) }));
}

/** Every pair of a sayCount: the singular and the plural, which is the key. */
export function plurals(): (Spoken & { readonly one: string })[] {
  const call = new RegExp(String.raw`(?<![.\w])sayCount\([^"]*?${TEXT}\s*,\s*${TEXT}\s*[,)]`, "g");
  return all(call).map(({ file, match }) => ({ file, one: read(match[1]), text: read(match[2]) }));
}

/** Calls whose sentence this test cannot read: a variable, a template, two strings added. */
export function unreadable(): string[] {
  const imports = /import \{[^}]*\b(?:say|sayCount|phrase)\b[^}]*\} from "[./]*words"/;
  const users = new Set(files.filter(({ code }) => imports.test(code)).map(({ path }) => path));
  // A method of that name has its types written beside its arguments.
  const method = /^\w+\(\w+\??:/;
  const strange = all(/(?<![.\w])(?:say|phrase)\([^)]{0,80}/g)
    .filter(({ file }) => users.has(file))
    .map(({ file, match }) => ({ file, call: match[0] }))
    .filter(({ call }) => !/^\w+\(\s*"/.test(call) && !method.test(call))
    .map(({ file, call }) => `${file}: ${call}`);
  const counted = all(/(?<![.\w])sayCount\(/g).length - plurals().length;
  return counted === 0 ? strange : [...strange, `${counted} calls of sayCount`];
}

const BARE = [
  // Between two tags, and alone on a line between them.
  />[^<>{}=;()]*[A-Za-z]{3,}[^<>{}=;()]*<\//g,
  /^\s+[A-Z][a-z]+(?: [a-zA-Z,]+)+[.:]$/gm,
  // Where screen readers and pointers find words.
  /\b(?:aria-label|title|placeholder|alt)="[^"]*[A-Za-z][^"]*"/g,
  /\bannounce\(\s*["`][^"`$]*[A-Za-z]/g,
  /setAttribute\("(?:aria-label|title)", ["`]\w/g,
  /\b(?:textContent|title|ariaLabel) = "[^"]*[A-Za-z]/g,
  /\b(?:text|remedy): "[A-Z]/g,
];

/** Words that people would read and that no catalogue can reach. */
export function bare(): string[] {
  return BARE.flatMap((pattern) => all(pattern)).map(({ file, match }) => `${file}: ${match[0]}`);
}
