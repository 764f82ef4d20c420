/** The word that tells each name from the others: room in a row is short. */
export function shortOwners(names: readonly string[]): string[] {
  const words = names.map((name) => name.split(" "));
  const alone = (pick: (words: string[]) => string | undefined, i: number) =>
    words.filter((each) => pick(each) === pick(words[i]!)).length === 1;
  return names.map((name, i) => {
    if (alone((each) => each[0], i)) return words[i]![0]!;
    return alone((each) => each.at(-1), i) ? words[i]!.at(-1)! : name;
  });
}
