import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, renameSync, rmSync } from "node:fs";
import type { Socket } from "node:net";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { createChangeGate } from "../../src/api/auth.ts";
import {
  banViewSchema,
  faultViewSchema,
  outcomeViewSchema,
  statusViewSchema,
  trustedViewSchema,
} from "../../src/api/contract.ts";
import type { ServedApi } from "../../src/api/server.ts";
import { createApi, MAX_BODY_BYTES, MAX_CONNECTIONS, serveApi } from "../../src/api/server.ts";
import { EXIT_STATUS, OperationalError } from "../../src/errors.ts";
import { ask } from "./ask.ts";
import { BAN, FakeOperator, RELOADED, STATUS } from "./fake-operator.ts";

const directory = mkdtempSync(join(tmpdir(), "vedette-api-"));
afterAll(() => rmSync(directory, { recursive: true }));

const socketPath = join(directory, "api.sock");
let operator: FakeOperator;
let callerUid: number;
let defects: unknown[];
let served: ServedApi;

beforeEach(async () => {
  operator = new FakeOperator();
  callerUid = 0;
  defects = [];
  const api = createApi(operator, {
    mayChange: createChangeGate(() => ({ uid: callerUid, gid: 1000 }), 990),
    onDefect: (error) => defects.push(error),
  });
  served = await serveApi(api, { path: socketPath });
});
afterEach(() => served.close());

const JSON_TYPE = "application/json";

