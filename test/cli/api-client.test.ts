import { mkdtempSync, rmSync } from "node:fs";
import type { RequestListener, Server } from "node:http";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { ApiOperator } from "../../src/cli/api-client.ts";
import type { ErrorCode } from "../../src/errors.ts";
import { BAN, STATUS } from "../api/fake-operator.ts";

const directory = mkdtempSync(join(tmpdir(), "vedette-client-"));
afterAll(() => rmSync(directory, { recursive: true }));

const socketPath = join(directory, "api.sock");
let server: Server | undefined;

/** A guard that answers everything with `listener`. */
async function answer(listener: RequestListener): Promise<void> {
  server = createServer(listener);
  await new Promise<void>((resolve) => server?.listen(socketPath, resolve));
}

afterEach(() => {
  server?.close();
  server?.closeAllConnections();
  server = undefined;
});

async function codeOf(asked: Promise<unknown>): Promise<ErrorCode> {
  const error: unknown = await asked.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return (error as { code: ErrorCode }).code;
}

describe("ApiOperator", () => {
  it("hands on what fits as it came, unknown fields included", async () => {
    const newer = { ...STATUS, mood: "calm" };
    await answer((_request, reply) => reply.end(JSON.stringify(newer)));
    expect(await new ApiOperator(socketPath).status()).toEqual(newer);
  });

  it("escapes what it puts into a path", async () => {
    const urls: (string | undefined)[] = [];
    await answer((request, reply) => {
      urls.push(request.url);
      reply.end(
        JSON.stringify(request.method === "GET" ? [BAN] : { address: "", status: "applied" }),
      );
    });
    const client = new ApiOperator(socketPath);
    await client.bans(5, "2001:db8::/64");
    await client.unban("192.0.2.7&all=1");
    expect(urls).toEqual([
      "/v1/bans?limit=5&after=2001%3Adb8%3A%3A%2F64",
      "/v1/bans?address=192.0.2.7%26all%3D1",
    ]);
  });

  it.each([
    { what: "text that is no JSON", body: "<html>" },
    { what: "an answer without its fields", body: "{}" },
    { what: "nothing", body: "" },
  ])("calls $what unavailable and not a status", async ({ body }) => {
    await answer((_request, reply) => reply.end(body));
    expect(await codeOf(new ApiOperator(socketPath).status())).toBe("ERR_UNAVAILABLE");
  });

  it.each([
    { error: "ERR_REFUSED", code: "ERR_REFUSED" },
    { error: "ERR_PERMISSION", code: "ERR_PERMISSION" },
    { error: "ERR_DEFECT", code: "ERR_UNAVAILABLE" },
    { error: "constructor", code: "ERR_UNAVAILABLE" },
  ])("throws the guard's $error as $code with its message", async ({ error, code }) => {
    await answer((_request, reply) => {
      reply.writeHead(500).end(JSON.stringify({ error, message: "told by the guard" }));
    });
    const asked = new ApiOperator(socketPath).status();
    await expect(asked).rejects.toThrow("told by the guard");
    expect(await codeOf(asked)).toBe(code);
  });

  it("says that no guard listens where there is no socket", async () => {
    expect(await codeOf(new ApiOperator(join(directory, "none.sock")).status())).toBe(
      "ERR_NO_GUARD",
    );
  });

  it("waits no longer than it should for the beginning of an answer", async () => {
    await answer(() => {});
    const client = new ApiOperator(socketPath, 20);
    await expect(client.status()).rejects.toThrow("the guard has not answered within 0.02 s");
  });

  it("waits no longer than it should for the end of an answer", async () => {
    await answer((_request, reply) => reply.write("{"));
    expect(await codeOf(new ApiOperator(socketPath, 50).status())).toBe("ERR_UNAVAILABLE");
  });

  it("calls an answer that breaks off unavailable", async () => {
    await answer((_request, reply) => {
      reply.writeHead(200, { "content-length": 100 });
      reply.write("{", () => reply.destroy());
    });
    expect(await codeOf(new ApiOperator(socketPath).status())).toBe("ERR_UNAVAILABLE");
  });

  it("reads no endless answer", async () => {
    await answer((_request, reply) => {
      const pour = () => {
        while (reply.write("x".repeat(1_048_576)));
      };
      reply.on("drain", pour);
      pour();
    });
    await expect(new ApiOperator(socketPath).status()).rejects.toThrow("too long");
  });
});
