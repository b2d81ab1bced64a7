/**
 * Holds the stream of events open, as long as there is a session and somebody sees the page, and
 * opens it again when it fails.
 *
 * A stream that fails says nothing of why. So the guard is asked once more in plain words: whether
 * it wants the token, is not there, or has no place left.
 */
import type { LiveEvent } from "../api/contract.ts";
import { ApiFault } from "./api-client.ts";
import type { Cell } from "./cell.ts";
import * as connections from "./connection.ts";

/** Nothing is told any more after it was closed. */
export interface Stream {
  close(): void;
}

export interface ListenerModules {
  readonly connection: Cell<connections.Connection>;
  /** Whether there is a session to listen with. */
  readonly isLet: () => boolean;
  /** Whether nobody sees the page. */
  readonly isHidden: () => boolean;
  readonly openStream: (onEvent: (event: LiveEvent) => void, onEnd: () => void) => Stream;
  /** Asks the guard something small. @throws {ApiFault} when it does not answer that. */
  readonly ask: () => Promise<unknown>;
  /** Of the first event of each connection: what came before it was not told. */
  readonly onFirst: () => void;
  readonly onEvent: (event: LiveEvent) => void;
  /** Nobody listens from now on. */
  readonly onGap: () => void;
  readonly nowMs: () => number;
}

export interface Listener {
  /** The session is another one. */
  follow(): void;
  /** Once a second, and when the page is seen or not seen any more. */
  beat(): void;
  /** Asks now, and not when its time has come. */
  retry(): void;
}

export function createListener(modules: ListenerModules): Listener {
  const { connection, isLet, isHidden, nowMs } = modules;
  let stream: Stream | undefined;
  /** Since when nobody sees it; a page that was never seen is not waited for. */
  let hiddenSinceMs = isHidden() ? Number.NEGATIVE_INFINITY : undefined;

  const close = (): void => {
    stream?.close();
    stream = undefined;
  };

  const open = (): void => {
    close();
    const opening = modules.openStream(take, () => {
      if (stream === opening) void explain();
    });
    stream = opening;
  };

  const take = (event: LiveEvent): void => {
    const isFirst = connection.get().status !== "live";
    connection.set(connections.heard(nowMs()));
    if (isFirst) modules.onFirst();
    modules.onEvent(event);
  };

  /** Finds out why the stream has failed; what was decided meanwhile holds. */
  const explain = async (): Promise<void> => {
    close();
    modules.onGap();
    const before = connection.get();
    const why = await modules.ask().then(() => "The stream of events has ended.", whyOf);
    if (connection.get() === before) fail(why);
  };

  const fail = (why: string | undefined): void => {
    close();
    modules.onGap();
    connection.set(connections.lost(connection.get(), nowMs(), why));
  };

  const retry = (): void => {
    if (!isLet() || connection.get().status !== "gone") return;
    reopen();
  };

  const reopen = (): void => {
    connection.set(connections.retried(connection.get(), nowMs()));
    open();
  };

  const rest = (): void => {
    if (connection.get().status === "resting") return;
    close();
    modules.onGap();
    connection.set(connections.rested(connection.get(), nowMs()));
  };

  const isResting = (): boolean => {
    hiddenSinceMs = isHidden() ? (hiddenSinceMs ?? nowMs()) : undefined;
    return hiddenSinceMs !== undefined && nowMs() - hiddenSinceMs >= connections.REST_AFTER_MS;
  };

  return {
    follow() {
      if (!isLet()) {
        close();
        connection.set({ status: "locked" });
      } else if (isResting()) {
        rest();
      } else if (stream === undefined) {
        connection.set(connections.opened(nowMs()));
        open();
      }
    },
    beat() {
      if (!isLet()) return;
      if (isResting()) rest();
      else if (connection.get().status === "resting") reopen();
      else if (connections.isSilent(connection.get(), nowMs())) fail(undefined);
      else if (connections.isDue(connection.get(), nowMs())) retry();
    },
    retry,
  };
}

function whyOf(error: unknown): string | undefined {
  if (!(error instanceof ApiFault)) throw error;
  return error.status === 0 ? undefined : error.message;
}
