import { describe, expect, it } from "vitest";
import {
  Gateways,
  parseIpv4Gateways,
  parseIpv6Gateways,
} from "../../../src/broker/trust/gateways.ts";
import { FakeFiles, prefixesOf } from "./fake-files.ts";

const IPV4_HEAD =
  "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT   \n";

/** A line as a little-endian machine writes it: C0000201 is 192.0.2.1, turned round. */
const ipv4Route = (destination: string, gateway: string, flags: string, mask: string) =>
  `eth0\t${destination}\t${gateway}\t${flags}\t0\t0\t0\t${mask}\t0\t0\t0   \n`;

const ipv6Route = (destination: string, length: string, gateway: string, flags: string) =>
  `${destination} ${length} ${"0".repeat(32)} 00 ${gateway} 00000400 00000002 00000000 ${flags}     eth0\n`;

const ZERO = "0".repeat(32);
const LINK_LOCAL = "fe800000000000000000000000000001";

describe("parseIpv4Gateways", () => {
  it.each([
    {
      what: "the default route",
      route: ipv4Route("00000000", "010200C0", "0003", "00000000"),
      found: ["192.0.2.1"],
    },
    {
      what: "a VPN's lower half",
      route: ipv4Route("00000000", "010200C0", "0003", "00000080"),
      found: ["192.0.2.1"],
    },
    {
      what: "a route to a network",
      route: ipv4Route("006433C6", "010200C0", "0003", "00FFFFFF"),
      found: [],
    },
    {
      what: "a quarter of the Internet",
      route: ipv4Route("00000000", "010200C0", "0003", "000000C0"),
      found: [],
    },
    {
      what: "a default route without a gateway",
      route: ipv4Route("00000000", "00000000", "0001", "00000000"),
      found: [],
    },
    {
      what: "a route that is down",
      route: ipv4Route("00000000", "010200C0", "0002", "00000000"),
      found: [],
    },
    { what: "a line cut short", route: "eth0\t00000000\t0102", found: [] },
  ])("$what -> $found", ({ route, found }) => {
    expect(parseIpv4Gateways(IPV4_HEAD + route, "LE")).toEqual(found);
  });

  it("reads the other byte order on a machine that has it", () => {
    const route = ipv4Route("00000000", "C0000201", "0003", "00000000");
    expect(parseIpv4Gateways(IPV4_HEAD + route, "BE")).toEqual(["192.0.2.1"]);
  });
});

describe("parseIpv6Gateways", () => {
  it.each([
    {
      what: "the default route",
      route: ipv6Route(ZERO, "00", LINK_LOCAL, "00000003"),
      found: ["fe80::1"],
    },
    {
      what: "2000::/3",
      route: ipv6Route(`2${"0".repeat(31)}`, "03", LINK_LOCAL, "00000003"),
      found: ["fe80::1"],
    },
    {
      what: "a route to a network",
      route: ipv6Route(ZERO, "40", LINK_LOCAL, "00000003"),
      found: [],
    },
    {
      what: "the kernel's own reject route",
      route: ipv6Route(ZERO, "00", ZERO, "00200200"),
      found: [],
    },
    { what: "an empty line", route: "\n", found: [] },
  ])("$what -> $found", ({ route, found }) => {
    expect(parseIpv6Gateways(route)).toEqual(found);
  });
});

describe("Gateways", () => {
  it("reads both files, and none where the kernel has none", () => {
    using files = new FakeFiles();
    expect(prefixesOf(new Gateways(files.folder).read())).toEqual([]);
    files.write("net/ipv6_route", ipv6Route(ZERO, "00", LINK_LOCAL, "00000003"));
    expect(prefixesOf(new Gateways(files.folder).read())).toEqual(["fe80::1/128"]);
  });
});
