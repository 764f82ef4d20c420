/** Lower case, without accents: "Übergang" is found by "uber". */
const folded = (text: string) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

/** Where each word begins. */
function starts(text: string): Set<number> {
  return new Set([...text.matchAll(/(?<![\p{L}\p{N}])[\p{L}\p{N}]/gu)].map((found) => found.index));
}

/** Letters in order, each at the start of a word or right after the one before: "nf" in "next frame". */
function initials(word: string, text: string, begins: ReadonlySet<number>): boolean {
  const from = (letter: number, after: number): boolean => {
    if (letter === word.length) return true;
    for (let at = after; at < text.length; at += 1) {
      const fits = text[at] === word[letter] && (begins.has(at) || (letter > 0 && at === after));
      if (fits && from(letter + 1, at + 1)) return true;
    }
    return false;
  };
  return from(0, 0);
}

/** Letters in order, however far apart. */
function scattered(word: string, text: string): number | null {
  let at = -1;
  let first = -1;
  for (const letter of word) {
    at = text.indexOf(letter, at + 1);
    if (at < 0) return null;
    if (first < 0) first = at;
  }
  return at - first + 1;
}

function wordScore(word: string, text: string, begins: ReadonlySet<number>): number | null {
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
    if (begins.has(at)) return 4 - at / 1000;
  }
  if (initials(word, text, begins)) return 3;
  if (text.includes(word)) return 2;
  const span = word.length < 3 ? null : scattered(word, text);
  // A few letters left out or in between are a slip; more are another word.
  return span !== null && span <= word.length * 2 ? 1 - span / 1000 : null;
}

/** How well a text answers what was typed, higher is better; null when some word of it fits nowhere. */
export function score(query: string, text: string): number | null {
  const plain = folded(text);
  const begins = starts(plain);
  let sum = 0;
  for (const word of folded(query).split(/\s+/).filter(Boolean)) {
    const one = wordScore(word, plain, begins);
    if (one === null) return null;
    sum += one;
  }
  return sum;
}

/** Those that answer the query, best first; all in their own order when nothing was typed. */
export function ranked<T>(query: string, items: readonly T[], textOf: (item: T) => string): T[] {
  const scored = items.flatMap((item) => {
    const points = score(query, textOf(item));
    return points === null ? [] : [{ item, points }];
  });
  return scored.sort((a, b) => b.points - a.points).map(({ item }) => item);
}
