/** Which row of a list the keys are for, while rows come and go around it. Pure. */

export interface ActiveRow {
  readonly place: number;
  /** What was there; undefined: nobody has gone to a row yet, and the first one is it. */
  readonly key: string | undefined;
}

/**
 * Where it is now: at the row of its key, wherever that went; where it was, so at the next one or
 * else at the last, when the row is gone.
 * @returns -1 when there are no rows.
 */
export function placeOf<Row>(
  { place, key }: ActiveRow,
  rows: readonly Row[],
  keyOf: (row: Row) => string,
): number {
  const isThere = (row: Row | undefined): boolean => row !== undefined && keyOf(row) === key;
  if (key === undefined || isThere(rows[place])) return Math.min(place, rows.length - 1);
  const moved = rows.findIndex(isThere);
  return moved >= 0 ? moved : Math.min(place, rows.length - 1);
}
