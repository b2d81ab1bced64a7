/**
 * Who may ask over TCP: whoever has the token, and a browser that has shown it; and whoever has the
 * token for reading, where there is one, who is refused every change.
 *
 * On a loopback address every process of this machine is a client, and so is every page that a
 * browser on it shows. So the name by which the guard is called must be one of its own, or a page
 * could have its own name lead here (DNS rebinding); a page of another origin is refused whatever
 * it has; and nothing here allows another origin to read (CORS). The token is compared as SHA-256,
 * in constant time. Failures are told apart from a flood of them; whoever has the token is served
 * all the same, or anybody on this machine could keep its owner out.
 */
import { createHash, timingSafeEqual } from "node:crypto";
import type { Clock } from "../clock.ts";
import { SlidingWindow } from "../sliding-window.ts";
import { isReading } from "./audit.ts";
import { API_PATHS } from "./contract.ts";
import type { ListenPlace } from "./options.ts";
import { Sessions } from "./sessions.ts";

/** An answer in the place of the one that was asked for. */
export interface Refusal {
  readonly status: 401 | 403 | 429;
  readonly message: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface DoorOptions {
  /** SHA-256 of the token, 64 hexadecimal digits. */
  readonly tokenHash: string;
  /** The same of the one that reads alone; undefined: there is none. */
  readonly readTokenHash?: string | undefined;
  readonly place: ListenPlace;
  /** Other names of this machine, in small letters. */
  readonly hosts: readonly string[];
  readonly clock: Clock;
}

/** By what somebody is let in; those of reading may change nothing. */
type Pass = "token" | "session" | "read-token" | "read-session";

/** Wrong or missing tokens that are told so; what is beyond is told to wait. */
const FAILURES = { limit: 10, windowMs: 10_000 };

const NEEDS_TOKEN = "a token is needed: Authorization: Bearer, and what is in API_TOKEN_FILE";

const NEEDS_ORIGIN =
  "a session changes something only with the Origin header of this guard's page, as browsers " +
  "send it; without one a token is needed: Authorization: Bearer, and what is in API_TOKEN_FILE";

/** The longest token, in characters, that is looked at. */
const LONGEST_TOKEN = 512;

export class Door {
  readonly sessions: Sessions;
  readonly #tokenHash: Buffer;
  readonly #readTokenHash: Buffer | undefined;
  readonly #names: ReadonlySet<string>;
  readonly #clock: Clock;
  readonly #failures = new SlidingWindow(FAILURES);

  constructor({ tokenHash, readTokenHash, place, hosts, clock }: DoorOptions) {
    this.#tokenHash = Buffer.from(tokenHash, "hex");
    if (readTokenHash !== undefined) this.#readTokenHash = Buffer.from(readTokenHash, "hex");
    const { address } = place;
    this.#names = new Set([
      address.includes(":") ? `[${address}]` : address,
      "localhost",
      ...hosts,
    ]);
    this.#clock = clock;
    this.sessions = new Sessions(clock, (headers) => this.#passOfToken({ headers }) === "token");
  }

  /**
   * @param path by which its route is looked for: a URL has other ways to write the same.
   * @returns why the request is not answered; undefined when it is.
   */
  refuse(request: Request, path: string): Refusal | undefined {
    return this.refuseElsewhere(request) ?? this.#refuseStranger(request, path);
  }

  /**
   * The same for what holds no secret: whoever asks needs no token.
   * @returns why it is not answered: it is for another machine, or comes from another's page.
   */
  refuseElsewhere(request: Request): Refusal | undefined {
    return this.#refuseName(request) ?? refuseOrigin(request);
  }

  /** Whoever it lets in by a token or a session, in a word, whether it is answered or not. */
  callerOf(request: Request, path: string): Pass | "stranger" {
    return this.#passOf(request, path) ?? "stranger";
  }