describe("createApi", () => {
  it("answers a status as the contract says", async () => {
    const answer = await ask(socketPath, "GET", "/v1/status");
    expect(answer).toEqual({ status: 200, type: JSON_TYPE, body: STATUS });
    expect(statusViewSchema.strict().parse(answer.body)).toEqual(STATUS);
  });

  it("answers the bans as the contract says, a thousand when no limit is asked for", async () => {
    const answer = await ask(socketPath, "GET", "/v1/bans");
    expect(banViewSchema.strict().array().parse(answer.body)).toEqual([BAN]);
    expect(operator.requests).toEqual([{ limit: 1000, after: undefined }]);
  });

  it("answers who is trusted as the contract says", async () => {
    const answer = await ask(socketPath, "GET", "/v1/trusted");
    expect(trustedViewSchema.strict().array().parse(answer.body)).toEqual(operator.trustedViews);
  });

  it.each([
    { query: "", evidence: "alive", family: undefined },
    { query: "?evidence=proven", evidence: "proven", family: undefined },
    { query: "?family=6&evidence=claimed", evidence: "claimed", family: 6 },
  ])("lists bans for other firewalls as text with a tag: $query", async ({ query, ...request }) => {
    const api = createApi(operator, { mayChange: () => false, onDefect: () => {} });
    const reply = await api.request(`/bans.txt${query}`);
    expect(reply.headers.get("content-type")).toBe("text/plain; charset=utf-8");
    expect(await reply.text()).toBe("192.0.2.7\n198.51.100.0/24\n2001:db8::/64\n");
    expect(operator.requests).toEqual([request]);
    const tag = reply.headers.get("etag") ?? "";
    const headers = { "If-None-Match": `"other", ${tag}` };
    const again = await api.request(`/bans.txt${query}`, { headers });
    expect([again.status, await again.text(), again.headers.get("etag")]).toEqual([304, "", tag]);
    const head = await api.request(`/bans.txt${query}`, { method: "HEAD" });
    expect([head.status, await head.text(), head.headers.get("etag")]).toEqual([200, "", tag]);
  });

  it.each(["?evidence=certain", "?family=5", "?all=1"])(
    "refuses a list of bans of %s with what is expected",
    async (query) => {
      const answer = await ask(socketPath, "GET", `/bans.txt${query}`);
      expect(answer.status).toBe(400);
      expect(faultViewSchema.parse(answer.body).error).toBe("ERR_USAGE");
    },
  );

  it("says which entries of blocklists name an address", async () => {
    const answer = await ask(socketPath, "GET", "/v1/blocklisted?address=192.0.2.7");
    const entry = { address: "192.0.2.7", file: "/etc/vedette/list.netset", line: 7 };
    expect(answer).toEqual({ status: 200, type: JSON_TYPE, body: [entry] });
    const unnamed = await ask(socketPath, "GET", "/v1/blocklisted");
    expect(unnamed.status).toBe(400);
  });

  it("bans, says so again, and unbans", async () => {
    const body = JSON.stringify({ address: "203.0.113.9", for_seconds: 60, reason: "by hand" });
    const banned = { address: "203.0.113.9", status: "applied" };
    const already = { address: "203.0.113.9", status: "already-applied" };
    expect((await ask(socketPath, "POST", "/v1/bans", body)).body).toEqual(banned);
    expect((await ask(socketPath, "POST", "/v1/bans", body)).body).toEqual(already);
    const path = "/v1/bans?address=203.0.113.9";
    expect((await ask(socketPath, "DELETE", path)).body).toEqual(banned);
    expect((await ask(socketPath, "DELETE", path)).body).toEqual(already);
  });

  it("answers 200 to a refused ban, with the reason", async () => {
    const answer = await ask(socketPath, "POST", "/v1/bans", '{"address":"198.51.100.1"}');
    expect(answer.status).toBe(200);
    expect(outcomeViewSchema.strict().parse(answer.body)).toEqual({
      address: "198.51.100.1",
      status: "refused",
      reason: "it is trusted (default gateway)",
    });
  });

  it("unbans everybody", async () => {
    const answer = await ask(socketPath, "DELETE", "/v1/bans?all=1");
    expect(answer.body).toEqual({ unbanned: 1, addresses: ["192.0.2.7"] });
    expect(operator.banViews).toEqual([]);
  });

  it("trusts and confirms", async () => {
    const body = '{"address":"2001:db8::/64","for_seconds":28800}';
    expect((await ask(socketPath, "POST", "/v1/trusted", body)).status).toBe(200);
    expect(operator.requests).toEqual([{ address: "2001:db8::/64", for_seconds: 28_800 }]);
    expect((await ask(socketPath, "POST", "/v1/confirm")).body).toEqual({
      address: "",
      status: "applied",
    });
  });

  it("reloads", async () => {
    expect((await ask(socketPath, "POST", "/v1/reload")).body).toEqual(RELOADED);
  });

  it.each(["limit=1", "limit=10000", "limit=5&after=192.0.2.7"])("takes ?%s", async (query) => {
    expect((await ask(socketPath, "GET", `/v1/bans?${query}`)).status).toBe(200);
  });

  it.each([
    ["GET", "/v1/why?address="],
    ["GET", "/v1/why"],
    ["GET", "/v1/blocklisted?address="],
    ["GET", "/v1/campaigns?address="],
    ["DELETE", "/v1/bans?address="],
  ] as const)("says in plain words that %s %s names nobody", async (method, path) => {
    const { status, body } = await ask(socketPath, method, path);
    expect(status).toBe(400);
    expect(body).toMatchObject({ message: expect.stringContaining("an address") });
    expect(body).not.toMatchObject({ message: expect.stringContaining(">=") });
  });

  const badLimit = "limit: expected a whole number from 1 to 10000";
  const badTarget = "expected either ?address=ADDRESS or ?all=1";
  it.each([
    { query: "limit=0", method: "GET", message: badLimit },
    { query: "limit=10001", method: "GET", message: badLimit },
    { query: "limit=ten", method: "GET", message: badLimit },
    { query: "limit=", method: "GET", message: badLimit },
    { query: `after=${"1".repeat(101)}`, method: "GET", message: /^after: / },
    { query: "sort=age", method: "GET", message: /sort/ },
    { query: "", method: "DELETE", message: badTarget },
    { query: "all=0", method: "DELETE", message: badTarget },
    { query: "address=", method: "DELETE", message: /^address: / },
    { query: "address=192.0.2.7&all=1", method: "DELETE", message: badTarget },
  ])("answers 400 to $method ?$query and does nothing", async ({ query, method, message }) => {
    const answer = await ask(socketPath, method, `/v1/bans?${query}`);
    expect(answer.status).toBe(400);
    const fault = faultViewSchema.strict().parse(answer.body);
    expect(fault.error).toBe("ERR_USAGE");
    expect(fault.message).toMatch(message);
    expect(operator.requests).toEqual([]);
    expect(operator.banViews).toEqual([BAN]);
  });

  it.each([
    { body: undefined, message: "the body is not JSON" },
    { body: "{", message: "the body is not JSON" },
    { body: "null", message: /object/ },
    { body: "{}", message: /^address: / },
    { body: '{"address":7}', message: /^address: / },
    { body: JSON.stringify({ address: "1".repeat(101) }), message: /^address: / },
    { body: '{"address":"192.0.2.7","for_seconds":0}', message: /^for_seconds: / },
    { body: '{"address":"192.0.2.7","for_seconds":315360001}', message: /^for_seconds: / },
    { body: '{"address":"192.0.2.7","for_seconds":1.5}', message: /^for_seconds: / },
    { body: '{"address":"192.0.2.7","forever":true}', message: /forever/ },
    { body: '{"for_seconds":-1,"reason":7}', message: /address: .*; for_seconds: .*; reason: / },
    { body: '{"address":"nonsense"}', message: '"nonsense" is not an address or prefix' },
  ])("answers 400 to a ban of $body with all faults", async ({ body, message }) => {
    const answer = await ask(socketPath, "POST", "/v1/bans", body);
    expect(answer.status).toBe(400);
    expect(faultViewSchema.strict().parse(answer.body).message).toMatch(message);
  });

  it.each([
    { method: "POST", path: "/v1/bans", body: "{" },
    { method: "POST", path: "/v1/bans", body: '{"address":"203.0.113.9"}' },
    { method: "DELETE", path: "/v1/bans?all=1", body: undefined },
    { method: "POST", path: "/v1/trusted", body: '{"address":"203.0.113.9"}' },
    { method: "POST", path: "/v1/confirm", body: undefined },
    { method: "POST", path: "/v1/reload", body: undefined },
  ])("answers 403 to $method $path with $body of a reader", async ({ method, path, body }) => {
    callerUid = 1000;
    const answer = await ask(socketPath, method, path, body);
    expect(answer.status).toBe(403);
    expect(faultViewSchema.strict().parse(answer.body).error).toBe("ERR_PERMISSION");
    expect(operator.banViews).toEqual([BAN]);
    expect(operator.isConfirmed).toBe(false);
  });

  it.each(["/v1/status", "/v1/bans", "/v1/trusted"])("lets a reader read %s", async (path) => {
    callerUid = 1000;
    expect((await ask(socketPath, "GET", path)).status).toBe(200);
  });

  it.each([
    { method: "GET", path: "/" },
    { method: "GET", path: "/v2/status" },
    { method: "GET", path: "/v1/status/" },
    { method: "PUT", path: "/v2/status" },
  ])("answers 404 to $method $path", async ({ method, path }) => {
    expect(await ask(socketPath, method, path)).toEqual({
      status: 404,
      type: JSON_TYPE,
      body: { error: "ERR_USAGE", message: `no such request: ${method} ${path}` },
    });
  });

  it.each([
    { method: "PUT", path: "/v1/bans", allow: "GET, HEAD, POST, DELETE" },
    { method: "OPTIONS", path: "/v1/status", allow: "GET, HEAD" },
    { method: "DELETE", path: "/v1/trusted", allow: "GET, HEAD, POST" },
    { method: "GET", path: "/v1/confirm", allow: "POST" },
  ])("answers 405 to $method $path, which takes $allow", async ({ method, path, allow }) => {
    const api = createApi(operator, { mayChange: () => true, onDefect: () => {} });
    const reply = await api.request(path, { method });
    expect(reply.status).toBe(405);
    // A client may go by the list alone; the order says nothing.
    const listed = (reply.headers.get("allow") ?? "").split(", ");
    expect(listed.toSorted()).toEqual(allow.split(", ").toSorted());
    const { error, message } = faultViewSchema.strict().parse(await reply.json());
    expect(error).toBe("ERR_USAGE");
    expect(message).toBe(
      `no such request: ${method} ${path}; this path takes ${listed.join(", ")}`,
    );
  });

  it.each([
    { bytes: MAX_BODY_BYTES, status: 400 },
    { bytes: MAX_BODY_BYTES + 1, status: 413 },
  ])("answers $status to a body of $bytes bytes", async ({ bytes, status }) => {
    const body = "x".repeat(bytes);
    for (const sent of [body, [body.slice(0, 10), body.slice(10)]]) {
      const answer = await ask(socketPath, "POST", "/v1/bans", sent);
      expect(answer.status).toBe(status);
      expect(faultViewSchema.strict().parse(answer.body).error).toBe("ERR_USAGE");
    }
  });

  it("takes a body of unannounced length", async () => {
    const body = ['{"address":', '"203.0.113.9"}'];
    expect((await ask(socketPath, "POST", "/v1/bans", body)).status).toBe(200);
  });

  it.each([
    { code: "ERR_REFUSED", status: 409 },
    { code: "ERR_KERNEL", status: 500 },
    { code: "ERR_BROKER", status: 503 },
  ] as const)("answers $status to $code, with its message", async ({ code, status }) => {
    operator.failure = new OperationalError(code, "what, where, what to do");
    expect(await ask(socketPath, "GET", "/v1/status")).toEqual({
      status,
      type: JSON_TYPE,
      body: { error: code, message: "what, where, what to do" },
    });
  });

  it("gives every operational error a status that is no success", async () => {
    for (const code of Object.keys(EXIT_STATUS) as (keyof typeof EXIT_STATUS)[]) {
      operator.failure = new OperationalError(code, "reason");
      expect((await ask(socketPath, "GET", "/v1/status")).status).toBeGreaterThanOrEqual(400);
    }
  });

  it("tells a defect to the guard, not to the client, and goes on", async () => {
    const defect = new Error("secret of the inside");
    operator.failure = defect;
    const answer = await ask(socketPath, "GET", "/v1/status");
    expect(answer.status).toBe(500);
    expect(JSON.stringify(answer.body)).not.toContain("secret");
    expect(defects).toEqual([defect]);
    expect((await ask(socketPath, "GET", "/v1/status")).status).toBe(200);
  });

  it.each([
    { body: "announced", head: "Content-Length: 100\r\n\r\n{" },
    { body: "chunked", head: "Transfer-Encoding: chunked\r\n\r\n5\r\n{" },
  ])("calls it no defect when a client breaks off in its $body body", async ({ head }) => {
    const client = await open(socketPath);
    client.write(`POST /v1/bans HTTP/1.1\r\nHost: guard\r\n${head}`);
    client.end();
    await once(client, "close");
    expect((await ask(socketPath, "GET", "/v1/status")).status).toBe(200);
    expect(defects).toEqual([]);
    expect(operator.requests).toEqual([]);
  });
});

