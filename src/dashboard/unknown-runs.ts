/** Where numbers over time are not known: the first and the last place of each run of null. */
export function unknownRuns(
  values: readonly (number | null)[],
): readonly (readonly [first: number, last: number])[] {
  const runs: [number, number][] = [];
  for (const [place, value] of values.entries()) {
    if (value !== null) continue;
    const run = runs.at(-1);
    if (run !== undefined && run[1] === place - 1) run[1] = place;
    else runs.push([place, place]);
  }
  return runs;
}
