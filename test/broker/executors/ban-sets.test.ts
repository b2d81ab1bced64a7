import { describe, expect, it } from "vitest";
import {
  bannedByElement,
  banPlaceOf,
  intervalPlaceOf,
} from "../../../src/broker/executors/ban-sets.ts";
import { prefix } from "../fakes.ts";

describe("banPlaceOf", () => {
  it.each([
    { banned: "192.0.2.7", bits: 64, shared: false, set: "banned4", text: "192.0.2.7" },
    { banned: "192.0.2.0/31", bits: 64, shared: false, set: "bannet4", text: "192.0.2.0/31" },
    { banned: "192.0.2.0/24", bits: 64, shared: false, set: "bannet4", text: "192.0.2.0/24" },
    { banned: "2001:db8::/64", bits: 64, shared: false, set: "banned6", text: "2001:db8::" },
    // As text it is the same element as the /64, so it must stand elsewhere.
    { banned: "2001:db8::", bits: 64, shared: false, set: "bannet6", text: "2001:db8::" },
    { banned: "2001:db8::", bits: 64, shared: true, set: "bannet6", text: "2001:db8::" },
    { banned: "2001:db8::5", bits: 64, shared: false, set: "banned6", text: "2001:db8::5" },
    { banned: "2001:db8::5", bits: 64, shared: true, set: "banned6", text: "2001:db8::5" },
    // The kernel passes a banned /64 by where one address is one source.
    { banned: "2001:db8::/64", bits: 64, shared: true, set: "bannet6", text: "2001:db8::/64" },
    { banned: "2001:db8::/63", bits: 64, shared: false, set: "bannet6", text: "2001:db8::/63" },
    { banned: "2001:db8::/65", bits: 64, shared: false, set: "bannet6", text: "2001:db8::/65" },
    { banned: "2001:db8::/64", bits: 56, shared: false, set: "bannet6", text: "2001:db8::/64" },
    { banned: "2001:db8::/56", bits: 56, shared: false, set: "banned6", text: "2001:db8::" },
    { banned: "2001:db8:0:1::", bits: 56, shared: false, set: "banned6", text: "2001:db8:0:1::" },
    { banned: "2001:db8::", bits: 128, shared: false, set: "banned6", text: "2001:db8::" },
    { banned: "2001:db8::/64", bits: 128, shared: false, set: "bannet6", text: "2001:db8::/64" },
  ])("$banned with /$bits, shared=$shared -> $set $text", ({ banned, bits, shared, set, text }) => {
    expect(banPlaceOf(prefix(banned), bits, shared)).toEqual({
      set,
      text,
      first: text.replace(/\/.*/, ""),
      isInterval: set.startsWith("bannet"),
    });
  });
});

describe("bannedByElement", () => {
  it.each([
    { element: "2001:db8::", bits: 64, banned: "2001:db8::/64" },
    { element: "2001:db8::", bits: 128, banned: "2001:db8::/128" },
    { element: "2001:db8::1", bits: 64, banned: "2001:db8::1/128" },
    { element: "192.0.2.0", bits: 64, banned: "192.0.2.0/32" },
  ])("$element with /$bits shuts out $banned", ({ element, bits, banned }) => {
    expect(bannedByElement(prefix(element), bits)).toBe(banned);
  });
});

describe("intervalPlaceOf", () => {
  it("is the interval set of the family", () => {
    expect(intervalPlaceOf(prefix("2001:db8::/64"))).toMatchObject({ set: "bannet6" });
    expect(intervalPlaceOf(prefix("192.0.2.0/24"))).toMatchObject({ set: "bannet4" });
  });
});
