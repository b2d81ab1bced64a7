import { describe, expect, it } from "vitest";
import { SNORT } from "../../../bench/engines/snort.ts";
import type { Sight } from "../../../bench/sight.ts";
import { PEER, ports, sight } from "../sights.ts";
import { convictionsOf } from "../verdicts.ts";

const RST_ACK = 0x14;
const SYN_ACK = 0x12;

/** SYNs to `count` ports, the first `refused` of them refused at once. */
const scan = (count: number, refused: number, gapMs: number, peer = PEER, ours?: string) => {
  const ends = ours === undefined ? { peer } : { peer, ours };
  return ports(1, count, gapMs, ends).flatMap((syn, index) => {
    const answer = { ...ends, port: index + 1, flags: RST_ACK, atMs: index * gapMs };
    return index < refused ? [syn, sight({ ...answer, direction: "out" })] : [syn];
  });
};

/** One client that connects and says nothing, `count` times, from ever another port of its own. */
const connections = (count: number) =>
  Array.from({ length: count }, (_, index) => {
    const ends = { port: 1 + (index % 40), peerPort: 1000 + index, atMs: index };
    return [
      sight(ends),
      sight({ ...ends, direction: "out", flags: SYN_ACK }),
      sight({ ...ends, flags: 0x10 }),
    ];
  }).flat();

/** Makes an ICMP "port unreachable" of it. */
const refusalOf = (icmp: Sight): Sight => {
  icmp.header.transport = undefined;
  icmp.header.protocol = 1;
  return { ...icmp, unreachable: "udp" };
};

const unreachables = (count: number): Sight[] =>
  ports(1, count, 10, { flags: "udp" }).flatMap((datagram) => [
    datagram,
    refusalOf(sight({ direction: "out", atMs: datagram.atEpochMs })),
  ]);

const OURS_0 = "198.51.100.0";

/** SYNs to one port of `count` addresses, the first `refused` of them refused at once. */
const sweep = (count: number, refused: number, port = 1) =>
  Array.from({ length: count }, (_, index) => {
    const to = { ours: `198.51.100.${index}`, port, atMs: index };
    const answer = sight({ ...to, direction: "out", flags: RST_ACK });
    return index < refused ? [sight(to), answer] : [sight(to)];
  }).flat();

const udpSweep = (count: number): Sight[] =>
  Array.from({ length: count }, (_, index) => {
    const to = { ours: `198.51.100.${index}`, atMs: index };
    return [sight({ ...to, flags: "udp" }), refusalOf(sight({ ...to, direction: "out" }))];
  }).flat();

const pings = (count: number): Sight[] =>
  Array.from({ length: count }, (_, index) => {
    const ping = sight({ ours: `198.51.100.${index}`, atMs: index });
    ping.header.transport = undefined;
    ping.header.protocol = 1;
    return { ...ping, packet: { bytes: new Uint8Array([8]), atEpochMs: index } };
  });

describe("Snort", () => {
  it.each([
    { what: "15 ports, 10 refused", sights: scan(15, 10, 10), convicts: [`${PEER}@140`] },
    { what: "15 ports, 9 refused", sights: scan(15, 9, 10), convicts: [] },
    { what: "14 ports, all refused", sights: scan(14, 14, 10), convicts: [] },
    {
      what: "200 attempts without an answer",
      sights: scan(200, 0, 10),
      convicts: [`${PEER}@1990`],
    },
    { what: "199 attempts without an answer", sights: scan(199, 0, 10), convicts: [] },
    { what: "15 ports within 90 s", sights: scan(15, 15, 6400), convicts: [`${PEER}@89600`] },
    { what: "15 ports in a little more", sights: scan(15, 15, 6500), convicts: [] },
    { what: "300 connections", sights: connections(300), convicts: [] },
    { what: "FINs", sights: ports(1, 300, 1, { flags: 0x01 }), convicts: [] },
    { what: "16 datagrams, all refused", sights: unreachables(16), convicts: [`${PEER}@140`] },
    { what: "14 datagrams, all refused", sights: unreachables(14), convicts: [] },
    { what: "20 pings", sights: pings(20), convicts: [`${PEER}@19`] },
    { what: "19 pings", sights: pings(19), convicts: [] },
  ])("convicts of $what: $convicts", ({ sights, convicts }) => {
    expect(convictionsOf(SNORT, sights)).toEqual(convicts);
  });

  it.each([
    { what: "7 addresses on a port, all refused", sights: sweep(7, 7), convicts: [`${PEER}@6`] },
    { what: "6 addresses on a port, all refused", sights: sweep(6, 6), convicts: [] },
    { what: "20 addresses on a port, 6 refused", sights: sweep(20, 6), convicts: [] },
    { what: "30 addresses without an answer", sights: sweep(30, 0), convicts: [`${PEER}@29`] },
    { what: "29 addresses without an answer", sights: sweep(29, 0), convicts: [] },
    {
      what: "7 addresses behind 10 ports of the first",
      sights: [...scan(9, 0, 0, PEER, OURS_0), ...sweep(7, 7, 10)],
      convicts: [`${PEER}@6`],
    },
    {
      what: "7 addresses behind 11 ports of the first",
      sights: [...scan(10, 0, 0, PEER, OURS_0), ...sweep(7, 7, 11)],
      convicts: [],
    },
    { what: "5 addresses by UDP, all refused", sights: udpSweep(5), convicts: [`${PEER}@4`] },
    { what: "4 addresses by UDP, all refused", sights: udpSweep(4), convicts: [] },
  ])("convicts the scanning machine of a sweep of $what: $convicts", ({ sights, convicts }) => {
    expect(convictionsOf(SNORT, sights)).toEqual(convicts);
  });

  it("takes a scan among fewer than 60 others for one by one", () => {
    const amid = (others: number) => [
      ...Array.from({ length: others }, (_, index) => sight({ peer: `192.0.2.${index}`, port: 1 })),
      ...scan(15, 15, 0).slice(2),
    ];
    expect(convictionsOf(SNORT, amid(58))).toEqual([`${PEER}@0`]);
    expect(convictionsOf(SNORT, amid(59))).toEqual([]);
  });

  it("takes refusals of what nobody asked for as the other end's affair", () => {
    const backscatter = ports(1, 40, 10, { flags: SYN_ACK }).flatMap((answer, index) => [
      answer,
      sight({ direction: "out", port: index + 1, flags: 0x04, atMs: answer.atEpochMs }),
    ]);
    expect(convictionsOf(SNORT, backscatter)).toEqual([]);
  });

  it("sees a scan by many only at twice the ports, because the machine's counters know no source", () => {
    const byMany = (count: number) =>
      Array.from({ length: count }, (_, index) => {
        const from = { peer: `192.0.2.${index}`, port: index + 1, atMs: index };
        return [sight(from), sight({ ...from, direction: "out", flags: RST_ACK })];
      }).flat();
    expect(convictionsOf(SNORT, byMany(29))).toEqual([]);
    expect(convictionsOf(SNORT, byMany(30))).toEqual(["192.0.2.29@29"]);
  });
});
