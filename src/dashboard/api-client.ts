/**
 * Asks the guard, as the browser that has shown the token: the cookie goes along by itself.
 *
 * Every refusal is an {@link ApiFault} in words for people. A session that has ended locks the page,
 * wherever that is noticed.
 */
import type { FaultView } from "../api/contract.ts";
import { session } from "./session-state.ts";

/** Longest wait for an answer, in ms. */
const ANSWER_MS = 20_000;

export class ApiFault extends Error {
  /** HTTP status; 0: nobody answered. */
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }

  /** Whether the same question may be answered later: it was not the question that was wrong. */
  get mayPass(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

export interface Asking {
  readonly method?: "GET" | "POST" | "DELETE";
  /** What is undefined or empty is left out. */
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly body?: unknown;
  /** Shown in the place of a session. */
  readonly token?: string;
  readonly signal?: AbortSignal;
}

/**
 * @returns the answer, which is what the contract says it is: both are of one build.
 * @throws {ApiFault} when it is another than 2xx, or none.
 */
export async function askApi<Answer>(path: string, asking: Asking = {}): Promise<Answer> {
  const { method = "GET", body, token, signal } = asking;
  const timeout = AbortSignal.timeout(ANSWER_MS);
  let reply: Response;
  let text: string;
  try {
    reply = await fetch(path + searchOf(asking.query), {
      method,
      headers: {
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
    });
    // It may break off here, too.
    text = await reply.text();
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw new ApiFault(0, "The guard does not answer.");
  }
  const answer = parse(text);
  if (reply.ok && answer !== undefined) return answer as Answer;
  if (reply.status === 401 && token === undefined) session.set("locked");
  // Without a message something else than the guard has answered, such as a proxy before it.
  const { message = `It was answered with ${reply.status}, and not by the guard.` } =
    (answer as Partial<FaultView> | null | undefined) ?? {};
  throw new ApiFault(reply.ok ? 0 : reply.status, message);
}

/** @returns undefined when it is no JSON. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function searchOf(query: Asking["query"] = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== "") search.set(name, String(value));
  }
  return search.size === 0 ? "" : `?${search}`;
}
