import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Api, createApi, MAX_CONNECTIONS, serveApi } from "../../src/api/server.ts";
import { AGAIN_MS, ApiListener, type ApiListening } from "../../src/daemon/api-listener.ts";
import { HealthTracker } from "../../src/health/tracker.ts";
import { ask } from "../api/ask.ts";
import { askTcp } from "../api/ask-tcp.ts";
import { BAN, FakeOperator, STATUS } from "../api/fake-operator.ts";
import { FakeClock } from "../support/fake-clock.ts";

const TOKEN = "t".repeat(43);
const BEARER = { authorization: `Bearer ${TOKEN}` };
const hashOf = (token: string) => createHash("sha256").update(token).digest("hex");

let directory: string;
let operator: FakeOperator;
let health: HealthTracker;
let listener: ApiListener;
let ports: number[];

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "vedette-listener-"));
  operator = new FakeOperator();
  health = new HealthTracker(() => 0);
  listener = new ApiListener({
    makeApi: (door) => createApi(operator, { mayChange: () => true, onDefect: () => {}, door }),
    health,
    clock: new FakeClock(),
  });
  ports = await freePorts();
});
afterEach(async () => {
  vi.useRealTimers();
  await listener.follow(undefined);
  rmSync(directory, { recursive: true });
});

/** Two ports that the kernel gives, taken at once so that none comes twice. */
async function freePorts(): Promise<number[]> {
  const servers = [0, 0].map((port) => createServer().listen(port, "127.0.0.1"));
  await Promise.all(servers.map((server) => once(server, "listening")));
  const found = servers.map((server) => (server.address() as { port: number }).port);
  for (const server of servers) server.close();
  await Promise.all(servers.map((server) => once(server, "close")));
  return found;
}

function listening(port: number, changes: Partial<ApiListening> = {}): ApiListening {
  const place = { address: "127.0.0.1", port };
  return { place, hosts: [], tokenHash: hashOf(TOKEN), ...changes };
}

const [FIRST, SECOND] = [0, 1] as const;
const portOf = (which: number) => ports[which] as number;

