/** The second `portsentry`'s way to the first, and its hold on the transport that it asked for. */
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { LineChannel } from "../broker/line-channel.ts";
import { isSystemError, OperationalError } from "../errors.ts";
import {
  JOIN_SOCKET,
  type JoinRequest,
  joinAnswerSchema,
  MAX_JOIN_LINE_BYTES,
} from "./join-protocol.ts";

/** How long (ms) the first may take: it may start another guard process for it. */
const ANSWER_WITHIN_MS = 45_000;

/** A transport that the guard watches for us. */
export interface Joined {
  /** The guard's privileged process. */
  readonly pid: number;
  /** Fulfilled when the guard has gone, however. */
  readonly ended: Promise<void>;
  /** Has the transport taken away again. May be called again. */
  leave(): void;
}

/**
 * Asks the guard of a run directory to watch a transport, too.
 * @returns undefined when there is no guard that could be asked, or it has gone before it answered.
 * @throws {OperationalError} as the guard refuses it, or ERR_UNAVAILABLE when it does not answer.
 */
export async function joinGuard(
  runDirectory: string,
  request: JoinRequest,
): Promise<Joined | undefined> {
  const path = join(runDirectory, JOIN_SOCKET);
  const socket = await open(path);
  if (socket === undefined) return undefined;
  const closed = Promise.withResolvers<void>();
  const answered = Promise.withResolvers<string | undefined>();
  const channel = new LineChannel(socket, {
    maxLineBytes: MAX_JOIN_LINE_BYTES,
    maxQueuedBytes: MAX_JOIN_LINE_BYTES,
    readsAheadOfAnswers: true,
    onLine: (line) => answered.resolve(line),
    onClose: () => {
      answered.resolve(undefined);
      closed.resolve();
    },
  });
  const timer = setTimeout(() => {
    const message = `the portsentry that listens on ${path} does not answer; see vedette status`;
    answered.reject(new OperationalError("ERR_UNAVAILABLE", message));
  }, ANSWER_WITHIN_MS);
  try {
    channel.send(request);
    const line = await answered.promise;
    if (line === undefined) return undefined;
    const answer = joinAnswerSchema.parse(JSON.parse(line));
    if (answer.status === "refused") throw new OperationalError(answer.code, answer.message);
    return { pid: answer.pid, ended: closed.promise, leave: () => channel.close() };
  } catch (error) {
    channel.close();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** @returns undefined when nobody listens there. */
function open(path: string): Promise<Socket | undefined> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once("connect", () => {
      socket.removeAllListeners("error");
      resolve(socket);
    });
    socket.once("error", (error) => {
      const code = isSystemError(error) ? error.code : undefined;
      if (code === "ENOENT" || code === "ECONNREFUSED" || code === "ENOTDIR") resolve(undefined);
      else reject(new OperationalError("ERR_PERMISSION", `${path} cannot be opened: ${code}`));
    });
  });
}
