import { describe, expect, it } from "vitest";
import type { Probe, ProbeKind } from "../../src/model/probe.ts";
import { formatWords, parseWords } from "../../src/net/address-words.ts";
import { SourceKeys } from "../../src/net/source-keys.ts";
import { decodePacket } from "../../src/packet/decode-packet.ts";
import { PacketHeader } from "../../src/packet/packet-header.ts";
import { ANSWERED_MS } from "../../src/proof/answered-sources.ts";
import { Challenge, type PacketSender } from "../../src/proof/challenge.ts";
import { COOKIE_EPOCH_MS } from "../../src/proof/cookie.ts";
import { NETWORK_BURST } from "../../src/proof/send-budget.ts";

const words = (text: string) => parseWords(text) as Uint32Array;
const UPLINK = 7;

/** Keeps what is sent, decoded. */
class FakeSender implements PacketSender {
  readonly packet = new Uint8Array(1280);
  readonly sent: { header: PacketHeader; bytes: number; interfaceIndex: number }[] = [];
  isBroken = false;

  send(bytes: number, source: Uint32Array, destination: Uint32Array, interfaceIndex: number) {
    if (this.isBroken) return false;
    const header = new PacketHeader();
    expect(decodePacket(this.packet, 0, bytes, header)).toBe("decoded");
    // What the message says and what the packet says must be one.
    expect([formatWords(source), formatWords(destination)]).toEqual([
      formatWords(header.source),
      formatWords(header.destination),
    ]);
    this.sent.push({ header, bytes, interfaceIndex });
    return true;
  }

  /** The last packet. */
  last(): PacketHeader {
    const last = this.sent.at(-1);
    if (last === undefined) throw new Error("nothing was sent");
    return last.header;
  }
}

function probe(source: string, more: Partial<Probe> = {}): Probe {
  const destination = source.includes(":") ? "2001:db8:100::1" : "198.51.100.1";
  return {
    source: words(source),
    destination: words(destination),
    ...{ transport: "tcp", port: 23, sourcePort: 40_000, kind: "tcp-syn", tcpFlags: 2 },
    ...{ evidence: "claimed", sensor: "nflog", startedHold: false, hasIpOptions: false },
    ...{ isFragment: false, header: undefined, interfaceIndex: UPLINK, seenAtMs: 0 },
    ...more,
  };
}

/** What a stack without such a connection answers: RFC 9293 section 3.10.7.1, ACK bit on. */
function resetOf(question: PacketHeader): PacketHeader {
  const reply = new PacketHeader();
  reply.source.set(question.destination);
  reply.destination.set(question.source);
  reply.sourcePort = question.destinationPort;
  reply.destinationPort = question.sourcePort;
  reply.tcpFlags = 0x04;
  reply.tcpSequence = question.tcpAcknowledgement;
  return reply;
}

function scene(perSecond = 1000) {
  const sender = new FakeSender();
  const keys = new SourceKeys({ ipv6PrefixBits: 64 });
  return { sender, challenge: new Challenge({ perSecond }, sender, keys) };
}