describe("ApiListener", () => {
  it("answers whoever has the token, and nobody else, to read and to change", async () => {
    await listener.follow(listening(portOf(FIRST)));
    const status = await askTcp(portOf(FIRST), "/v1/status", BEARER);
    expect(status.status).toBe(200);
    expect(JSON.parse(status.text)).toEqual(STATUS);
    const ban = { method: "DELETE" };
    const path = "/v1/bans?all=1";
    expect(await askTcp(portOf(FIRST), path, {}, ban)).toMatchObject({ status: 401 });
    expect(operator.banViews).toEqual([BAN]);
    expect(await askTcp(portOf(FIRST), path, BEARER, ban)).toMatchObject({ status: 200 });
    expect(operator.banViews).toEqual([]);
  });

  it("refuses a foreign name, a foreign page and a flood of guesses, each as an API does", async () => {
    const port = portOf(FIRST);
    await listener.follow(listening(port));
    const named = await askTcp(port, "/v1/status", { ...BEARER, host: "evil.example" });
    expect(named.status).toBe(403);
    const page = await askTcp(port, "/v1/status", { ...BEARER, origin: "http://evil.example" });
    expect(page.status).toBe(403);
    expect(JSON.parse(page.text)).toEqual({
      error: "ERR_PERMISSION",
      message: "it comes from a page of another origin",
    });
    for (let count = 0; count < 10; count += 1) await askTcp(port, "/v1/status", {});
    const flooded = await askTcp(port, "/v1/status", {});
    expect(flooded.status).toBe(429);
    expect(flooded.headers["retry-after"]).toBe("10");
    expect((await askTcp(port, "/v1/status", BEARER)).status).toBe(200);
  });

  it("lets no other origin read, by any header, nor ask first whether it may", async () => {
    const port = portOf(FIRST);
    await listener.follow(listening(port));
    const preflight = {
      origin: "http://evil.example",
      "access-control-request-method": "POST",
      "access-control-request-headers": "authorization",
    };
    const replies = [
      await askTcp(port, "/v1/status", BEARER),
      await askTcp(port, "/v1/status", {}),
      await askTcp(port, "/v1/bans", preflight, { method: "OPTIONS" }),
    ];
    expect(replies.map(({ status }) => status)).toEqual([200, 401, 403]);
    for (const { headers } of replies) {
      const names = Object.keys(headers).filter((name) => name.startsWith("access-control-"));
      expect(names).toEqual([]);
      expect(headers).toMatchObject({
        "cache-control": "no-store",
        "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
        "x-content-type-options": "nosniff",
      });
    }
  });

  it("gives a browser a session for the token, and takes it back", async () => {
    const port = portOf(FIRST);
    await listener.follow(listening(port));
    const opened = await askTcp(port, "/v1/session", BEARER, { method: "POST" });
    const full = { expires_in_seconds: 43_200, may_change: true };
    expect(JSON.parse(opened.text)).toEqual(full);
    const cookie = `${opened.headers["set-cookie"]}`.split(";")[0] ?? "";
    expect(JSON.parse((await askTcp(port, "/v1/session", { cookie })).text)).toEqual(full);
    expect((await askTcp(port, "/v1/bans", { cookie })).status).toBe(200);
    const origin = `http://127.0.0.1:${port}`;
    for (const path of ["/v1/session", "/v1/%73ession"]) {
      const another = await askTcp(port, path, { cookie, origin }, { method: "POST" });
      expect(another.status).toBe(401);
    }
    const left = await askTcp(port, "/v1/session", { cookie, origin }, { method: "DELETE" });
    expect(left.status).toBe(200);
    expect(`${left.headers["set-cookie"]}`).toContain("vedette_session=; Path=/; Max-Age=0");
    expect((await askTcp(port, "/v1/bans", { cookie })).status).toBe(401);
  });

  it("tells a browser whether its session, or a token, may change things", async () => {
    const port = portOf(FIRST);
    await listener.follow(listening(port, { readTokenHash: hashOf("reads") }));
    const reader = { authorization: "Bearer reads" };
    const opened = await askTcp(port, "/v1/session", reader, { method: "POST" });
    const reading = { expires_in_seconds: 43_200, may_change: false };
    expect(JSON.parse(opened.text)).toEqual(reading);
    const cookie = `${opened.headers["set-cookie"]}`.split(";")[0] ?? "";
    const asked = async (headers: Readonly<Record<string, string>>): Promise<unknown> =>
      JSON.parse((await askTcp(port, "/v1/session", headers)).text);
    expect(await asked({ cookie })).toEqual(reading);
    expect(await asked(reader)).toEqual({ expires_in_seconds: null, may_change: false });
    // A token is judged alone, whatever cookie comes with it.
    const shown = { expires_in_seconds: null, may_change: true };
    expect(await asked({ ...BEARER, cookie })).toEqual(shown);
    expect((await askTcp(port, "/v1/session", {})).status).toBe(401);
  });

  it("moves, and leaves nothing where it was", async () => {
    await listener.follow(listening(portOf(FIRST)));
    await listener.follow(listening(portOf(SECOND)));
    await expect(askTcp(portOf(FIRST), "/v1/status", BEARER)).rejects.toThrow("ECONNREFUSED");
    expect((await askTcp(portOf(SECOND), "/v1/status", BEARER)).status).toBe(200);
    await listener.follow(undefined);
    await expect(askTcp(portOf(SECOND), "/v1/status", BEARER)).rejects.toThrow("ECONNREFUSED");
  });

  it("knows another token, or another name, from when it is told", async () => {
    const port = portOf(FIRST);
    await listener.follow(listening(port));
    const session = await askTcp(port, "/v1/session", BEARER, { method: "POST" });
    const cookie = `${session.headers["set-cookie"]}`.split(";")[0] ?? "";
    await listener.follow(listening(port, { tokenHash: hashOf("other"), hosts: ["a.example"] }));
    expect((await askTcp(port, "/v1/status", BEARER)).status).toBe(401);
    expect((await askTcp(port, "/v1/status", { cookie })).status).toBe(401);
    const other = { authorization: "Bearer other", host: "a.example" };
    expect((await askTcp(port, "/v1/status", other)).status).toBe(200);
  });

  it("keeps its connections when it is told the same again", async () => {
    await listener.follow(listening(portOf(FIRST)));
    const client = await open(portOf(FIRST));
    let isClosed = false;
    client.on("close", () => {
      isClosed = true;
    });
    await listener.follow(listening(portOf(FIRST)));
    await askTcp(portOf(FIRST), "/v1/status", BEARER);
    expect(isClosed).toBe(false);
    client.destroy();
  });

  it("says that a port is taken, and takes it when it is free", async () => {
    const port = portOf(FIRST);
    const other = createServer().listen(port, "127.0.0.1");
    await once(other, "listening");
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    await listener.follow(listening(port));
    expect(health.list()).toMatchObject([
      {
        code: "api-listen-failed",
        text: `The API cannot listen on 127.0.0.1 port ${port} (EADDRINUSE).`,
      },
    ]);
    other.close();
    await once(other, "close");
    vi.advanceTimersByTime(AGAIN_MS);
    vi.useRealTimers();
    await listener.follow(listening(port));
    expect(health.list()).toEqual([]);
    expect((await askTcp(port, "/v1/status", BEARER)).status).toBe(200);
  });

  it("closes a connection beyond its bound, and keeps nobody from the Unix socket", async () => {
    const port = portOf(FIRST);
    await listener.follow(listening(port));
    const socketPath = join(directory, "api.sock");
    const api = createApi(operator, { mayChange: () => true, onDefect: () => {} });
    await using _served = await serveDisposable(api, socketPath);
    const clients: Socket[] = [];
    for (let count = 0; count < MAX_CONNECTIONS; count += 1) clients.push(await open(port));
    await expect(askTcp(port, "/v1/status", BEARER)).rejects.toThrow();
    expect((await ask(socketPath, "GET", "/v1/status")).status).toBe(200);
    for (const client of clients) client.destroy();
  });
});

async function serveDisposable(api: Api, path: string): Promise<AsyncDisposable> {
  const served = await serveApi(api, { path });
  return { [Symbol.asyncDispose]: () => served.close() };
}

/** A connection that says nothing. */
async function open(port: number): Promise<Socket> {
  const client = connect(port, "127.0.0.1");
  client.on("error", () => {});
  await once(client, "connect");
  return client.resume();
}
