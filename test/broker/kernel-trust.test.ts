import { describe, expect, it } from "vitest";
import { encodeTrust, KernelTrust } from "../../src/broker/kernel-trust.ts";
import { FakeNft, prefix } from "./fakes.ts";

describe("encodeTrust", () => {
  it("fills three sets at once, by family and without overlaps", () => {
    const trusted = ["192.0.2.7", "192.0.2.0/24", "2001:db8::7", "198.51.100.7"].map(prefix);
    // nft -f: flush and fill, one transaction.
    expect(encodeTrust(trusted, ["2001:db8::/64", "2001:db8::/32"].map(prefix))).toBe(
      "flush set inet vedette trusted4\n" +
        "add element inet vedette trusted4 { 192.0.2.0/24, 198.51.100.7 }\n" +
        "flush set inet vedette trusted6\n" +
        "add element inet vedette trusted6 { 2001:db8::7 }\n" +
        "flush set inet vedette single6\n" +
        "add element inet vedette single6 { 2001:db8::/32 }\n",
    );
  });

  it("of everything writes everything alone", () => {
    const commands = encodeTrust(["192.0.2.7", "0.0.0.0/0", "::/0"].map(prefix), []);
    expect(commands).toContain("trusted4 { 0.0.0.0/0 }");
    expect(commands).toContain("trusted6 { ::/0 }");
  });
});

describe("KernelTrust", () => {
  it("writes what has changed, and everything when forced", () => {
    const nft = new FakeNft();
    const kernel = new KernelTrust(nft, nft);
    for (const isForced of [false, false, true]) kernel.write([prefix("192.0.2.7")], [], isForced);
    kernel.write([prefix("192.0.2.8")], [], false);
    expect(nft.runs).toHaveLength(3);
    expect(nft.elements("trusted4")).toEqual(["192.0.2.8"]);
  });

  it.each(["trusted4", "trusted6"])("sees that somebody else has emptied a set: %s", (set) => {
    const nft = new FakeNft();
    const kernel = new KernelTrust(nft, nft);
    expect(kernel.isIntact()).toBe(true);
    kernel.write(["192.0.2.0/24", "2001:db8::7"].map(prefix), [], false);
    expect(kernel.isIntact()).toBe(true);
    nft.sets.get(set)?.clear();
    expect(kernel.isIntact()).toBe(false);
    kernel.write([], [], false);
    expect(kernel.isIntact()).toBe(true);
  });

  it("sees that somebody else has taken a part of a set", () => {
    const nft = new FakeNft();
    const kernel = new KernelTrust(nft, nft);
    const trusted = ["192.0.2.7", "198.51.100.0/24", "2001:db8:7::7", "2001:db8:8::/48"];
    const written: readonly (readonly [string, string])[] = [
      ["trusted4", "192.0.2.7"],
      ["trusted4", "198.51.100.0/24"],
      ["trusted6", "2001:db8:7::7"],
      ["trusted6", "2001:db8:8::/48"],
      ["single6", "2001:db8:1::/48"],
    ];
    for (const [set, element] of written) {
      kernel.write(trusted.map(prefix), [prefix("2001:db8:1::/48")], true);
      expect(kernel.isIntact()).toBe(true);
      nft.sets.get(set)?.delete(element);
      expect(kernel.isIntact()).toBe(false);
    }
  });

  it("looks for sixteen of a large set, from its first to its last", () => {
    const nft = new FakeNft();
    const kernel = new KernelTrust(nft, nft);
    const many = Array.from({ length: 200 }, (_, index) => `192.0.2.${index}`);
    kernel.write(many.map(prefix), [], false);
    nft.lookUps.length = 0;
    expect(kernel.isIntact()).toBe(true);
    expect(nft.lookUps).toHaveLength(16);
    for (const end of ["192.0.2.0", "192.0.2.199"]) {
      expect(nft.lookUps).toContain(`trusted4 ${end}`);
    }
  });

  it("throws when the kernel refuses, and tries the same again", () => {
    const nft = new FakeNft();
    const kernel = new KernelTrust(nft, nft);
    kernel.write([], [], false);
    nft.isTableGone = true;
    expect(() => kernel.write([prefix("192.0.2.7")], [], false)).toThrow("Error: No such file");
    nft.isTableGone = false;
    kernel.write([prefix("192.0.2.7")], [], false);
    expect(nft.elements("trusted4")).toEqual(["192.0.2.7"]);
  });
});
