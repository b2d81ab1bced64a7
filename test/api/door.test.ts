import { createHash } from "node:crypto";
import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { Door } from "../../src/api/door.ts";
import { MAX_SESSIONS, SESSION_MS } from "../../src/api/sessions.ts";
import { FakeClock } from "../support/fake-clock.ts";

const TOKEN = "r".repeat(43);
const OWN = { host: "127.0.0.1:9847" };
const READ_TOKEN = "a".repeat(43);
const AUTHORISED = { ...OWN, authorization: `Bearer ${TOKEN}` };

let clock: FakeClock;
let door: Door;

beforeEach(() => {
  clock = new FakeClock();
  door = doorFor(["sentry.example.org"]);
});

const hashOf = (token: string) => createHash("sha256").update(token).digest("hex");

function doorFor(hosts: readonly string[], address = "127.0.0.1"): Door {
  return new Door({
    tokenHash: hashOf(TOKEN),
    readTokenHash: hashOf(READ_TOKEN),
    place: { address, port: 9847 },
    hosts,
    clock,
  });
}

interface Asked {
  readonly headers: Readonly<Record<string, string>>;
  readonly method?: string;
  readonly path?: string;
}

/** The status of the refusal; undefined: it is let in. */
function statusOf({ headers, method = "GET", path = "/v1/status" }: Asked, at = door) {
  return at.refuse(new Request(`http://127.0.0.1:9847${path}`, { method, headers }), path)?.status;
}

/** The Cookie header of whoever got this Set-Cookie. */
const cookieOf = (setCookie: string) => setCookie.split(";")[0] ?? "";

describe("a token", () => {
  it.each([
    { what: "the token", authorization: `Bearer ${TOKEN}`, status: undefined },
    { what: "the scheme in other letters", authorization: `bearer ${TOKEN}`, status: undefined },
    { what: "one letter less", authorization: `Bearer ${TOKEN.slice(1)}`, status: 401 },
    { what: "one letter more", authorization: `Bearer ${TOKEN}r`, status: 401 },
    { what: "another letter", authorization: `Bearer ${TOKEN.slice(1)}s`, status: 401 },
    { what: "nothing", authorization: "Bearer ", status: 401 },
    { what: "the token alone", authorization: TOKEN, status: 401 },
    { what: "another scheme", authorization: `Basic ${TOKEN}`, status: 401 },
    { what: "as much as headers hold", authorization: `Bearer ${"r".repeat(7000)}`, status: 401 },
  ])("that is $what gets $status", ({ authorization, status }) => {
    expect(statusOf({ headers: { ...OWN, authorization } })).toBe(status);
  });

  it.each(["GET", "HEAD", "POST", "DELETE", "OPTIONS"])("is needed for %s", (method) => {
    expect(statusOf({ headers: OWN, method })).toBe(401);
    expect(statusOf({ headers: AUTHORISED, method })).toBeUndefined();
  });

  it("is asked for by name", () => {
    const refusal = door.refuse(new Request("http://127.0.0.1/", { headers: OWN }), "/");
    expect(refusal?.headers).toEqual({ "www-authenticate": 'Bearer realm="vedette"' });
  });
});

describe("a request without token and session", () => {
  it("is never let in, whatever its headers say", () => {
    const names = [
      "authorization",
      "cookie",
      "origin",
      "host",
      "sec-fetch-site",
      "x-forwarded-for",
    ];
    const word = fc.constantFrom(
      ...["", "null", "Bearer", "Bearer ", "bearer  x", "vedette_session=", "same-origin", "none"],
      ...["127.0.0.1:9847", "localhost", "http://127.0.0.1:9847", `vedette_session=${TOKEN}`],
    );
    const text = fc.oneof(word, fc.string({ unit: "grapheme-ascii", maxLength: 60 }));
    const headers = fc.dictionary(fc.constantFrom(...names), text);
    const method = fc.constantFrom("GET", "HEAD", "POST", "DELETE", "OPTIONS", "PUT");
    const path = fc.constantFrom("/v1/status", "/v1/session", "/", "/metrics");
    fc.assert(
      fc.property(headers, method, path, (said, asked, at) => {
        const status = statusOf({ headers: { ...OWN, ...said }, method: asked, path: at });
        expect([401, 403, 429]).toContain(status);
      }),
    );
  });
});

describe("failures", () => {
  it("are told to wait from the eleventh in ten seconds on, whoever made them", () => {
    const wrong = { headers: { ...OWN, authorization: "Bearer guess" } };
    for (let count = 0; count < 10; count += 1) expect(statusOf(wrong)).toBe(401);
    const refusal = door.refuse(new Request("http://127.0.0.1/", { headers: OWN }), "/");
    expect(refusal).toMatchObject({ status: 429, headers: { "retry-after": "10" } });
    clock.advance(9999);
    expect(statusOf(wrong)).toBe(429);
    clock.advance(1);
    expect(statusOf(wrong)).toBe(401);
  });

  it("keep nobody out who has the token", () => {
    for (let count = 0; count < 100; count += 1) statusOf({ headers: OWN });
    expect(statusOf({ headers: AUTHORISED })).toBeUndefined();
  });
});

