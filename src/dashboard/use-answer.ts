/** Something that the API answers, asked for again in intervals for as long as somebody sees it. */
import { useEffect, useRef, useState } from "preact/hooks";
import { ApiFault, askApi } from "./api-client.ts";
import { createPacer, type Pacer } from "./pacer.ts";

export interface Answered<Answer> {
  /** The latest; undefined: there is none yet. */
  readonly answer: Answer | undefined;
  /** Why the latest question was not answered. */
  readonly problem: string | undefined;
}

/** How long (ms) it is not asked again, whatever happens. */
const PAUSE_MS = 1000;

/**
 * @param path with its query; another one is asked at once, and what was answered is forgotten.
 * @param everyMs between two questions.
 * @param turn asked again soon when it is another.
 */
export function useAnswer<Answer>(path: string, everyMs: number, turn = 0): Answered<Answer> {
  const [state, setState] = useState<Answered<Answer> & { readonly path: string }>({
    path,
    answer: undefined,
    problem: undefined,
  });
  const pacer = useRef<Pacer>(undefined);
  useEffect(() => {
    const ended = new AbortController();
    const asking = createPacer(async () => {
      try {
        const answer = await askApi<Answer>(path, { signal: ended.signal });
        setState({ path, answer, problem: undefined });
      } catch (error) {
        if (ended.signal.aborted) return;
        if (!(error instanceof ApiFault)) throw error;
        setState((before) => ({
          path,
          answer: before.path === path ? before.answer : undefined,
          problem: error.message,
        }));
      }
    }, PAUSE_MS);
    pacer.current = asking;
    let isDue = false;
    const askIfSeen = (): void => {
      isDue = document.hidden;
      if (!isDue) asking.want();
    };
    const onSeen = (): void => {
      if (isDue) askIfSeen();
    };
    document.addEventListener("visibilitychange", onSeen, { signal: ended.signal });
    addEventListener("online", askIfSeen, { signal: ended.signal });
    asking.want();
    const timer = setInterval(askIfSeen, everyMs);
    return () => {
      clearInterval(timer);
      asking.stop();
      ended.abort();
    };
  }, [path, everyMs]);
  useEffect(() => pacer.current?.want(), [turn]);
  return state.path === path ? state : { answer: undefined, problem: undefined };
}
