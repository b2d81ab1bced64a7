/**
 * The guard's API as seen by a command: an Operator over the Unix socket.
 *
 * The guard reads hostile packets and a root shell reads its answers: replies are bounded in size
 * and time and checked against the contract. What fits is handed on as it came, unknown fields
 * included, so that `--json` prints the body of a newer guard in full.
 */
import type { IncomingMessage } from "node:http";
import { request } from "node:http";
import { z } from "zod";
import type {
  ActivityView,
  ApplyRequest,
  BanRequest,
  BanView,
  BlocklistedView,
  OutcomeView,
  ReloadView,
  StatusView,
  TrustedView,
  TrustRequest,
  UnbannedView,
} from "../api/contract.ts";
import {
  API_PATHS,
  activityViewSchema,
  banViewSchema,
  blocklistedViewSchema,
  faultViewSchema,
  outcomeViewSchema,
  reloadViewSchema,
  statusViewSchema,
  trustedViewSchema,
  unbannedViewSchema,
} from "../api/contract.ts";
import type { Operator, StoryReader } from "../api/operator.ts";
import type { ErrorCode } from "../errors.ts";
import { EXIT_STATUS, OperationalError } from "../errors.ts";
import { storiesOver } from "./api-stories.ts";

/** Longest wait for a whole answer, in ms. */
const DEFAULT_TIMEOUT_MS = 10_000;

/** Ten thousand bans with the longest reasons take about 5 MiB. */
const MAX_REPLY_BYTES = 33_554_432;

interface Question {
  readonly method: "GET" | "POST" | "DELETE";
  readonly path: string;
  readonly body?: unknown;
}

/**
 * Every method throws {OperationalError}: ERR_NO_GUARD when nobody listens, ERR_PERMISSION when the
 * caller may not, ERR_UNAVAILABLE when the answer is late or makes no sense, else the guard's code.
 */
export class ApiOperator implements Operator {
  readonly stories: StoryReader;
  readonly #socketPath: string;
  readonly #timeoutMs: number;

  constructor(socketPath: string, timeoutMs: number = DEFAULT_TIMEOUT_MS) {
    this.#socketPath = socketPath;
    this.#timeoutMs = timeoutMs;
    this.stories = storiesOver((schema, path) => this.#ask(schema, { method: "GET", path }));
  }

  status(): Promise<StatusView> {
    return this.#ask(statusViewSchema, { method: "GET", path: API_PATHS.status });
  }

  /** What was probed of late; of a running guard alone. */
  activity(): Promise<ActivityView> {
    return this.#ask(activityViewSchema, { method: "GET", path: API_PATHS.activity });
  }

  bans(limit: number, after: string | undefined): Promise<BanView[]> {
    const query = new URLSearchParams({ limit: `${limit}` });
    if (after !== undefined) query.set("after", after);
    return this.#ask(z.array(banViewSchema), { method: "GET", path: `${API_PATHS.bans}?${query}` });
  }

  ban(body: BanRequest): Promise<OutcomeView> {
    return this.#ask(outcomeViewSchema, { method: "POST", path: API_PATHS.bans, body });
  }

  unban(address: string): Promise<OutcomeView> {
    const path = `${API_PATHS.bans}?${new URLSearchParams({ address })}`;
    return this.#ask(outcomeViewSchema, { method: "DELETE", path });
  }

  unbanAll(): Promise<UnbannedView> {
    const path = `${API_PATHS.bans}?all=1`;
    return this.#ask(unbannedViewSchema, { method: "DELETE", path });
  }

  trusted(): Promise<TrustedView[]> {
    return this.#ask(z.array(trustedViewSchema), { method: "GET", path: API_PATHS.trusted });
  }

  trust(body: TrustRequest): Promise<OutcomeView> {
    return this.#ask(outcomeViewSchema, { method: "POST", path: API_PATHS.trusted, body });
  }

  blocklisted(address: string): Promise<BlocklistedView[]> {
    const path = `${API_PATHS.blocklisted}?${new URLSearchParams({ address })}`;
    return this.#ask(z.array(blocklistedViewSchema), { method: "GET", path });
  }

  confirm(): Promise<OutcomeView> {
    return this.#ask(outcomeViewSchema, { method: "POST", path: API_PATHS.confirm });
  }

  reload(): Promise<ReloadView> {
    return this.#ask(reloadViewSchema, { method: "POST", path: API_PATHS.reload });
  }

  apply(body: ApplyRequest): Promise<ReloadView> {
    return this.#ask(reloadViewSchema, { method: "POST", path: API_PATHS.apply, body });
  }

  async #ask<Schema extends z.ZodType>(
    schema: Schema,
    question: Question,
  ): Promise<z.output<Schema>> {
    const { status, body } = await this.#send(question);
    let reply: unknown;
    try {
      reply = JSON.parse(body);
    } catch (error) {
      throw this.#senseless(error);
    }
    if (status < 200 || status > 299) throw this.#faultFrom(reply);
    const checked = schema.safeParse(reply);
    if (!checked.success) throw this.#senseless(checked.error);
    // The schemas check and do not convert, so the reply itself has the checked type.
    return reply as z.output<Schema>;
  }

