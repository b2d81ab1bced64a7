import { describe, expect, it } from "vitest";
import { whyNeverBanned, whyTooWide } from "../../../src/broker/executors/bannable.ts";
import { prefix } from "../fakes.ts";

describe("whyNeverBanned", () => {
  it.each([
    { text: "192.0.2.7", why: undefined },
    { text: "198.0.0.0/8", why: undefined },
    { text: "198.0.0.0/7", why: "198.0.0.0/7 is wider than a /8" },
    { text: "2001:db8::/32", why: undefined },
    { text: "2001:db8::/31", why: "2001:db8::/31 is wider than a /32" },
    { text: "0.0.0.0/0", why: "0.0.0.0/0 is wider than a /8" },
    { text: "::/0", why: "::/0 is wider than a /32" },
    { text: "0.0.0.0", why: "0.0.0.0/32 is not a sender's address: unspecified" },
    { text: "127.0.0.1", why: "127.0.0.1/32 is not a sender's address: loopback" },
    { text: "224.0.0.251", why: "224.0.0.251/32 is not a sender's address: multicast" },
    { text: "223.255.255.255", why: undefined },
    { text: "255.255.255.255", why: "255.255.255.255/32 is not a sender's address: broadcast" },
    { text: "::1", why: "::1/128 is not a sender's address: loopback" },
    { text: "ff02::1", why: "ff02::1/128 is not a sender's address: multicast" },
    { text: "::ffff:0.0.0.0/96", why: "0.0.0.0/0 is wider than a /8" },
    { text: "::fffe:0:0/95", why: "::fffe:0:0/95 is not a sender's address: IPv4 inside IPv6" },
    { text: "::ffff:192.0.2.7", why: undefined },
  ])("$text -> $why", ({ text, why }) => {
    expect(whyNeverBanned(prefix(text))).toBe(why);
  });
});

describe("whyTooWide", () => {
  it("looks at the width alone", () => {
    expect(whyTooWide(prefix("127.0.0.0/8"))).toBeUndefined();
    expect(whyTooWide(prefix("126.0.0.0/7"))).toBe("126.0.0.0/7 is wider than a /8");
  });
});
