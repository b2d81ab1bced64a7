/**
 * A long list of which the page has only as much as was looked at, kept true while its head changes.
 *
 * Pure. The list is asked for in pages, each by the last entry of the one before; its first page is
 * asked for again when something has happened.
 */

export interface Paged<Row> {
  readonly rows: readonly Row[];
  /** There is no more behind them. */
  readonly isWhole: boolean;
}

export const NO_ROWS: Paged<never> = { rows: [], isWhole: false };

/** First pages for which there is room, whether somebody went to their end or not. */
export const ROOM_PAGES = 5;

/** Names what a row is, so that it is there once. */
export type KeyOf<Row> = (row: Row) => string;

/**
 * The first page as it is now, and what was known behind it.
 * @param limit how many were asked for: fewer came when there are no more.
 */
export function withFirstPage<Row>(
  known: Paged<Row>,
  page: readonly Row[],
  limit: number,
  keyOf: KeyOf<Row>,
): Paged<Row> {
  const last = page.at(-1);
  if (page.length < limit || last === undefined) return { rows: page, isWhole: true };
  const end = keyOf(last);
  const place = known.rows.findIndex((row) => keyOf(row) === end);
  // More may be new than a page has: what follows it is asked for when somebody goes there.
  if (place === -1) return { rows: page, isWhole: false };
  const inPage = new Set(page.map(keyOf));
  const behind = known.rows.slice(place + 1).filter((row) => !inPage.has(keyOf(row)));
  // What nobody has gone to must not be kept for as long as the page is open.
  const most = Math.max(known.rows.length, limit * ROOM_PAGES);
  const rows = [...page, ...behind];
  return { rows: rows.slice(0, most), isWhole: known.isWhole && rows.length <= most };
}

/** What follows the rows that are known. */
export function withNextPage<Row>(
  known: Paged<Row>,
  page: readonly Row[],
  limit: number,
  keyOf: KeyOf<Row>,
): Paged<Row> {
  const inKnown = new Set(known.rows.map(keyOf));
  const fresh = page.filter((row) => !inKnown.has(keyOf(row)));
  return { rows: [...known.rows, ...fresh], isWhole: page.length < limit };
}
