/**
 * Rows of a long list of the API: the first page, more when they are scrolled to, and what is new.
 *
 * What was not answered is asked for again, in pauses that grow, and at once when the browser is told
 * that it has a network again: the stream of events may have never noticed.
 */
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { ApiFault, askApi } from "./api-client.ts";
import { pauseAfter } from "./connection.ts";
import { createPacer, type Pacer } from "./pacer.ts";
import { type KeyOf, NO_ROWS, type Paged, withFirstPage, withNextPage } from "./paging.ts";

/** Rows of the first answer, which is waited for, and of the others, which are not. */
const FIRST_LIMIT = 200;
const NEXT_LIMIT = 1000;

/** How long (ms) the first page is not asked for again: a flood changes it all the time. */
const PAUSE_MS = 1000;

/** How long (ms) no further page is asked for after one that was not answered. */
const AFTER_FAULT_MS = 3000;

type Query = Readonly<Record<string, string>>;

export interface PagesOf<Row, Kept> {
  readonly path: string;
  /** Names the list: another one is another list. */
  readonly query: Query;
  /** What the API is asked for then; a span of time goes back from now. Default: the same. */
  readonly asQuery?: (query: Query, nowMs: number) => Query;
  readonly keyOf: KeyOf<Kept>;
  /** What the API takes as `after` for what follows a row. */
  readonly cursorOf: (row: Kept) => string;
  /** What is kept of a row, made when it arrives. */
  readonly keep: (row: Row) => Kept;
  /** The first page is asked for again when it is another. */
  readonly turn: number;
}

export interface Pages<Kept> extends Paged<Kept> {
  readonly isLoaded: boolean;
  readonly problem: string | undefined;
  /** Asks again at once; undefined: the answer would be the same, or there is one. */
  readonly askNow: (() => void) | undefined;
  /** Asks for what follows, unless that is being done or there is none. */
  readonly more: () => void;
  /** Takes rows away that are known to be gone. */
  readonly drop: (isGone: (row: Kept) => boolean) => void;
}

interface Asked {
  readonly isLoaded: boolean;
  readonly problem?: string | undefined;
  readonly isRetried?: boolean;
}

/** The list that is shown: another query is another one. */
interface Shown {
  readonly pacer: Pacer;
  readonly ended: AbortController;
  /** What its first page was asked for with: the others are of the same span. */
  asked: Query;
  /** Questions in a row that were not answered. */
  faults: number;
  /** Asks again after them. */
  timer?: ReturnType<typeof setTimeout>;
}

/** @param of `keyOf`, `keep` and `asQuery` must be the same functions all the time. */
export function usePages<Row, Kept>(of: PagesOf<Row, Kept>): Pages<Kept> {
  const { path, keyOf, cursorOf, keep, turn, asQuery = itself } = of;
  const search = new URLSearchParams(of.query).toString();
  const [paged, setPaged] = useState<Paged<Kept>>(NO_ROWS);
  const [asked, setAsked] = useState<Asked>({ isLoaded: false });
  const list = useRef<Shown>(undefined);
  const isAsking = useRef(false);
  const failedAtMs = useRef(Number.NEGATIVE_INFINITY);

  const ask = async (after: string | undefined, of: Shown): Promise<void> => {
    const { signal } = of.ended;
    clearTimeout(of.timer);
    const limit = after === undefined ? FIRST_LIMIT : NEXT_LIMIT;
    if (after === undefined) {
      of.asked = asQuery(Object.fromEntries(new URLSearchParams(search)), Date.now());
    }
    const query = { ...of.asked, limit, after };
    try {
      const page = (await askApi<Row[]>(path, { query, signal })).map(keep);
      if (signal.aborted) return;
      const merge = after === undefined ? withFirstPage : withNextPage;
      setPaged((known) => merge(known, page, limit, keyOf));
      of.faults = 0;
      setAsked({ isLoaded: true });
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof ApiFault)) throw error;
      failedAtMs.current = performance.now();
      setAsked({ isLoaded: true, problem: error.message, isRetried: error.mayPass });
      if (!error.mayPass) return;
      of.timer = setTimeout(() => of.pacer.want(), pauseAfter(of.faults));
      of.faults += 1;
    }
  };

  useEffect(() => {
    const ended = new AbortController();
    const pacer = createPacer(() => ask(undefined, shown), PAUSE_MS);
    const shown: Shown = { pacer, ended, asked: {}, faults: 0 };
    list.current = shown;
    addEventListener("online", () => pacer.want(), { signal: ended.signal });
    isAsking.current = false;
    setPaged(NO_ROWS);
    setAsked({ isLoaded: false });
    pacer.want();
    return () => {
      clearTimeout(shown.timer);
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
    void ask(cursorOf(last), shown).finally(() => {
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

  const { isLoaded, problem, isRetried = false } = asked;
  const askNow = isRetried ? () => list.current?.pacer.want() : undefined;
  return { ...paged, isLoaded, problem, askNow, more, drop };
}

function itself(query: Query): Query {
  return query;
}
