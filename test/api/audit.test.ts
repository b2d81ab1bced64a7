import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import type { AuditedRequest } from "../../src/api/audit.ts";
import { createCallerNames, createChangeGate } from "../../src/api/auth.ts";
import { Door } from "../../src/api/door.ts";
import { createApi, type ServedApi, serveApi } from "../../src/api/server.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { ask } from "./ask.ts";
import { FakeOperator } from "./fake-operator.ts";

const directory = mkdtempSync(join(tmpdir(), "vedette-audit-"));
afterAll(() => rmSync(directory, { recursive: true }));
const socketPath = join(directory, "api.sock");
const SECRET = "s3cr3t-s3cr3t";

let callerUid: number;
let kept: AuditedRequest[];

describe("the audit on the Unix socket", () => {
  let served: ServedApi;
  beforeEach(async () => {
    callerUid = 0;
    kept = [];
    const readCaller = () => ({ uid: callerUid, gid: 1000 });
    const api = createApi(new FakeOperator(), {
      mayChange: createChangeGate(readCaller, 990),
      audit: {
        callerOf: createCallerNames(readCaller),
        keep: (request) => void kept.push(request),
      },
      onDefect: () => {},
    });
    served = await serveApi(api, { path: socketPath });
  });
  afterEach(() => served.close());

  it("is told who banned whom before the answer arrives", async () => {
    const body = JSON.stringify({ address: "203.0.113.9", reason: "by hand" });
    await ask(socketPath, "POST", "/v1/bans", body);
    expect(kept).toEqual([
      {
        caller: "root",
        request: "POST /v1/bans",
        status: 200,
        asked: { address: "203.0.113.9", reason: "by hand" },
        outcome: "applied",
      },
    ]);
  });

  it.each<{ method: string; path: string; asked: unknown; ended?: unknown }>([
    { method: "DELETE", path: "/v1/bans?address=203.0.113.9", asked: { address: "203.0.113.9" } },
    {
      ...{ method: "DELETE", path: "/v1/bans?all=1", asked: { all: "1" } },
      ended: { count: 1, addresses: ["192.0.2.7"] },
    },
    { method: "POST", path: "/v1/reload", asked: {} },
  ])("is told of $method $path", async ({ method, path, asked, ended }) => {
    await ask(socketPath, method, path);
    expect(kept).toMatchObject([{ caller: "root", status: 200, asked }]);
    expect(kept[0]?.ended).toEqual(ended);
  });

  it("is told of whoever may not change anything, and of nothing that he sent", async () => {
    callerUid = 1000;
    await ask(socketPath, "POST", "/v1/bans", JSON.stringify({ address: SECRET }));
    await ask(socketPath, "DELETE", `/v1/bans?address=${SECRET}`);
    await ask(socketPath, "POST", `/v1/${SECRET}`);
    expect(kept.map(({ caller, request, status }) => [caller, request, status])).toEqual([
      ["uid 1000", "POST /v1/bans", 403],
      ["uid 1000", "DELETE /v1/bans", 403],
      ["uid 1000", "POST (no such path)", 403],
    ]);
    expect(JSON.stringify(kept)).not.toContain(SECRET);
  });

  it.each([
    { what: "a field that there is not", body: `{"address":"192.0.2.1","token":"${SECRET}"}` },
    { what: "no JSON", body: SECRET },
    { what: "a query that there is not", body: "", path: `/v1/bans?token=${SECRET}` },
  ])("is told of $what without its text", async ({ body, path = "/v1/bans" }) => {
    await ask(socketPath, body === "" ? "DELETE" : "POST", path, body === "" ? undefined : body);
    expect(kept).toMatchObject([{ status: 400, asked: undefined, outcome: undefined }]);
    expect(JSON.stringify(kept)).not.toContain(SECRET);
  });

  it("is not told of reading", async () => {
    await ask(socketPath, "GET", "/v1/status");
    await ask(socketPath, "HEAD", "/v1/bans");
    expect(kept).toEqual([]);
  });
});

describe("the audit behind a door", () => {
  const host = "127.0.0.1:9847";
  const token = { authorization: `Bearer ${SECRET}` };
  let door: Door;
  beforeEach(() => {
    kept = [];
    const tokenHash = createHash("sha256").update(SECRET).digest("hex");
    const place = { address: "127.0.0.1", port: 9847 };
    door = new Door({ tokenHash, place, hosts: [], clock: new FakeClock() });
  });

  async function send(method: string, path: string, headers: Readonly<Record<string, string>>) {
    const api = createApi(new FakeOperator(), {
      mayChange: () => true,
      audit: { callerOf: () => "nobody", keep: (request) => void kept.push(request) },
      onDefect: () => {},
      door,
    });
    return await api.request(`http://${host}${path}`, { method, headers: { host, ...headers } });
  }

  it("is told of a token and of a session, and never of what they are", async () => {
    const opened = await send("POST", "/v1/session", token);
    const cookie = (opened.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
    await send("DELETE", "/v1/session", { cookie, origin: `http://${host}` });
    await send("POST", "/v1/reload", { cookie, origin: `http://${host}` });
    expect(kept.map(({ caller, status }) => [caller, status])).toEqual([
      ["token", 200],
      ["session", 200],
      ["stranger", 401],
    ]);
    expect(JSON.stringify(kept)).not.toContain(SECRET);
    expect(JSON.stringify(kept)).not.toContain(cookie.split("=")[1]);
  });

  it("is told of a wrong token", async () => {
    await send("POST", "/v1/bans", { authorization: "Bearer another" });
    expect(kept).toMatchObject([{ caller: "stranger", status: 401, asked: undefined }]);
  });
});