  #send(question: Question): Promise<{ readonly status: number; readonly body: string }> {
    const body = question.body === undefined ? "" : JSON.stringify(question.body);
    return new Promise((resolve, reject) => {
      const asked = request(
        {
          socketPath: this.#socketPath,
          method: question.method,
          path: question.path,
          headers: {
            "content-type": "application/json",
            "content-length": Buffer.byteLength(body),
          },
          signal: AbortSignal.timeout(this.#timeoutMs),
          agent: false,
        },
        (reply) => {
          readBody(reply).then(
            (text) => resolve({ status: reply.statusCode ?? 0, body: text }),
            (error: unknown) => reject(this.#explain(error)),
          );
        },
      );
      asked.on("error", (error) => reject(this.#explain(error)));
      asked.end(body);
    });
  }

  /** The operational meaning of a failure to connect, to send or to read. */
  #explain(error: unknown): OperationalError {
    if (error instanceof OperationalError) return error;
    const cause = error as NodeJS.ErrnoException;
    switch (cause.code) {
      case "ENOENT":
      case "ENOTDIR":
      case "ECONNREFUSED": {
        const message = `no guard is listening on ${this.#socketPath}`;
        return new OperationalError("ERR_NO_GUARD", message, { cause });
      }
      case "EACCES":
      case "EPERM": {
        const message = `${this.#socketPath} may not be opened; ask as root or as a group member`;
        return new OperationalError("ERR_PERMISSION", message, { cause });
      }
      case "ABORT_ERR": {
        const message = `the guard has not answered within ${this.#timeoutMs / 1000} s`;
        return new OperationalError("ERR_UNAVAILABLE", message, { cause });
      }
      case "EPIPE":
      case "ECONNRESET": {
        const message =
          "the guard closed the connection: it has too many; try again in some seconds";
        return new OperationalError("ERR_UNAVAILABLE", message, { cause });
      }
      default: {
        const message = `the guard on ${this.#socketPath} broke off: ${cause.message}`;
        return new OperationalError("ERR_UNAVAILABLE", message, { cause });
      }
    }
  }

  #faultFrom(reply: unknown): OperationalError {
    const fault = faultViewSchema.safeParse(reply);
    if (!fault.success) return this.#senseless(fault.error);
    const { error, message } = fault.data;
    return new OperationalError(isErrorCode(error) ? error : "ERR_UNAVAILABLE", message);
  }

  #senseless(cause: unknown): OperationalError {
    const message =
      `what answers on ${this.#socketPath} does not speak this command's language; ` +
      "are guard and command of the same version?";
    return new OperationalError("ERR_UNAVAILABLE", message, { cause });
  }
}

function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(EXIT_STATUS, text);
}

async function readBody(reply: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of reply as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_REPLY_BYTES) {
      throw new OperationalError("ERR_UNAVAILABLE", "the guard's answer is too long to be one");
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
