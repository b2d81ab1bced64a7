import { describe, expect, it } from "vitest";
import { parseMailAddresses, parseSmtpServer } from "../../src/alerts/mail-address.ts";

describe("parseSmtpServer", () => {
  it.each([
    ["smtp://localhost", { host: "localhost", port: 25, tls: "none", user: undefined }],
    ["smtp://[::1]:2525", { host: "::1", port: 2525, tls: "none", user: undefined }],
    ["smtp://me@localhost", { host: "localhost", port: 587, tls: "upgrade", user: "me" }],
    ["smtp://mail.example.org", { host: "mail.example.org", port: 587, tls: "upgrade" }],
    [
      "smtps://me%40example.org@mail.example.org",
      { port: 465, tls: "begin", user: "me@example.org" },
    ],
  ])("reads %s", (text, server) => {
    expect(parseSmtpServer(text)).toMatchObject(server);
  });

  it.each([
    "mail.example.org",
    "http://mail.example.org",
    "smtp://me:password@mail.example.org",
    "smtp://mail.example.org/path",
    "smtp://",
    "smtp://a b",
    "smtp://%ff@mail.example.org",
    "smtp://a%0d%0aQUIT@mail.example.org",
  ])("takes %j for none", (text) => {
    expect(parseSmtpServer(text)).toBeUndefined();
  });
});

describe("parseMailAddresses", () => {
  it("reads several", () => {
    expect(parseMailAddresses("root@example.org, a.b+c@example")).toEqual([
      "root@example.org",
      "a.b+c@example",
    ]);
  });

  it.each(["root", "<root@example.org>", "a@b\u0007", "a@-b", '"a b"@example.org', "a@b@c"])(
    "takes %j for none",
    (text) => {
      expect(parseMailAddresses(text)).toBeUndefined();
    },
  );
});
