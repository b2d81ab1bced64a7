import { describe, expect, it } from "vitest";
import { SCANLOGD } from "../../../bench/engines/scanlogd.ts";
import { PEER, ports, sight } from "../sights.ts";
import { convictionsOf } from "../verdicts.ts";

const others = (count: number, atMs: number) =>
  Array.from({ length: count }, (_, index) =>
    sight({ peer: `192.0.2.${index}`, peerPort: 1, port: 5000, atMs }),
  );

describe("Scanlogd", () => {
  it.each([
    { what: "seven low ports", sights: ports(1, 7, 10), convicts: [`${PEER}@60`] },
    { what: "six low ports", sights: ports(1, 6, 10), convicts: [] },
    { what: "twenty-one high ports", sights: ports(1024, 1044, 10), convicts: [`${PEER}@200`] },
    { what: "twenty high ports", sights: ports(1024, 1043, 10), convicts: [] },
    { what: "1023 among six high", sights: ports(1017, 1023, 10), convicts: [`${PEER}@60`] },
    { what: "pauses of 3 s", sights: ports(1, 7, 3000), convicts: [`${PEER}@18000`] },
    { what: "pauses of 3.001 s", sights: ports(1, 40, 3001), convicts: [] },
    { what: "ACKs", sights: ports(1, 40, 10, { flags: 0x10 }), convicts: [] },
    {
      what: "RSTs behind a SYN",
      sights: ports(1, 40, 10, { flags: 0x04 }).with(0, sight()),
      convicts: [],
    },
    { what: "FINs", sights: ports(1, 7, 10, { flags: 0x01 }), convicts: [`${PEER}@60`] },
    {
      what: "ports with services",
      sights: ports(1, 7, 10, { hasSocket: true }),
      convicts: [`${PEER}@60`],
    },
    { what: "fragments", sights: ports(1, 7, 10, { isReassembled: true }), convicts: [] },
    { what: "UDP", sights: ports(1, 40, 10, { flags: "udp" }), convicts: [] },
    { what: "IPv6", sights: ports(1, 40, 10, { version: 6 }), convicts: [] },
    {
      what: "one port again",
      sights: ports(1, 6, 10).concat(ports(1, 6, 10, { atMs: 99 })),
      convicts: [],
    },
    {
      what: "six ports, 255 others, one port",
      sights: [...ports(1, 6, 10), ...others(255, 60), sight({ port: 7, atMs: 70 })],
      convicts: [`${PEER}@70`],
    },
    {
      what: "six ports, 256 others, one port",
      sights: [...ports(1, 6, 10), ...others(256, 60), sight({ port: 7, atMs: 70 })],
      convicts: [],
    },
  ])("convicts of $what: $convicts", ({ sights, convicts }) => {
    expect(convictionsOf(SCANLOGD, sights)).toEqual(convicts);
  });
});
