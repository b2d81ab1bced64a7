/** Something that the API answers, asked for again in intervals for as long as it is shown. */
import { useEffect, useState } from "preact/hooks";
import { ApiFault, askApi } from "./api-client.ts";

export interface Answered<Answer> {
  /** The latest; undefined: there is none yet. */
  readonly answer: Answer | undefined;
  /** Why the latest question was not answered. */
  readonly problem: string | undefined;
}

/**
 * @param path with its query; another one is asked at once, and what was answered is forgotten.
 * @param everyMs 0: once.
 * @param turn asked again at once when it is another.
 */
export function useAnswer<Answer>(path: string, everyMs: number, turn = 0): Answered<Answer> {
  const [state, setState] = useState<Answered<Answer> & { readonly path: string }>({
    path,
    answer: undefined,
    problem: undefined,
  });
  useEffect(() => {
    const ended = new AbortController();
    let timer: number | undefined;
    const ask = async (): Promise<void> => {
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
      if (everyMs > 0 && !ended.signal.aborted) timer = setTimeout(() => void ask(), everyMs);
    };
    void ask();
    return () => {
      ended.abort();
      clearTimeout(timer);
    };
  }, [path, everyMs, turn]);
  return state.path === path ? state : { answer: undefined, problem: undefined };
}
