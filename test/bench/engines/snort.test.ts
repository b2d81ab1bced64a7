import { describe, expect, it } from "vitest";
import { SNORT } from "../../../bench/engines/snort.ts";
import type { Sight } from "../../../bench/sight.ts";
import { PEER, ports, sight } from "../sights.ts";
import { convictionsOf } from "../verdicts.ts";

const RST_ACK = 0x14;
const SYN_ACK = 0x12;

/** SYNs to `count` ports, the first `refused` of them refused at once. */
const scan = (count: number, refused: number, gapMs: number, peer = PEER) =>
  ports(1, count, gapMs, { peer }).flatMap((syn, index) =>
    index < refused
      ? [
          syn,
          sight({ direction: "out", port: index + 1, flags: RST_ACK, atMs: index * gapMs, peer }),
        ]
      : [syn],
  );

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

const unreachables = (count: number): Sight[] =>
  ports(1, count, 10, { flags: "udp" }).flatMap((datagram) => {
    const icmp = sight({ direction: "out", atMs: datagram.atEpochMs });
    icmp.header.transport = undefined;
    icmp.header.protocol = 1;
    return [datagram, { ...icmp, unreachable: "udp" as const }];
  });

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
