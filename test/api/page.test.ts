import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { Door } from "../../src/api/door.ts";
import { type Page, readPage } from "../../src/api/page.ts";
import { createApi } from "../../src/api/server.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { FakeOperator } from "./fake-operator.ts";

const folder = mkdtempSync(join(tmpdir(), "vedette-page-"));
afterAll(() => rmSync(folder, { recursive: true }));
mkdirSync(join(folder, "assets"));
writeFileSync(join(folder, "index.html"), "<!doctype html>");
writeFileSync(join(folder, "assets/index-AbC1.js"), "export {};");
writeFileSync(join(folder, "assets/index-AbC1.js.map"), "{}");
writeFileSync(join(folder, "secret.txt"), "not of the page");

const HOST = { host: "127.0.0.1:9847" };

function ask(path: string, headers: Record<string, string> = HOST, page: Page = readPage(folder)) {
  const tokenHash = createHash("sha256").update("t".repeat(43)).digest("hex");
  const place = { address: "127.0.0.1", port: 9847 };
  const door = new Door({ tokenHash, place, hosts: [], clock: new FakeClock() });
  const options = { mayChange: () => true, onDefect: () => {}, door, page };
  return createApi(new FakeOperator(), options).request(path, { headers });
}

describe("the page", () => {
  it("is shown to who has no token, and runs nothing but its own files", async () => {
    const reply = await ask("/");
    expect([reply.status, await reply.text()]).toEqual([200, "<!doctype html>"]);
    expect(reply.headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(reply.headers.get("cache-control")).toBe("no-cache");
    const policy = reply.headers.get("content-security-policy") ?? "";
    expect(policy).toMatch(/^default-src 'none'; script-src 'self'; /);
    expect(policy).not.toMatch(/unsafe|\*|https?:/);
    for (const directive of ["base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"]) {
      expect(policy).toContain(directive);
    }
    expect(reply.headers.get("x-content-type-options")).toBe("nosniff");
    expect(reply.headers.get("referrer-policy")).toBe("no-referrer");
  });

  it("has files that a browser may keep, because their names are those of their content", async () => {
    const reply = await ask("/assets/index-AbC1.js");
    expect([reply.status, await reply.text()]).toEqual([200, "export {};"]);
    expect(reply.headers.get("content-type")).toBe("text/javascript; charset=utf-8");
    expect(reply.headers.get("cache-control")).toContain("immutable");
  });

  it("is not sent to who has it", async () => {
    const tag = (await ask("/")).headers.get("etag") ?? "";
    const again = await ask("/", { ...HOST, "if-none-match": tag });
    expect([again.status, await again.text()]).toEqual([304, ""]);
    expect((await ask("/", { ...HOST, "if-none-match": '"other"' })).status).toBe(200);
  });

  it.each([
    { what: "another host", headers: { host: "evil.example" } },
    { what: "another origin", headers: { ...HOST, origin: "http://evil.example" } },
    { what: "another site's frame", headers: { ...HOST, "sec-fetch-site": "cross-site" } },
  ])("is refused to $what", async ({ headers }) => {
    expect((await ask("/", headers)).status).toBe(403);
    expect((await ask("/assets/index-AbC1.js", headers)).status).toBe(403);
  });

  it.each([
    "/index.html",
    "/secret.txt",
    "/assets",
    "/assets/",
    "/assets/index-AbC1.js.map",
    "/assets/../secret.txt",
    "/assets/%2e%2e/secret.txt",
    "/v1/status",
  ])("is nothing else: %s needs the token", async (path) => {
    expect((await ask(path)).status).toBe(401);
  });

  it("says how to come by it where it is not built", async () => {
    const reply = await ask("/", HOST, readPage(join(folder, "nowhere")));
    expect(reply.status).toBe(404);
    expect(reply.headers.get("content-type")).toBe("text/plain; charset=utf-8");
    expect(await reply.text()).toContain("npm run dashboard");
  });

  it.each([
    { what: "has no index.html", fill: () => {}, reason: "ENOENT" },
    {
      what: "has a folder in the place of a file",
      fill: (built: string) => mkdirSync(join(built, "assets/x.js")),
      reason: "EISDIR",
    },
    {
      what: "is too large",
      fill: (built: string) => writeFileSync(join(built, "assets/x.js"), Buffer.alloc(2 ** 22)),
      reason: "more than 4194304 bytes",
    },
    {
      what: "has too many files",
      fill: (built: string) => {
        for (let each = 0; each < 64; each += 1)
          writeFileSync(join(built, `assets/${each}.js`), "");
      },
      reason: "more than 64 files",
    },
    {
      what: "has what no browser is told the kind of",
      fill: (built: string) => writeFileSync(join(built, "assets/x.wasm"), ""),
      reason: "unknown kind",
    },
  ])("is shown whole or not at all, and says why: a build that $what", async ({ fill, reason }) => {
    const built = mkdtempSync(join(folder, "built-"));
    mkdirSync(join(built, "assets"));
    if (reason !== "ENOENT") writeFileSync(join(built, "index.html"), "<!doctype html>");
    fill(built);
    const page = readPage(built);
    expect([...page.keys()]).toEqual(["/"]);
    const reply = await ask("/", HOST, page);
    const text = await reply.text();
    expect(reply.status).toBe(404);
    expect(text).toContain(reason);
    expect(text).not.toContain(built);
  });

  it("is not on the Unix socket", async () => {
    const api = createApi(new FakeOperator(), {
      mayChange: () => true,
      onDefect: () => {},
      page: readPage(folder),
    });
    expect((await api.request("/")).status).toBe(404);
  });
});
