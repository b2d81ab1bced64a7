/**
 * Sessions of browsers, which cannot be given a token to send with each request of a page.
 *
 * The cookie is random, HttpOnly and SameSite=Strict; only its hash is kept. Bounded: the oldest
 * goes first. One that was opened with the token for reading alone reads alone. They end with their
 * time, with the guard, and with the token that they were opened for. A cookie knows no ports:
 * another service on the same address gets it from the same browser, which is why it opens no other
 * session, and why whoever runs such a service is trusted with it.
 */
import { createHash, randomBytes } from "node:crypto";
import type { Clock } from "../clock.ts";

/** How long (ms) a session lasts: a working day. */
export const SESSION_MS = 12 * 3_600_000;

/** Sessions at once; the oldest is ended for one beyond. */
export const MAX_SESSIONS = 32;

const COOKIE = "vedette_session";

const TOKEN_BYTES = 32;

interface Session {
  /** Monotonic milliseconds. */
  readonly endsAtMs: number;
  /** False: it reads alone. */
  readonly mayChange: boolean;
}

export class Sessions {
  readonly #clock: Clock;
  /** Whether who sends these may change things with a session of his. */
  readonly opensForChanges: (headers: Headers) => boolean;
  /** By the hash of its cookie; the oldest first. */
  readonly #sessions = new Map<string, Session>();

  /** @param opensForChanges whether who sends these may change things with a session of his. */
  constructor(clock: Clock, opensForChanges: (headers: Headers) => boolean) {
    this.#clock = clock;
    this.opensForChanges = opensForChanges;
  }

  /**
   * @param headers of the request that asks for it.
   * @returns the value of Set-Cookie that makes its receiver the holder of a new session.
   */
  open(headers: Headers): string {
    const id = randomBytes(TOKEN_BYTES).toString("base64url");
    for (const oldest of this.#sessions.keys()) {
      if (this.#sessions.size < MAX_SESSIONS) break;
      this.#sessions.delete(oldest);
    }
    this.#sessions.set(hashOf(id), {
      endsAtMs: this.#clock.monotonicMs() + SESSION_MS,
      mayChange: this.opensForChanges(headers),
    });
    return setCookie(id, SESSION_MS / 1000);
  }

  /** @returns the session that goes on of whoever sends these; undefined: he has none. */
  find(headers: Headers): Session | undefined {
    const id = idOf(headers);
    return id === undefined ? undefined : this.#findByHash(hashOf(id));
  }

  /** @returns what says, whenever it is asked, whether the session of whoever sends these goes on. */
  follow(headers: Headers): () => boolean {
    const id = idOf(headers);
    if (id === undefined) return () => false;
    const hash = hashOf(id);
    return () => this.#findByHash(hash) !== undefined;
  }

  /** @returns how long it goes on, in whole seconds. */
  leftSeconds({ endsAtMs }: Session): number {
    return Math.max(0, Math.ceil((endsAtMs - this.#clock.monotonicMs()) / 1000));
  }

  /** Ends the session of whoever asks, if there is one. @returns the Set-Cookie that forgets it. */
  close(headers: Headers): string {
    const id = idOf(headers);
    if (id !== undefined) this.#sessions.delete(hashOf(id));
    return setCookie("", 0);
  }

  #findByHash(hash: string): Session | undefined {
    const session = this.#sessions.get(hash);
    return session !== undefined && session.endsAtMs > this.#clock.monotonicMs()
      ? session
      : undefined;
  }
}

function idOf(headers: Headers): string | undefined {
  const cookies = headers.get("cookie") ?? "";
  return /(?:^|;\s*)vedette_session=(?<id>[\w-]{43})(?:;|$)/.exec(cookies)?.groups?.["id"];
}

function hashOf(id: string): string {
  return createHash("sha256").update(id).digest("base64url");
}

/** RFC 6265 section 4.1; SameSite as in its revision, draft-ietf-httpbis-rfc6265bis. */
function setCookie(id: string, maxAgeSeconds: number): string {
  return `${COOKIE}=${id}; Path=/; Max-Age=${maxAgeSeconds}; HttpOnly; SameSite=Strict`;
}
