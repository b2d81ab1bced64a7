import { describe, expect, it } from "vitest";
import { listBans, parseBanListing } from "../../../src/broker/executors/set-listing.ts";
import { FakeNft } from "../fakes.ts";

const listingOf = (name: string, elem?: unknown[]) => ({
  nftables: [
    { metainfo: { version: "1.0.6", json_schema_version: 1 } },
    { set: { family: "inet", name, table: "vedette", ...(elem === undefined ? {} : { elem }) } },
  ],
});

describe("parseBanListing", () => {
  it("reads addresses and prefixes with and without an end", () => {
    const listing = listingOf("bannet4", [
      "192.0.2.7",
      { elem: { val: "192.0.2.8", timeout: 60, expires: 59 } },
      { prefix: { addr: "198.51.100.0", len: 24 } },
      { elem: { val: { prefix: { addr: "203.0.113.0", len: 25 } }, timeout: 600, expires: 0 } },
    ]);
    expect(parseBanListing(listing, 64)).toEqual([
      { prefix: "192.0.2.7/32", expiresMs: undefined },
      { prefix: "192.0.2.8/32", expiresMs: 59_000 },
      { prefix: "198.51.100.0/24", expiresMs: undefined },
      { prefix: "203.0.113.0/25", expiresMs: 0 },
    ]);
  });

  it("takes an element that begins its block for the block", () => {
    const listing = listingOf("banned6", ["2001:db8::", "2001:db8::1"]);
    expect(parseBanListing(listing, 64).map(({ prefix }) => prefix)).toEqual([
      "2001:db8::/64",
      "2001:db8::1/128",
    ]);
  });

  it("reads an empty set, which is listed without elements", () => {
    expect(parseBanListing(listingOf("banned4"), 64)).toEqual([]);
  });

  it("passes over what we would not have made", () => {
    const listing = listingOf("bannet4", [{ range: ["192.0.2.1", "192.0.2.9"] }, "nonsense", 7]);
    expect(parseBanListing(listing, 64)).toEqual([]);
  });
});

describe("listBans", () => {
  it("lists all four sets, and an address in an interval set as an address", () => {
    const nft = new FakeNft();
    nft.run("add element inet vedette banned4 { 192.0.2.7 timeout 1d60s }");
    nft.run("add element inet vedette banned6 { 2001:db8:: }");
    nft.run("add element inet vedette bannet6 { 2001:db8:: }");
    expect(listBans(nft, 64)).toEqual([
      { prefix: "192.0.2.7/32", expiresMs: 86_460_000 },
      { prefix: "2001:db8::/64", expiresMs: undefined },
      { prefix: "2001:db8::/128", expiresMs: undefined },
    ]);
  });

  it("throws ERR_KERNEL where there is no table", () => {
    const nft = new FakeNft();
    nft.isTableGone = true;
    expect(() => listBans(nft, 64)).toThrow(expect.objectContaining({ code: "ERR_KERNEL" }));
  });
});
