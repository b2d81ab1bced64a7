import { describe, expect, it } from "vitest";
import { MetadataAddress } from "../../../src/broker/trust/metadata-address.ts";
import { parseResolvers, Resolvers } from "../../../src/broker/trust/resolvers.ts";
import { FakeFiles, prefixesOf } from "./fake-files.ts";

describe("parseResolvers", () => {
  it.each([
    { text: "nameserver 192.0.2.53\n", found: ["192.0.2.53/32"] },
    { text: "search example.org\nnameserver\t2001:db8::53", found: ["2001:db8::53/128"] },
    { text: "nameserver fe80::1%eth0\n", found: ["fe80::1/128"] },
    { text: "nameserver 192.0.2.53 # ours\r\n", found: ["192.0.2.53/32"] },
    { text: "# nameserver 192.0.2.53\n;nameserver 192.0.2.54\n", found: [] },
    { text: "nameserver 0.0.0.0/0\n", found: [] },
    { text: "nameserver ns.example.org\nnameservers 192.0.2.53\n", found: [] },
  ])("$text -> $found", ({ text, found }) => {
    expect(parseResolvers(text).map(({ prefix }) => prefix)).toEqual(found);
  });
});

describe("Resolvers", () => {
  it("reads what stands behind a stub too", () => {
    using files = new FakeFiles();
    const paths = [
      files.write("etc", "nameserver 127.0.0.53\n"),
      files.path("run"),
      files.path("no"),
    ];
    files.write("run", "nameserver 192.0.2.53\n");
    expect(prefixesOf(new Resolvers(paths).read())).toEqual(["127.0.0.53/32", "192.0.2.53/32"]);
  });
});

describe("MetadataAddress", () => {
  it("is IPv4 and IPv6", () => {
    expect(prefixesOf(new MetadataAddress().read())).toEqual([
      "169.254.169.254/32",
      "fd00:ec2::254/128",
    ]);
  });
});