describe("the Host header", () => {
  it.each([
    { host: "127.0.0.1:9847", status: undefined },
    { host: "127.0.0.1", status: undefined },
    { host: "localhost:8080", status: undefined },
    { host: "LOCALHOST", status: undefined },
    { host: "sentry.example.org", status: undefined },
    { host: "sentry.example.org:443", status: undefined },
    { host: "evil.example", status: 403 },
    { host: "evil.example:9847", status: 403 },
    { host: "localhost.evil.example", status: 403 },
    { host: "sentry.example.org.", status: 403 },
    { host: "localhost:9847:1", status: 403 },
    { host: "127.0.0.2", status: 403 },
    { host: "[::1]:9847", status: 403 },
    { host: "", status: 403 },
  ])("$host with the token gets $status", ({ host, status }) => {
    expect(statusOf({ headers: { ...AUTHORISED, host } })).toBe(status);
  });

  it("may be the IPv6 address between brackets where that is listened on", () => {
    const onIpv6 = doorFor([], "::1");
    expect(statusOf({ headers: { ...AUTHORISED, host: "[::1]:9847" } }, onIpv6)).toBeUndefined();
    expect(statusOf({ headers: AUTHORISED }, onIpv6)).toBe(403);
  });
});

describe("a page", () => {
  it.each([
    { origin: "http://127.0.0.1:9847", site: "same-origin", status: undefined },
    { origin: "https://127.0.0.1:9847", site: "same-origin", status: undefined },
    { origin: "http://127.0.0.1:3000", site: "same-site", status: 403 },
    { origin: "http://127.0.0.1", site: "same-site", status: 403 },
    { origin: "http://evil.example", site: "cross-site", status: 403 },
    { origin: "null", site: "cross-site", status: 403 },
    { origin: "", site: "same-origin", status: 403 },
    { origin: "http://127.0.0.1:9847", site: "cross-site", status: 403 },
  ])("of $origin ($site) gets $status, with the token", ({ origin, site, status }) => {
    const headers = { ...AUTHORISED, origin, "sec-fetch-site": site };
    expect(statusOf({ headers })).toBe(status);
  });

  it.each([
    { site: "none", status: undefined },
    { site: "same-origin", status: undefined },
    { site: "same-site", status: 403 },
    { site: "cross-site", status: 403 },
  ])("that names no origin and comes from $site gets $status", ({ site, status }) => {
    expect(statusOf({ headers: { ...AUTHORISED, "sec-fetch-site": site } })).toBe(status);
  });
});

