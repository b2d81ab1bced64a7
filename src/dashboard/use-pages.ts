/** Rows of a long list of the API: the first page, more when they are scrolled to, and what is new. */
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { ApiFault, askApi } from "./api-client.ts";
import { type KeyOf, NO_ROWS, type Paged, withFirstPage, withNextPage } from "./paging.ts";

/** Rows of the first answer, which is waited for, and of the others, which are not. */
const FIRST_LIMIT = 200;
const NEXT_LIMIT = 1000;

/** How long (ms) the first page is not asked for again: a flood changes it all the time. */
const PAUSE_MS = 1000;

export interface PagesOf<Row, Kept> {
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly keyOf: KeyOf<Kept>;
  /** What is kept of a row, made when it arrives. */
  readonly keep: (row: Row) => Kept;
  /** The first page is asked for again when it is another. */
  readonly turn: number;
}

export interface Pages<Kept> extends Paged<Kept> {
  readonly isLoaded: boolean;
  readonly problem: string | undefined;
  /** Asks for what follows, unless that is being done or there is none. */
  readonly more: () => void;
  /** Takes rows away that are known to be gone. */
  readonly drop: (isGone: (row: Kept) => boolean) => void;
}

/** @param of `keyOf` and `keep` must be the same functions all the time. */
export function usePages<Row, Kept>(of: PagesOf<Row, Kept>): Pages<Kept> {
  const { path, keyOf, keep, turn } = of;
  const search = new URLSearchParams(of.query).toString();
  const [paged, setPaged] = useState<Paged<Kept>>(NO_ROWS);
  const [state, setState] = useState<{ isLoaded: boolean; problem?: string | undefined }>({
    isLoaded: false,
  });
  const isAsking = useRef(false);

  const ask = useCallback(
    async (after: string | undefined, signal: AbortSignal | undefined): Promise<void> => {
      try {
        const limit = after === undefined ? FIRST_LIMIT : NEXT_LIMIT;
        const query = { ...Object.fromEntries(new URLSearchParams(search)), limit, after };
        const page = await askApi<Row[]>(path, { query, ...(signal && { signal }) });
        const kept = page.map(keep);
        const merge = after === undefined ? withFirstPage : withNextPage;
        setPaged((known) => merge(known, kept, limit, keyOf));
        setState({ isLoaded: true });
      } catch (error) {
        if (signal?.aborted) return;
        if (!(error instanceof ApiFault)) throw error;
        setState({ isLoaded: true, problem: error.message });
      }
    },
    [path, search, keyOf, keep],
  );

  useEffect(() => {
    setPaged(NO_ROWS);
    setState({ isLoaded: false });
  }, [path, search]);

  const askedAtMs = useRef(Number.NEGATIVE_INFINITY);
  useEffect(() => {
    const ended = new AbortController();
    const waitMs = turn === 0 ? 0 : Math.max(0, askedAtMs.current + PAUSE_MS - performance.now());
    const timer = setTimeout(() => {
      askedAtMs.current = performance.now();
      void ask(undefined, ended.signal);
    }, waitMs);
    return () => {
      clearTimeout(timer);
      ended.abort();
    };
  }, [ask, turn]);

  const last = paged.rows.at(-1);
  const more = useCallback(() => {
    if (isAsking.current || last === undefined || paged.isWhole) return;
    isAsking.current = true;
    void ask(keyOf(last), undefined).finally(() => {
      isAsking.current = false;
    });
  }, [ask, last, paged.isWhole]);

  const drop = useCallback((isGone: (row: Kept) => boolean) => {
    setPaged((known) =>
      known.rows.some(isGone)
        ? { ...known, rows: known.rows.filter((row) => !isGone(row)) }
        : known,
    );
  }, []);

  return { ...paged, isLoaded: state.isLoaded, problem: state.problem, more, drop };
}
