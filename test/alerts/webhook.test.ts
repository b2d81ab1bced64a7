import { describe, expect, it } from "vitest";
import { parseHeaders, postWebhook } from "../../src/alerts/webhook.ts";
import { parseWebhookUrl } from "../../src/alerts/webhook-url.ts";
import { WebhookServer } from "./webhook-server.ts";

describe("postWebhook", () => {
  it("posts JSON with the headers of the file", async () => {
    using server = await WebhookServer.open();
    const headers = { authorization: "Bearer t-1" };
    expect(await postWebhook({ url: server.url, headers }, '{"a":"ä"}')).toEqual({
      status: "sent",
    });
    expect(server.received).toMatchObject([
      {
        method: "POST",
        path: "/hook/a-secret",
        body: '{"a":"ä"}',
        headers: { "content-type": "application/json", authorization: "Bearer t-1" },
      },
    ]);
  });

  it.each([
    { status: 204, outcome: { status: "sent" } },
    { status: 302, outcome: { status: "failed", isFinal: true } },
    { status: 401, outcome: { status: "failed", isFinal: true } },
    { status: 408, outcome: { status: "failed", isFinal: false } },
    { status: 429, outcome: { status: "failed", isFinal: false, retryAfterMs: 7000 } },
    { status: 503, outcome: { status: "failed", isFinal: false, retryAfterMs: 7000 } },
  ])("takes $status for $outcome, and follows no redirect", async ({ status, outcome }) => {
    using server = await WebhookServer.open();
    using elsewhere = await WebhookServer.open();
    server.answer = (response) => {
      response.writeHead(status, { location: elsewhere.url.href, "retry-after": "7" }).end();
    };
    const seen = await postWebhook({ url: server.url, headers: {} }, "{}");
    expect(seen).toMatchObject(outcome);
    expect(JSON.stringify(seen)).not.toContain("secret");
    expect(elsewhere.received).toEqual([]);
  });

  it("says that nobody listens", async () => {
    const server = await WebhookServer.open();
    const { url } = server;
    server[Symbol.dispose]();
    expect(await postWebhook({ url, headers: {} }, "{}")).toEqual({
      status: "failed",
      reason: `${url.host}: ECONNREFUSED`,
      isFinal: false,
    });
  });
});

describe("parseHeaders", () => {
  it("reads names and values, and passes over comments", () => {
    expect(parseHeaders("# token\r\nAuthorization: Bearer a b\r\n\r\nX-One:1\n")).toEqual({
      status: "ok",
      headers: { authorization: "Bearer a b", "x-one": "1" },
    });
  });

  it.each(["Authorization", "A b: c", "Host: other", "Content-Length: 1", "X: a\u0007b", "X:"])(
    "refuses %j and names its line alone",
    (line) => {
      expect(parseHeaders(`X-One: 1\n${line}`)).toEqual({ status: "fault", line: 2 });
    },
  );
});

describe("parseWebhookUrl", () => {
  it.each([
    "ntfy.sh",
    "ftp://a.example/",
    "https://",
    "https://a.example/ b",
    "file:///etc/passwd",
  ])("takes %j for none", (text) => {
    expect(parseWebhookUrl(text)).toBeUndefined();
  });
});
