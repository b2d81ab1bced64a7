import { describe, expect, it } from "vitest";
import {
  OwnAddresses,
  onLinkIpv6Of,
  ownAddressesOf,
} from "../../../src/broker/trust/own-addresses.ts";

const interfaces = {
  lo: [
    { address: "127.0.0.1", cidr: "127.0.0.1/8" },
    { address: "::1", cidr: "::1/128" },
  ],
  eth0: [
    { address: "192.0.2.10", cidr: "192.0.2.10/24" },
    { address: "2001:db8::10", cidr: "2001:db8::10/64" },
    { address: "2001:db8::11", cidr: "2001:db8::11/64" },
    { address: "fe80::10", cidr: "fe80::10/64" },
    { address: "2001:db8:9::1", cidr: null },
  ],
  wg0: [{ address: "192.0.2.10", cidr: "192.0.2.10/32" }],
  down: undefined,
};

describe("ownAddressesOf", () => {
  it("has every address once, loopback included", () => {
    expect(ownAddressesOf(interfaces)).toEqual([
      "127.0.0.1",
      "::1",
      "192.0.2.10",
      "2001:db8::10",
      "2001:db8::11",
      "fe80::10",
      "2001:db8:9::1",
    ]);
  });
});

describe("onLinkIpv6Of", () => {
  it("has the prefixes of the links, no single address and no IPv4", () => {
    expect(onLinkIpv6Of(interfaces)).toEqual(["2001:db8::/64", "fe80::/64"]);
  });
});

describe("OwnAddresses", () => {
  it("trusts the addresses and not the neighbours", () => {
    const reading = new OwnAddresses(() => interfaces).read();
    expect(reading).toMatchObject({ status: "read", sharedIpv6: ["2001:db8::/64", "fe80::/64"] });
    expect(JSON.stringify(reading)).toContain('{"prefix":"192.0.2.10/32","why":"own address"}');
    expect(JSON.stringify(reading)).not.toContain('"prefix":"2001:db8::/64"');
  });

  it("trusts every address of the loopback, since all of them are this machine's", () => {
    const reading = new OwnAddresses(() => interfaces).read();
    expect(reading).toMatchObject({
      entries: expect.arrayContaining([
        { prefix: "127.0.0.0/8", why: "own address" },
        { prefix: "::1/128", why: "own address" },
      ]),
    });
  });

  it("says that it cannot be read when the kernel does not list interfaces", () => {
    const tooManyFiles = Object.assign(new Error("uv_interface_addresses returned EMFILE"), {
      code: "ERR_SYSTEM_ERROR",
      syscall: "uv_interface_addresses",
    });
    const source = new OwnAddresses(() => {
      throw tooManyFiles;
    });
    expect(source.read()).toEqual({ status: "unreadable", reason: tooManyFiles.message });
  });

  it("does not hide a bug", () => {
    const source = new OwnAddresses(() => {
      throw new TypeError("a bug");
    });
    expect(() => source.read()).toThrow("a bug");
  });

  it("reads the machine's own interfaces by itself", () => {
    expect(JSON.stringify(new OwnAddresses().read())).toContain("127.0.0.0/8");
  });
});
