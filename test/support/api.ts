/**
 * Asks a guard over its socket, as its commands do, without the start of a program for each answer.
 *
 * Most of what live tests ask is asked again and again until it is so. What the commands print is
 * tested where they are, and they answer here, too, where no guard listens.
 */
import { request } from "node:http";
import { text } from "node:stream/consumers";

/** Longest wait for an answer. Milliseconds; a busy guard answers late. */
const ANSWER_MS = 30_000;

/** @returns the answer; undefined when nobody listens, or it has not answered with one. */
export async function askApi(
  socketPath: string,
  path: string,
  method: "GET" | "POST" = "GET",
): Promise<unknown> {
  const { promise, resolve, reject } = Promise.withResolvers<string | undefined>();
  const signal = AbortSignal.timeout(ANSWER_MS);
  const asked = request({ socketPath, path, method, signal, agent: false }, (reply) => {
    if (reply.statusCode === 200) text(reply).then(resolve, reject);
    else resolve(undefined);
  });
  asked.on("error", reject);
  asked.end();
  try {
    const answer = await promise;
    return answer === undefined ? undefined : JSON.parse(answer);
  } catch {
    // No guard, or one that has just ended: the command says which.
    return undefined;
  }
}
