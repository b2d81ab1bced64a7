import { describe, expect, it } from "vitest";
import { apiKeys } from "../../src/api/options.ts";

/** The value, or what is wrong in words. */
function read(key: keyof typeof apiKeys, text: string): unknown {
  const parsed = apiKeys[key].parse(text);
  return parsed.status === "ok" ? parsed.value : (parsed.problem ?? `expected ${parsed.expected}`);
}

describe("API_LISTEN", () => {
  it.each([
    { text: "", value: undefined },
    { text: "127.0.0.1:9847", value: { address: "127.0.0.1", port: 9847 } },
    { text: "127.8.9.10:1024", value: { address: "127.8.9.10", port: 1024 } },
    { text: "[::1]:65535", value: { address: "::1", port: 65_535 } },
    { text: "[0:0::1]:9847", value: { address: "::1", port: 9847 } },
    { text: "[::ffff:127.0.0.1]:9847", value: { address: "127.0.0.1", port: 9847 } },
  ])("takes $text", ({ text, value }) => {
    expect(read("API_LISTEN", text)).toEqual(value);
  });

  it.each(["0.0.0.0:9847", "192.0.2.1:9847", "[::]:9847", "[2001:db8::1]:9847", "128.0.0.1:9847"])(
    "refuses %s, and says how it is done",
    (text) => {
      expect(read("API_LISTEN", text)).toMatch(/reached from outside.*reverse proxy.*ssh -L 9847/);
    },
  );

  it.each([
    { text: "127.0.0.1:1023", problem: /^port 1023 is below 1024$/ },
    { text: "127.0.0.1:65536", problem: /^port 65536 is above 65535$/ },
    { text: "localhost:9847", problem: /^expected a loopback address and a port/ },
    { text: "127.0.0.1", problem: /^expected/ },
    { text: "9847", problem: /^expected/ },
    { text: "::1:9847", problem: /^expected/ },
    { text: "127.0.0.1:9847 ", problem: /^expected/ },
    { text: "127.1:9847", problem: /^expected/ },
  ])("refuses $text", ({ text, problem }) => {
    expect(read("API_LISTEN", text)).toMatch(problem);
  });
});

describe("API_HOSTS", () => {
  it.each([
    { text: "", value: [] },
    { text: "Sentry.example.org  a-b.test", value: ["sentry.example.org", "a-b.test"] },
  ])("takes $text", ({ text, value }) => {
    expect(read("API_HOSTS", text)).toEqual(value);
  });

  it.each(["-a.example", "a..b", "a.example:443", "*", "https://a.example", `${"a".repeat(64)} *`])(
    "refuses %s",
    (text) => {
      expect(read("API_HOSTS", text)).toMatch(/is no name of a host$/);
    },
  );

  it("refuses more than it can keep", () => {
    expect(read("API_HOSTS", "a.example ".repeat(101))).toMatch(/^expected/);
  });
});
