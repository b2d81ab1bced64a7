/**
 * Follows the guard's live events over its Unix socket, and goes on when the guard comes back.
 *
 * What arrives is bounded in size and checked against the contract; kinds that are not known are
 * passed over, so that a newer guard can be watched.
 */
import type { IncomingMessage } from "node:http";
import { request } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { API_PATHS, type LiveEvent, liveEventSchema } from "../../api/contract.ts";

/** Pause (ms) before the next attempt. */
const RETRY_MS = 1000;

/** A guard says something every second; silence for this long (ms) is a guard that is gone. */
const SILENT_MS = 20_000;

/** One event, a status with many problems included, takes some KiB. */
const MAX_EVENT_CHARACTERS = 1_048_576;

export interface Follower {
  readonly onEvent: (event: LiveEvent) => void;
  /** Nobody listens there, or who did is gone; once for each time. `why` for people. */
  readonly onGone: (why: string) => void;
}

/** Until `signal`. Never rejects. */
export async function followEvents(
  socketPath: string,
  { onEvent, onGone }: Follower,
  signal: AbortSignal,
): Promise<void> {
  let hasTold = false;
  while (!signal.aborted) {
    try {
      await readEvents(socketPath, signal, (event) => {
        hasTold = false;
        onEvent(event);
      });
    } catch (error) {
      if (signal.aborted) return;
      if (!hasTold) onGone(explain(error as NodeJS.ErrnoException, socketPath));
      hasTold = true;
    }
    await pause(RETRY_MS, undefined, { signal }).catch(() => {});
  }
}

/** Until the stream ends, which is an error: it has no end of its own. */
async function readEvents(
  socketPath: string,
  signal: AbortSignal,
  onEvent: (event: LiveEvent) => void,
): Promise<void> {
  const reply = await new Promise<IncomingMessage>((resolve, reject) => {
    const asked = request({ socketPath, path: API_PATHS.events, agent: false, signal }, resolve);
    asked.setTimeout(SILENT_MS, () => asked.destroy(new Error("it says nothing any more")));
    asked.on("error", reject);
    asked.end();
  });
  if (reply.statusCode !== 200) {
    reply.destroy();
    throw new Error(`it answered ${reply.statusCode}`);
  }
  let waiting = "";
  for await (const piece of reply.setEncoding("utf8") as AsyncIterable<string>) {
    waiting += piece;
    if (waiting.length > MAX_EVENT_CHARACTERS) throw new Error("it sends what makes no sense");
    const blocks = waiting.split("\n\n");
    waiting = blocks.pop() ?? "";
    for (const block of blocks) {
      const event = eventIn(block);
      if (event !== undefined) onEvent(event);
    }
  }
  throw new Error("it has ended");
}

/** @returns undefined for a comment, and for what is not known. */
function eventIn(block: string): LiveEvent | undefined {
  const data = /^data: (?<json>.*)$/m.exec(block)?.groups?.["json"];
  if (data === undefined) return undefined;
  try {
    const checked = liveEventSchema.safeParse(JSON.parse(data));
    return checked.success ? checked.data : undefined;
  } catch {
    return undefined;
  }
}

function explain({ code, message }: NodeJS.ErrnoException, socketPath: string): string {
  if (code === "ENOENT" || code === "ECONNREFUSED") return `no guard is listening on ${socketPath}`;
  if (code === "EACCES" || code === "EPERM") return `${socketPath} may not be opened`;
  if (code === "ECONNRESET") return "the guard is gone: it has ended";
  return `the guard is gone: ${message}`;
}
