import { createHash } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Door } from "../../src/api/door.ts";
import { HEARTBEAT_MS, LiveFeed } from "../../src/api/live-feed.ts";
import { type Api, createApi } from "../../src/api/server.ts";
import { MAX_SESSIONS, SESSION_MS } from "../../src/api/sessions.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { FakeOperator } from "./fake-operator.ts";

const TOKEN = "t".repeat(43);
const OWN = { host: "127.0.0.1:9847", origin: "http://127.0.0.1:9847" };
const AUTHORISED = { ...OWN, authorization: `Bearer ${TOKEN}` };

let clock: FakeClock;
let listened: boolean;
let feed: LiveFeed;
let api: Api;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  clock = new FakeClock();
  listened = false;
  feed = new LiveFeed((isListenedTo) => {
    listened = isListenedTo;
  });
  const tokenHash = createHash("sha256").update(TOKEN).digest("hex");
  const place = { address: "127.0.0.1", port: 9847 };
  const door = new Door({ tokenHash, place, hosts: [], clock });
  api = createApi(new FakeOperator(), { mayChange: () => true, onDefect: () => {}, door, feed });
});
afterEach(() => {
  feed.close();
  vi.useRealTimers();
});

/** @returns the headers of whoever has a session of his own. */
async function openSession(): Promise<Record<string, string>> {
  const reply = await api.request("/v1/session", { method: "POST", headers: AUTHORISED });
  return { ...OWN, cookie: reply.headers.get("set-cookie")?.split(";")[0] ?? "" };
}

async function listen(headers: Record<string, string>): Promise<void> {
  expect((await api.request("/v1/events", { headers })).status).toBe(200);
  expect(listened).toBe(true);
}

describe("GET /v1/events", () => {
  it("ends at once with the session that asked for it, and with no other", async () => {
    const headers = await openSession();
    const others = await openSession();
    await listen(headers);
    await api.request("/v1/session", { method: "DELETE", headers: others });
    expect(listened).toBe(true);
    await api.request("/v1/session", { method: "DELETE", headers });
    expect(listened).toBe(false);
  });

  it("ends when the time of its session is over", async () => {
    await listen(await openSession());
    clock.advance(SESSION_MS - 1);
    vi.advanceTimersByTime(HEARTBEAT_MS);
    expect(listened).toBe(true);
    clock.advance(1);
    vi.advanceTimersByTime(HEARTBEAT_MS);
    expect(listened).toBe(false);
  });

  it("ends when its session makes place for another", async () => {
    await listen(await openSession());
    for (let count = 1; count < MAX_SESSIONS; count += 1) await openSession();
    expect(listened).toBe(true);
    await openSession();
    expect(listened).toBe(false);
  });

  it("goes on for whoever shows the token, whatever becomes of a session", async () => {
    const { cookie = "" } = await openSession();
    await listen({ ...AUTHORISED, cookie });
    await api.request("/v1/session", { method: "DELETE", headers: { ...OWN, cookie } });
    clock.advance(SESSION_MS);
    vi.advanceTimersByTime(HEARTBEAT_MS);
    expect(listened).toBe(true);
  });
});
