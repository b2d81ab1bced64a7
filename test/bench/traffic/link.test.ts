import { describe, expect, it } from "vitest";
import type { Packet, Service } from "../../../bench/scenario.ts";
import { Link } from "../../../bench/traffic/link.ts";
import { encodeTcp } from "../../../bench/traffic/packets.ts";
import { formatWords } from "../../../src/net/address-words.ts";
import { decodePacket } from "../../../src/packet/decode-packet.ts";
import { PacketHeader } from "../../../src/packet/packet-header.ts";

const OURS = "198.51.100.10";
const PEER = "203.0.113.66";
const SERVICES: readonly Service[] = [
  { transport: "tcp", port: 80, outages: [[1000, 2000]] },
  { transport: "udp", port: 53 },
];
const OUT_FIRST = ["out", "in"] as const;

const endsTo = (destinationPort: number) => ({
  source: PEER,
  destination: OURS,
  sourcePort: 40_000,
  destinationPort,
});

/** "in 2", "out 12": direction and flags in hex; "out icmp" for a refusal. */
function namesOf(packets: readonly Packet[]): string[] {
  const header = new PacketHeader();
  return packets.map(({ bytes }) => {
    decodePacket(bytes, 0, bytes.length, header);
    const direction = formatWords(header.source) === OURS ? "out" : "in";
    const flags = header.transport === "tcp" ? header.tcpFlags.toString(16) : header.transport;
    return `${direction} ${flags ?? "icmp"}`;
  });
}

describe("Link", () => {
  const syn = (port: number) => encodeTcp({ ...endsTo(port), flags: 2, sequence: 41 });

  it.each([
    { what: "a closed port", port: 81, at: 0, reset: 1, answers: ["in 2", "out 14"] },
    {
      what: "a service, to a scanner",
      port: 80,
      at: 0,
      reset: 1,
      answers: ["in 2", "out 12", "in 4"],
    },
    {
      what: "a service, to a forger",
      port: 80,
      at: 0,
      reset: undefined,
      answers: ["in 2", "out 12"],
    },
    { what: "a service that is down", port: 80, at: 1000, reset: 1, answers: ["in 2", "out 14"] },
    {
      what: "a service that is back",
      port: 80,
      at: 2000,
      reset: 1,
      answers: ["in 2", "out 12", "in 4"],
    },
  ])("answers a SYN as $what does", ({ port, at, reset, answers }) => {
    const link = new Link(OURS, SERVICES);
    link.probe(at, syn(port), endsTo(port), reset);
    expect(namesOf(link.packets())).toEqual(answers);
  });

  it("acknowledges the number of the SYN that it answers", () => {
    const link = new Link(OURS, SERVICES);
    link.probe(0, syn(81), endsTo(81), undefined);
    const header = new PacketHeader();
    const bytes = link.packets()[1]?.bytes as Uint8Array;
    decodePacket(bytes, 0, bytes.length, header);
    expect(header.tcpAcknowledgement).toBe(42);
  });

  it("writes a client's whole connection", () => {
    const link = new Link(OURS, SERVICES);
    link.connect(0, endsTo(80));
    expect(namesOf(link.packets())).toEqual([
      ...["in 2", "out 12", "in 10", "in 18", "out 18", "in 11", "out 11", "in 10"],
    ]);
  });

  it("writes one that the service closes", () => {
    const link = new Link(OURS, SERVICES);
    link.connect(0, endsTo(80), { closedBy: "server" });
    expect(namesOf(link.packets()).slice(-3)).toEqual(["out 11", "in 11", "out 10"]);
  });

  it("has both sides of a connection acknowledge what the other has sent", () => {
    const link = new Link(OURS, SERVICES);
    link.connect(0, endsTo(80));
    const header = new PacketHeader();
    const next = { in: 0, out: 0 };
    for (const [index, { bytes }] of link.packets().entries()) {
      decodePacket(bytes, 0, bytes.length, header);
      const [own, other] = formatWords(header.source) === OURS ? OUT_FIRST : OUT_FIRST.toReversed();
      const counted = header.payloadBytes + ((header.tcpFlags & 0x03) === 0 ? 0 : 1);
      if (index > 1) expect(header.tcpSequence).toBe(next[own as "in"]);
      if (index > 0) expect(header.tcpAcknowledgement).toBe(next[other as "in"]);
      next[own as "in"] = header.tcpSequence + counted;
    }
  });

  it("refuses datagrams six at once, and then one a second", () => {
    const link = new Link(OURS, SERVICES);
    const refusals = () => namesOf(link.packets()).filter((name) => name === "out icmp").length;
    for (let port = 1000; port < 1010; port += 1) link.ask(0, endsTo(port));
    expect(refusals()).toBe(6);
    link.ask(999, endsTo(1010));
    expect(refusals()).toBe(6);
    link.ask(1000, endsTo(1011));
    expect(refusals()).toBe(7);
  });

  it("answers a question to a service", () => {
    const link = new Link(OURS, SERVICES);
    link.ask(0, endsTo(53));
    expect(namesOf(link.packets())).toEqual(["in udp", "out udp"]);
  });

  it("hands packets out in the order of their times", () => {
    const link = new Link(OURS, SERVICES);
    link.pass(2, syn(2));
    link.pass(1, syn(1));
    expect(link.packets().map(({ atEpochMs }) => atEpochMs)).toEqual([1, 2]);
  });
});