describe("a session", () => {
  /** Headers of whoever opens it. */
  const SHOWN = new Headers(AUTHORISED);
  const ORIGIN = { origin: "http://127.0.0.1:9847" };

  it("reads, and changes where the browser names the own origin", () => {
    const cookie = cookieOf(door.sessions.open(SHOWN));
    expect(statusOf({ headers: { ...OWN, cookie } })).toBeUndefined();
    const change = { method: "POST", path: "/v1/bans" };
    expect(statusOf({ ...change, headers: { ...OWN, ...ORIGIN, cookie } })).toBeUndefined();
    expect(statusOf({ ...change, headers: { ...OWN, cookie } })).toBe(401);
    const foreign = { origin: "http://127.0.0.1:3000" };
    expect(statusOf({ ...change, headers: { ...OWN, ...foreign, cookie } })).toBe(403);
  });

  it.each([
    { what: "for everything", token: TOKEN },
    { what: "for reading", token: READ_TOKEN },
  ])("of the token $what says what it lacks for a change without an origin", ({ token }) => {
    const opening = new Headers({ ...OWN, authorization: `Bearer ${token}` });
    const cookie = cookieOf(door.sessions.open(opening));
    const messageFor = (headers: Readonly<Record<string, string>>, path = "/v1/bans") =>
      door.refuse(new Request("http://127.0.0.1/", { method: "POST", headers }), path)?.message;
    expect(messageFor({ ...OWN, cookie })).toMatch(/^a session .* Origin header .* a token is/);
    const others = [{}, { cookie: "vedette_session=x" }, { cookie, authorization: "Bearer x" }];
    // It opens no other session, with whatever origin.
    expect(messageFor({ ...OWN, cookie }, "/v1/session")).toMatch(/^a token is needed/);
    for (const other of others) {
      expect(messageFor({ ...OWN, ...other })).toMatch(/^a token is needed/);
    }
  });

  it("is found among other cookies, and not in part of one", () => {
    const cookie = cookieOf(door.sessions.open(SHOWN));
    expect(statusOf({ headers: { ...OWN, cookie: `a=b; ${cookie}; c=d` } })).toBeUndefined();
    expect(statusOf({ headers: { ...OWN, cookie: `x${cookie}` } })).toBe(401);
    expect(statusOf({ headers: { ...OWN, cookie: cookie.slice(0, -1) } })).toBe(401);
  });

  it("opens no other session", () => {
    const cookie = cookieOf(door.sessions.open(SHOWN));
    const asked = { method: "POST", path: "/v1/session", headers: { ...OWN, ...ORIGIN, cookie } };
    expect(statusOf(asked)).toBe(401);
    expect(statusOf({ ...asked, method: "DELETE" })).toBeUndefined();
  });

  it("does not help whoever shows a wrong token beside it", () => {
    const cookie = cookieOf(door.sessions.open(SHOWN));
    expect(statusOf({ headers: { ...OWN, cookie, authorization: "Bearer guess" } })).toBe(401);
  });

  it("ends with its time", () => {
    const cookie = cookieOf(door.sessions.open(SHOWN));
    clock.advance(SESSION_MS - 1);
    expect(statusOf({ headers: { ...OWN, cookie } })).toBeUndefined();
    clock.advance(1);
    expect(statusOf({ headers: { ...OWN, cookie } })).toBe(401);
  });

  it("ends when its holder says so", () => {
    const cookie = cookieOf(door.sessions.open(SHOWN));
    expect(door.sessions.close(new Headers({ cookie }))).toContain("Max-Age=0");
    expect(statusOf({ headers: { ...OWN, cookie } })).toBe(401);
  });

  it(`ends when ${MAX_SESSIONS} others were opened after it`, () => {
    const first = cookieOf(door.sessions.open(SHOWN));
    const second = cookieOf(door.sessions.open(SHOWN));
    for (let count = 1; count < MAX_SESSIONS; count += 1) door.sessions.open(SHOWN);
    expect(statusOf({ headers: { ...OWN, cookie: first } })).toBe(401);
    expect(statusOf({ headers: { ...OWN, cookie: second } })).toBeUndefined();
  });

  it("has a cookie that no script and no other site gets", () => {
    const cookie = door.sessions.open(SHOWN);
    expect(cookie).toMatch(
      /^vedette_session=[\w-]{43}; Path=\/; Max-Age=43200; HttpOnly; SameSite=Strict$/,
    );
    expect(cookieOf(door.sessions.open(SHOWN))).not.toBe(cookieOf(cookie));
  });
});

describe("the token that reads alone", () => {
  const READER = { ...OWN, authorization: `Bearer ${READ_TOKEN}` };
  const ORIGIN = { origin: "http://127.0.0.1:9847" };
  const callerOf = (headers: Readonly<Record<string, string>>, at = door) =>
    at.callerOf(new Request("http://127.0.0.1:9847/v1/status", { headers }), "/v1/status");

  it.each([
    { method: "GET", path: "/v1/status", status: undefined },
    { method: "HEAD", path: "/metrics", status: undefined },
    { method: "GET", path: "/v1/events", status: undefined },
    { method: "POST", path: "/v1/bans", status: 403 },
    { method: "DELETE", path: "/v1/bans", status: 403 },
    { method: "POST", path: "/v1/trusted", status: 403 },
    { method: "POST", path: "/v1/session/", status: 403 },
    { method: "OPTIONS", path: "/v1/status", status: 403 },
    { method: "POST", path: "/v1/session", status: undefined },
  ])("gets $status for $method $path", ({ method, path, status }) => {
    expect(statusOf({ headers: READER, method, path })).toBe(status);
  });

  it("opens a session that reads alone, and is told from others", () => {
    const cookie = cookieOf(door.sessions.open(new Headers(READER)));
    const headers = { ...OWN, ...ORIGIN, cookie };
    expect(statusOf({ headers })).toBeUndefined();
    expect(statusOf({ headers, method: "POST", path: "/v1/bans" })).toBe(403);
    expect(statusOf({ headers, method: "POST", path: "/v1/session" })).toBe(401);
    expect(statusOf({ headers, method: "DELETE", path: "/v1/session" })).toBeUndefined();
    expect([READER, headers, AUTHORISED].map((each) => callerOf(each))).toEqual([
      "read-token",
      "read-session",
      "token",
    ]);
  });

  it("is a wrong one where there is none, and the other one where both are the same", () => {
    const place = { address: "127.0.0.1", port: 9847 };
    const options = { tokenHash: hashOf(TOKEN), place, hosts: [], clock };
    expect(statusOf({ headers: READER }, new Door(options))).toBe(401);
    const same = new Door({ ...options, readTokenHash: hashOf(TOKEN) });
    expect(statusOf({ headers: AUTHORISED, method: "POST", path: "/v1/bans" }, same)).toBe(
      undefined,
    );
    expect(callerOf(AUTHORISED, same)).toBe("token");
  });
});
