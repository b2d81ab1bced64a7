/**
 * Sessions of browsers, which cannot be given a token to send with each request of a page.
 *
 * The cookie is random, HttpOnly and SameSite=Strict; only its hash is kept. Bounded: the oldest
 * goes first. They end with their time, with the guard, and with the token that they were opened
 * for. A cookie knows no ports: another service on the same address gets it from the same browser,
 * which is why it opens no other session, and why whoever runs such a service is trusted with it.
 */
import { createHash, randomBytes } from "node:crypto";
import type { Clock } from "../clock.ts";

/** How long (ms) a session lasts: a working day. */
export const SESSION_MS = 12 * 3_600_000;

/** Sessions at once; the oldest is ended for one beyond. */
export const MAX_SESSIONS = 32;

const COOKIE = "vedette_session";

const TOKEN_BYTES = 32;

export class Sessions {
  readonly #clock: Clock;
  /** When each ends, monotonic ms, by the hash of its cookie; the oldest first. */
  readonly #endsAtMs = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @returns the value of Set-Cookie that makes its receiver the holder of a new session. */
  open(): string {
    const id = randomBytes(TOKEN_BYTES).toString("base64url");
    for (const oldest of this.#endsAtMs.keys()) {
      if (this.#endsAtMs.size < MAX_SESSIONS) break;
      this.#endsAtMs.delete(oldest);
    }
    this.#endsAtMs.set(hashOf(id), this.#clock.monotonicMs() + SESSION_MS);
    return setCookie(id, SESSION_MS / 1000);
  }

  isOpen(headers: Headers): boolean {
    const id = idOf(headers);
    if (id === undefined) return false;
    return (this.#endsAtMs.get(hashOf(id)) ?? 0) > this.#clock.monotonicMs();
  }

  /** Ends the session of whoever asks, if there is one. @returns the Set-Cookie that forgets it. */
  close(headers: Headers): string {
    const id = idOf(headers);
    if (id !== undefined) this.#endsAtMs.delete(hashOf(id));
    return setCookie("", 0);
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