  #refuseName({ headers }: Request): Refusal | undefined {
    const host = (headers.get("host") ?? "").toLowerCase();
    const name = /^(?<name>\[[\da-f:.]+\]|[^:]+)(?::\d{1,5})?$/.exec(host)?.groups?.["name"];
    if (name !== undefined && this.#names.has(name)) return undefined;
    const message =
      "the Host header names another machine; API_HOSTS lists what else this one is called";
    return { status: 403, message };
  }

  #refuseStranger(request: Request, path: string): Refusal | undefined {
    const pass = this.#passOf(request, path);
    if (pass === "token" || pass === "session") return undefined;
    if (pass !== undefined) return refuseChange(request, path);
    if (this.#failures.take(this.#clock.monotonicMs())) {
      return {
        status: 401,
        message: this.#lacksOrigin(request, path) ? NEEDS_ORIGIN : NEEDS_TOKEN,
        headers: { "www-authenticate": 'Bearer realm="vedette"' },
      };
    }
    const message = "too many requests without the right token: wait a little";
    const retryAfter = `${FAILURES.windowMs / 1000}`;
    return { status: 429, message, headers: { "retry-after": retryAfter, connection: "close" } };
  }

  /** Whoever shows a token is judged by it alone. */
  #passOf(request: Request, path: string): Pass | undefined {
    if (request.headers.has("authorization")) return this.#passOfToken(request);
    return this.#passOfSession(request, path);
  }

  /** The token for everything wins where both files have the same. */
  #passOfToken(request: Pick<Request, "headers">): "token" | "read-token" | undefined {
    const token = tokenOf(request);
    if (token === undefined) return undefined;
    const hash = createHash("sha256").update(token).digest();
    const mayRead = this.#readTokenHash !== undefined && timingSafeEqual(hash, this.#readTokenHash);
    if (timingSafeEqual(hash, this.#tokenHash)) return "token";
    return mayRead ? "read-token" : undefined;
  }

  /** Whether a session is all that is shown, and does not count for want of an origin. */
  #lacksOrigin({ method, headers }: Request, path: string): boolean {
    if (method === "POST" && path === API_PATHS.session) return false;
    if (isReading(method) || headers.has("origin") || headers.has("authorization")) return false;
    return this.sessions.find(headers) !== undefined;
  }

  /** A session is for one life of the cookie: it cannot be had for another session. */
  #passOfSession(
    { method, headers }: Request,
    path: string,
  ): "session" | "read-session" | undefined {
    if (method === "POST" && path === API_PATHS.session) return undefined;
    // A browser names its origin with everything but GET and HEAD.
    if (!isReading(method) && headers.get("origin") === null) return undefined;
    const session = this.sessions.find(headers);
    if (session === undefined) return undefined;
    return session.mayChange ? "session" : "read-session";
  }
}

/**
 * A browser says where a request comes from; programs say nothing. Another port of this machine is
 * another origin, and the same site.
 */
function refuseOrigin({ headers }: Request): Refusal | undefined {
  const host = headers.get("host") ?? "";
  const origin = headers.get("origin");
  const isOwn = origin === null || origin === `http://${host}` || origin === `https://${host}`;
  const site = headers.get("sec-fetch-site") ?? "none";
  if (isOwn && (site === "none" || site === "same-origin")) return undefined;
  return { status: 403, message: "it comes from a page of another origin" };
}

/** Who reads alone may open and end a session, which reads alone, too. */
function refuseChange({ method }: Request, path: string): Refusal | undefined {
  if (isReading(method) || path === API_PATHS.session) return undefined;
  return { status: 403, message: "the token of API_READ_TOKEN_FILE reads and changes nothing" };
}

/** RFC 6750 section 2.1; the name of the scheme in any letters, as RFC 9110 section 11.1 has it. */
function tokenOf({ headers }: Pick<Request, "headers">): string | undefined {
  const header = headers.get("authorization");
  if (header === null) return undefined;
  const token = /^Bearer +(?<token>[\w.~+/-]+=*) *$/i.exec(header)?.groups?.["token"] ?? "";
  return token.length <= LONGEST_TOKEN ? token : "";
}
