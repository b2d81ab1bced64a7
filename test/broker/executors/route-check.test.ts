import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  hasRoute,
  hostsRoutedTo,
  type RouteTables,
  type RouteTarget,
  readRouteTables,
} from "../../../src/broker/executors/route-check.ts";
import { prefix } from "../fakes.ts";

/** What Linux 6.18 shows after the commands beside each line; IPv4 is in host order. */
const TABLES: RouteTables = {
  4: [
    "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT   ",
    "eth0\t00000000\t016433C6\t0003\t0\t0\t0\t00000000\t0\t0\t0   ",
    // route add -host 192.0.2.7 reject
    "*\t070200C0\t00000000\t0205\t0\t0\t0\tFFFFFFFF\t0\t0\t0   ",
    // ip route add blackhole 192.0.2.8
    "*\t080200C0\t00000000\t0005\t0\t0\t0\tFFFFFFFF\t0\t0\t0   ",
    // ip route add 192.0.2.9 via 198.51.100.254
    "eth0\t090200C0\tFE6433C6\t0007\t0\t0\t0\tFFFFFFFF\t0\t0\t0   ",
    // ip route add 192.0.2.10 dev lo
    "lo\t0A0200C0\t00000000\t0005\t0\t0\t0\tFFFFFFFF\t0\t0\t0   ",
    // route add -net 203.0.113.0 netmask 255.255.255.0 reject
    "*\t007100CB\t00000000\t0201\t0\t0\t0\t00FFFFFF\t0\t0\t0   ",
    "",
  ].join("\n"),
  6: [
    // ip -6 route add blackhole 2001:db8::8
    "20010db8000000000000000000000008 80 00000000000000000000000000000000 00 " +
      "00000000000000000000000000000000 00000400 00000003 00000000 00200200       lo",
    // ip -6 route add 2001:db8::b via 2001:db8:1::fe
    "20010db800000000000000000000000b 80 00000000000000000000000000000000 00 " +
      "20010db80001000000000000000000fe 00000400 00000001 00000000 00000003     eth0",
    // ip -6 route add unreachable 2001:db8:7::/64
    "20010db8000700000000000000000000 40 00000000000000000000000000000000 00 " +
      "00000000000000000000000000000000 00000400 00000001 00000000 00200200       lo",
    // What every machine has.
    "00000000000000000000000000000000 00 00000000000000000000000000000000 00 " +
      "00000000000000000000000000000000 ffffffff 00000001 00000000 00200200       lo",
    "",
  ].join("\n"),
};

const REJECT: RouteTarget = { kind: "reject" };
const BLACKHOLE: RouteTarget = { kind: "blackhole" };
const viaGateway = (gateway: string): RouteTarget => ({ kind: "gateway", gateway });
const toDevice = (device: string): RouteTarget => ({ kind: "device", device });

describe("hasRoute", () => {
  it.each([
    { destination: "192.0.2.7", target: REJECT },
    { destination: "192.0.2.8", target: BLACKHOLE },
    { destination: "192.0.2.9", target: viaGateway("198.51.100.254") },
    { destination: "192.0.2.10", target: toDevice("lo") },
    { destination: "203.0.113.0/24", target: REJECT },
    { destination: "2001:db8::8", target: BLACKHOLE },
    { destination: "2001:db8::8", target: REJECT },
    { destination: "2001:db8::b", target: viaGateway("2001:db8:1:0::fe") },
    { destination: "2001:db8:7::/64", target: REJECT },
    { destination: "::/0", target: REJECT },
  ])("finds $destination $target", ({ destination, target }) => {
    expect(hasRoute(TABLES, prefix(destination), target)).toBe(true);
  });

  it.each([
    { destination: "192.0.2.7", target: BLACKHOLE },
    { destination: "192.0.2.8", target: REJECT },
    { destination: "192.0.2.9", target: REJECT },
    { destination: "192.0.2.9", target: viaGateway("198.51.100.253") },
    { destination: "192.0.2.9", target: viaGateway("gateway.example.org") },
    { destination: "192.0.2.10", target: BLACKHOLE },
    { destination: "192.0.2.10", target: toDevice("eth0") },
    { destination: "192.0.2.77", target: REJECT },
    { destination: "192.0.2.7/31", target: REJECT },
    { destination: "203.0.113.0/25", target: REJECT },
    { destination: "203.0.113.0", target: REJECT },
    // A gateway is no destination.
    { destination: "198.51.100.254", target: REJECT },
    { destination: "198.51.100.254", target: viaGateway("198.51.100.254") },
    { destination: "2001:db8:1::fe", target: REJECT },
    { destination: "2001:db8::b", target: REJECT },
    { destination: "2001:db8:7::", target: REJECT },
    { destination: "0.0.0.0/0", target: REJECT },
  ])("does not find $destination $target", ({ destination, target }) => {
    expect(hasRoute(TABLES, prefix(destination), target)).toBe(false);
  });

  it("finds nothing in empty or broken tables, and does not throw", () => {
    const text = fc.oneof(fc.string(), fc.constant("*\t070200C0\t"), fc.constant(TABLES[4]));
    fc.assert(
      fc.property(text, (broken) => {
        const tables = { 4: broken.replaceAll("FFFFFFFF", "zz"), 6: broken };
        expect(hasRoute(tables, prefix("192.0.2.7"), REJECT)).toBe(false);
        expect(hasRoute(tables, prefix("2001:db8::8"), REJECT)).toBe(false);
      }),
    );
  });
});

describe("hostsRoutedTo", () => {
  it.each([
    { target: REJECT, hosts: ["192.0.2.7/32", "2001:db8::8/128"] },
    { target: BLACKHOLE, hosts: ["192.0.2.8/32", "2001:db8::8/128"] },
    { target: viaGateway("198.51.100.254"), hosts: ["192.0.2.9/32"] },
    { target: toDevice("lo"), hosts: ["192.0.2.10/32"] },
    { target: toDevice("wg0"), hosts: [] },
  ])("$target: $hosts", ({ target, hosts }) => {
    expect(hostsRoutedTo(TABLES, target)).toEqual(hosts);
  });
});

describe("readRouteTables", () => {
  it("reads this machine's own tables", async () => {
    const tables = await readRouteTables();
    expect(tables[4].startsWith("Iface")).toBe(true);
  });
});
