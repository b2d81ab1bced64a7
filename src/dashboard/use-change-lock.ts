/** What a button that changes something has in a session that reads alone. */
import { mayChange } from "./session-state.ts";
import { useCell } from "./use-cell.ts";

/** Why nothing can be changed, for people. */
const READS_ONLY = "This session reads only: it was opened with the token for reading alone.";

interface ChangeLock {
  readonly disabled: boolean;
  readonly title: string | undefined;
}

export function useChangeLock(): ChangeLock {
  const isAllowed = useCell(mayChange);
  return { disabled: !isAllowed, title: isAllowed ? undefined : READS_ONLY };
}