describe("serveApi", () => {
  it("is rejected when it cannot listen", async () => {
    const api = createApi(operator, { mayChange: () => true, onDefect: () => {} });
    await expect(serveApi(api, { path: join(directory, "no/api.sock") })).rejects.toThrow("EACCES");
  });

  it("ends open connections when it closes, and may be closed twice", async () => {
    const client = await open(socketPath);
    const closed = once(client, "close");
    await served.close();
    await closed;
    await served.close();
    await expect(ask(socketPath, "GET", "/v1/status")).rejects.toThrow("ENOENT");
  });

  it(`closes what comes beyond ${MAX_CONNECTIONS} connections, and serves again afterwards`, async () => {
    const clients: Socket[] = [];
    for (let count = 0; count < MAX_CONNECTIONS; count += 1) clients.push(await open(socketPath));
    await expect(ask(socketPath, "GET", "/v1/status")).rejects.toThrow();
    const closed = Promise.all(clients.map((client) => once(client, "close")));
    for (const client of clients) client.end();
    await closed;
    expect((await ask(socketPath, "GET", "/v1/status")).status).toBe(200);
  });

  it("serves on a listening socket that it has inherited", async () => {
    // Moved away, the path outlives the close in this process; the child holds the socket.
    const bound = join(directory, "bound.sock");
    const inherited = join(directory, "inherited.sock");
    const listener = createServer().listen(bound);
    await once(listener, "listening");
    renameSync(bound, inherited);
    const fd = (listener as unknown as { _handle: { fd: number } })._handle.fd;
    const child = spawn(process.execPath, [join(import.meta.dirname, "listener-child.ts")], {
      stdio: ["pipe", "pipe", "inherit", fd],
    });
    listener.close();
    try {
      expect(`${(await once(child.stdout as NonNullable<typeof child.stdout>, "data"))[0]}`).toBe(
        "serving\n",
      );
      expect((await ask(inherited, "GET", "/v1/status")).body).toEqual(STATUS);
      expect((await ask(inherited, "POST", "/v1/confirm")).status).toBe(403);
    } finally {
      const ended = once(child, "exit");
      child.stdin?.end();
      expect(await ended).toEqual([0, null]);
    }
  });
});

/** A connection that says nothing. */
async function open(path: string): Promise<Socket> {
  const client = connect(path);
  await once(client, "connect");
  return client.resume();
}
