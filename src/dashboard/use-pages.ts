/** Rows of a long list of the API: the first page, more when they are scrolled to, and what is new. */
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { ApiFault, askApi } from "./api-client.ts";
import { createPacer, type Pacer } from "./pacer.ts";
import { type KeyOf, NO_ROWS, type Paged, withFirstPage, withNextPage } from "./paging.ts";

/** Rows of the first answer, which is waited for, and of the others, which are not. */
const FIRST_LIMIT = 200;
const NEXT_LIMIT = 1000;

/** How long (ms) the first page is not asked for again: a flood changes it all the time. */
const PAUSE_MS = 1000;

/** How long (ms) no further page is asked for after one that was not answered. */
const AFTER_FAULT_MS = 3000;

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

interface Asked {
  readonly isLoaded: boolean;
  readonly problem?: string | undefined;
}

/** @param of `keyOf` and `keep` must be the same functions all the time. */
export function usePages<Row, Kept>(of: PagesOf<Row, Kept>): Pages<Kept> {
  const { path, keyOf, keep, turn } = of;
  const search = new URLSearchParams(of.query).toString();
  const [paged, setPaged] = useState<Paged<Kept>>(NO_ROWS);
  const [asked, setAsked] = useState<Asked>({ isLoaded: false });
  /** Of the list that is shown: another query is another list. */
  const list = useRef<{ readonly pacer: Pacer; readonly ended: AbortController }>(undefined);
  const isAsking = useRef(false);
  const failedAtMs = useRef(Number.NEGATIVE_INFINITY);

  const ask = async (after: string | undefined, signal: AbortSignal): Promise<void> => {
    const limit = after === undefined ? FIRST_LIMIT : NEXT_LIMIT;
    const query = { ...Object.fromEntries(new URLSearchParams(search)), limit, after };
    try {
      const page = (await askApi<Row[]>(path, { query, signal })).map(keep);
      if (signal.aborted) return;
      const merge = after === undefined ? withFirstPage : withNextPage;
      setPaged((known) => merge(known, page, limit, keyOf));
      setAsked({ isLoaded: true });
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof ApiFault)) throw error;
      failedAtMs.current = performance.now();
      setAsked({ isLoaded: true, problem: error.message });
    }
  };

  useEffect(() => {
    const ended = new AbortController();
    const pacer = createPacer(() => ask(undefined, ended.signal), PAUSE_MS);
    list.current = { pacer, ended };
    isAsking.current = false;
    setPaged(NO_ROWS);
    setAsked({ isLoaded: false });
    pacer.want();
    return () => {
      pacer.stop();
      ended.abort();
    };
  }, [path, search, keyOf, keep]);
  useEffect(() => list.current?.pacer.want(), [turn]);

  const more = (): void => {
    const last = paged.rows.at(-1);
    const shown = list.current;
    if (isAsking.current || last === undefined || paged.isWhole || shown === undefined) return;
    if (performance.now() - failedAtMs.current < AFTER_FAULT_MS) return;
    isAsking.current = true;
    void ask(keyOf(last), shown.ended.signal).finally(() => {
      if (list.current === shown) isAsking.current = false;
    });
  };

  const drop = useCallback((isGone: (row: Kept) => boolean) => {
    setPaged((known) =>
      known.rows.some(isGone)
        ? { ...known, rows: known.rows.filter((row) => !isGone(row)) }
        : known,
    );
  }, []);

  return { ...paged, isLoaded: asked.isLoaded, problem: asked.problem, more, drop };
}
