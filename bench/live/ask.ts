/** Asks a guard's API over its Unix socket, and says how long the answers took. */
import { request } from "node:http";
import { text } from "node:stream/consumers";

/** Longest wait for an answer. Milliseconds; a guard with a million bans may take its time. */
const ANSWER_MS = 60_000;

/** Questions before those that count: the first one compiles. */
const WARM_UPS = 3;

export interface Question {
  readonly method?: "GET" | "POST" | "DELETE";
  /** With its query. */
  readonly path: string;
  readonly body?: unknown;
}

/** @returns the answer. @throws {Error} when it is not 200, or does not come. */
export async function ask(
  socketPath: string,
  { method = "GET", path, body }: Question,
): Promise<unknown> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const signal = AbortSignal.timeout(ANSWER_MS);
  const headers = body === undefined ? {} : { "Content-Type": "application/json" };
  const asked = request({ socketPath, path, method, headers, signal, agent: false }, (reply) => {
    text(reply).then((answer) => {
      if (reply.statusCode === 200) resolve(answer);
      else reject(new Error(`${method} ${path}: ${reply.statusCode} ${answer}`));
    }, reject);
  });
  asked.on("error", reject);
  asked.end(body === undefined ? undefined : JSON.stringify(body));
  return JSON.parse(await promise);
}

/** Bans or unbans by hand. @throws {Error} when it was not done. */
export async function change(socketPath: string, act: "ban" | "unban", address: string) {
  const question: Question =
    act === "ban"
      ? { method: "POST", path: "/v1/bans", body: { address, for_seconds: 3600 } }
      : { method: "DELETE", path: `/v1/bans?address=${encodeURIComponent(address)}` };
  const { status } = (await ask(socketPath, question)) as { status: string };
  if (status !== "applied") throw new Error(`the ${act} of ${address}: ${status}`);
}

/** @returns how long it took. Milliseconds. */
export async function timed(act: () => Promise<unknown>): Promise<number> {
  const beginsAtMs = performance.now();
  await act();
  return performance.now() - beginsAtMs;
}

/**
 * Does it again and again, after some turns that are not counted.
 * @param act given the number of the turn, those that are not counted included.
 * @returns how long each of `turns` took. Milliseconds.
 */
export async function timedOften(
  turns: number,
  act: (turn: number) => Promise<unknown>,
): Promise<number[]> {
  const times: number[] = [];
  for (let turn = 0; turn < turns + WARM_UPS; turn += 1) {
    const took = await timed(() => act(turn));
    if (turn >= WARM_UPS) times.push(took);
  }
  return times;
}