describe("Challenge", () => {
  it.each([
    { source: "203.0.113.9", bytes: 40 },
    { source: "2001:db8:9::9", bytes: 60 },
  ])("asks $source with a SYN+ACK of $bytes bytes by the way it came", ({ source, bytes }) => {
    const { sender, challenge } = scene();
    const asked = probe(source);
    expect(challenge.answer(asked)).toBe(true);
    expect(sender.sent).toHaveLength(1);
    expect(sender.sent[0]).toMatchObject({ bytes, interfaceIndex: UPLINK });
    const { tcpFlags, sourcePort, destinationPort, ...header } = sender.last();
    expect({ tcpFlags, sourcePort, destinationPort }).toEqual({
      tcpFlags: 0x12,
      sourcePort: 23,
      destinationPort: 40_000,
    });
    expect(formatWords(header.source)).toBe(formatWords(asked.destination));
    expect(formatWords(header.destination)).toBe(source);
  });

  it.each<ProbeKind>([
    ...([
      "tcp-syn",
      "tcp-null",
      "tcp-fin",
      "tcp-xmas",
      "tcp-maimon",
      "tcp-ack",
      "tcp-odd",
    ] as const),
  ])("asks after a probe of kind %s", (kind) => {
    const { sender, challenge } = scene();
    expect(challenge.answer(probe("203.0.113.9", { kind }))).toBe(true);
    expect(sender.last().tcpFlags).toBe(0x12);
  });

  it.each<{ what: string; more: Partial<Probe> }>([
    { what: "a UDP packet", more: { transport: "udp", kind: "udp", tcpFlags: 0 } },
    { what: "a connection that a listener accepted", more: { evidence: "proven" } },
    { what: "this machine's own probe", more: { interfaceIndex: 1 } },
  ])("asks nobody after $what", ({ more }) => {
    const { sender, challenge } = scene();
    expect(challenge.answer(probe("203.0.113.9", more))).toBe(false);
    expect(sender.sent).toEqual([]);
  });

  it("asks nobody where nothing says by which way", () => {
    const { interfaceIndex: _, ...unplaced } = probe("203.0.113.9");
    const { sender, challenge } = scene();
    expect(challenge.answer(unplaced)).toBe(false);
    expect(sender.sent).toEqual([]);
  });

  it.each(["203.0.113.9", "2001:db8:9::9"])("finds %s alive by the right reset", (source) => {
    const { sender, challenge } = scene();
    challenge.answer(probe(source));
    const reply = resetOf(sender.last());
    expect(challenge.judge(reply, UPLINK, 250)).toBe("alive");
    expect(challenge.counts()).toMatchObject({ sent: 1, answered: 1, wrong: 0 });
  });

  it("takes a reset with ACK, too: some stacks set it", () => {
    const { sender, challenge } = scene();
    challenge.answer(probe("203.0.113.9"));
    const reply = resetOf(sender.last());
    reply.tcpFlags = 0x14;
    expect(challenge.judge(reply, UPLINK, 250)).toBe("alive");
  });

  it.each<{ what: string; change: (reply: PacketHeader) => void }>([
    { what: "the number next to it", change: (reply) => reply.tcpSequence++ },
    // What a forger knows of a plain SYN+ACK: its own sequence number and one more.
    { what: "a number of the forger's", change: (reply) => (reply.tcpSequence = 1) },
    { what: "another source", change: (reply) => reply.source.set(words("203.0.113.10")) },
    { what: "another source port", change: (reply) => reply.sourcePort++ },
    { what: "another port of ours", change: (reply) => reply.destinationPort++ },
  ])("finds nobody alive by a reset with $what", ({ change }) => {
    const { sender, challenge } = scene();
    challenge.answer(probe("203.0.113.9"));
    const reply = resetOf(sender.last());
    change(reply);
    expect(challenge.judge(reply, UPLINK, 250)).toBeUndefined();
    expect(challenge.counts()).toMatchObject({ answered: 0, wrong: 1 });
  });

  it("leaves what is no reset to others, and counts nothing", () => {
    const { sender, challenge } = scene();
    challenge.answer(probe("203.0.113.9"));
    const reply = resetOf(sender.last());
    reply.tcpFlags = 0x10;
    expect(challenge.judge(reply, UPLINK, 250)).toBeUndefined();
    expect(challenge.counts()).toMatchObject({ answered: 0, wrong: 0 });
  });

  it.each([
    { what: "after the turn of the minute", atMs: COOKIE_EPOCH_MS, isAlive: true },
    { what: "at the end of the next one", atMs: 2 * COOKIE_EPOCH_MS - 1, isAlive: true },
    { what: "after that", atMs: 2 * COOKIE_EPOCH_MS, isAlive: false },
  ])("an answer under way $what counts: $isAlive", ({ atMs, isAlive }) => {
    const { sender, challenge } = scene();
    challenge.answer(probe("203.0.113.9", { seenAtMs: COOKIE_EPOCH_MS - 1 }));
    expect(challenge.judge(resetOf(sender.last()), UPLINK, atMs)).toBe(
      isAlive ? "alive" : undefined,
    );
  });

  it("asks who has answered again after a minute, and not before", () => {
    const { sender, challenge } = scene();
    challenge.answer(probe("203.0.113.9"));
    challenge.judge(resetOf(sender.last()), UPLINK, 100);
    const later = (seenAtMs: number) => challenge.answer(probe("203.0.113.9", { seenAtMs }));
    expect(later(100 + ANSWERED_MS - 1)).toBe(false);
    expect(later(100 + ANSWERED_MS)).toBe(true);
    expect(challenge.counts()).toMatchObject({ sent: 2, capped: 0 });
  });

  it("takes the answer of one IPv6 address for its /64, which is one source", () => {
    const { sender, challenge } = scene();
    challenge.answer(probe("2001:db8:9::9"));
    challenge.judge(resetOf(sender.last()), UPLINK, 100);
    expect(challenge.answer(probe("2001:db8:9::a", { seenAtMs: 200 }))).toBe(false);
    expect(challenge.answer(probe("2001:db8:9:1::a", { seenAtMs: 200 }))).toBe(true);
  });

  it("sends one network no more than its budget, however often it is named", () => {
    const { sender, challenge } = scene();
    for (let port = 1; port <= 500; port += 1) challenge.answer(probe("203.0.113.9", { port }));
    expect(sender.sent).toHaveLength(NETWORK_BURST);
    expect(challenge.counts()).toMatchObject({ sent: NETWORK_BURST, capped: 490 });
  });

  it("sends no more in all than the configuration says, and follows when that changes", () => {
    const { sender, challenge } = scene(100);
    const flood = (seenAtMs: number) => {
      for (let index = 0; index < 1000; index += 1) {
        challenge.answer(probe(`10.${index >> 8}.${index & 255}.1`, { seenAtMs }));
      }
    };
    flood(0);
    expect(sender.sent).toHaveLength(100);
    challenge.reconfigure({ perSecond: 0 });
    flood(10_000);
    expect(sender.sent).toHaveLength(100);
    expect(challenge.counts()).toMatchObject({ sent: 100, capped: 1900 });
  });

  it("counts what the machine does not send, and says that nothing is on its way", () => {
    const { sender, challenge } = scene();
    sender.isBroken = true;
    expect(challenge.answer(probe("203.0.113.9"))).toBe(false);
    expect(challenge.counts()).toMatchObject({ sent: 0, unsent: 1 });
  });
});
