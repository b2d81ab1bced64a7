/** Finds what a person may have meant by a name that does not exist. */

/** Further away than this a proposal is a guess, and a wrong proposal costs more than none. */
const MAX_DISTANCE = 3;

/**
 * @returns the known name with the fewest slips from `name`, whatever its case; the first of equal
 * ones; undefined when every one of them needs more than three slips, or more than half of `name`.
 */
export function nearestName(name: string, known: Iterable<string>): string | undefined {
  // A long name from a hostile or broken file must not cost quadratic time.
  if (name.length > 100) return undefined;
  const limit = Math.min(MAX_DISTANCE, Math.floor(name.length / 2));
  let nearest: string | undefined;
  let fewest = limit + 1;
  for (const candidate of known) {
    const slips = countSlips(name.toUpperCase(), candidate.toUpperCase());
    if (slips < fewest) {
      nearest = candidate;
      fewest = slips;
    }
  }
  return nearest;
}

/** Letters that were left out, added, changed, or swapped with the next one (Damerau, 1964). */
function countSlips(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const changed = a[row - 1] === b[column - 1] ? 0 : 1;
      let slips = Math.min(
        (last[column] as number) + 1,
        (current[column - 1] as number) + 1,
        (last[column - 1] as number) + changed,
      );
      const isSwap = a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (row > 1 && column > 1 && isSwap) {
        slips = Math.min(slips, (beforeLast[column - 2] as number) + 1);
      }
      current.push(slips);
    }
    beforeLast = last;
    last = current;
  }
  return last[b.length] as number;
}
