/**
 * The model of the kernel's logic against the kernel: the same packets to the real table in a
 * namespace and to the model, and both must find the same probes and begin the same holds.
 */
import { join } from "node:path";
import fc from "fast-check";
import { expect, it } from "vitest";
import type { TableOptions } from "../../src/kernel/table-options.ts";
import { type AddressWords, wordsOf } from "../../src/net/address-words.ts";
import { type IpAddress, parseIpAddress } from "../../src/net/ip-address.ts";
import { PortSet } from "../../src/net/port-range.ts";
import { type Prefix, parsePrefix } from "../../src/net/prefix.ts";
import { PrefixSet } from "../../src/net/prefix-set.ts";
import { SourceKeys } from "../../src/net/source-keys.ts";
import { CaptureSessions } from "../../src/replay/capture-sessions.ts";
import { GateModel } from "../../src/replay/gate-model.ts";
import { KernelModel } from "../../src/replay/kernel-model.ts";
import { OtherModel } from "../../src/replay/other-model.ts";
import { CaptureSockets, OwnAddresses } from "../../src/replay/own-machine.ts";
import { PortHistory } from "../../src/replay/port-history.ts";
import { ReplaySensor } from "../../src/replay/replay-sensor.ts";
import { describeLive } from "../support/live.ts";
import { Lab } from "../support/namespaces.ts";
import {
  ACK,
  encodeFragments,
  encodePacket,
  encodeProtocol,
  FIN,
  type PacketSpec,
  PSH,
  RST,
  SYN,
  URG,
} from "../support/packets.ts";
import { NODE } from "../support/programs.ts";
import { sendPackets } from "../support/send-packets.ts";
import { startServices } from "../support/services.ts";
import { waitFor } from "../support/wait-for.ts";
import type { LoggedPacket } from "./kernel-model-listener.ts";
import { DEFAULTS, RulesScene, SERVICE } from "./kernel-rules-scene.ts";

const UDP_SERVICE = 5300;
const TARGET = { 4: "198.51.100.10", 6: "2001:db8:100::10" } as const;

/** Where a /64 is many people, and who is trusted, in the kernel's sets and in the model. */
const SINGLE = "2001:db8:51::/48";
const TRUSTED = { 4: "192.0.2.200", 6: "2001:db8:2::7" } as const;

interface Step extends Omit<PacketSpec, "to" | "sequence" | "payload"> {
  /** Default: the target's address of the family of `from`. */
  readonly to?: string;
  readonly afterMs?: number;
  /** Offsets of the pieces in which it is sent; default: whole. */
  readonly pieces?: readonly number[];
  /** Neither TCP nor UDP: its number, and its first byte, which is the type of ICMP. */
  readonly portless?: { readonly protocol: number; readonly type: number };
}

/** The bytes of each step, in which its number stands: as sequence number, or as data. */
function encodeStep(step: Step, index: number): Buffer[] {
  const to = step.to ?? TARGET[step.from.includes(":") ? 6 : 4];
  const number = Buffer.alloc(16);
  number.writeUInt32BE(index);
  if (step.portless !== undefined) {
    const { protocol, type } = step.portless;
    const data = Buffer.concat([Buffer.of(type, 0, 0, 0), number]);
    return [encodeProtocol({ from: step.from, to, protocol, data })];
  }
  const payload = step.transport === "udp" ? { payload: number } : {};
  const spec = { ...step, to, sequence: index, identification: (index % 65_535) + 1, ...payload };
  return step.pieces === undefined ? [encodePacket(spec)] : encodeFragments(spec, step.pieces);
}

/** The number in a packet that came back. */
function numberIn(packet: Buffer): number {
  let at = 20;
  let protocol = packet.readUInt8(9);
  if (packet.readUInt8(0) >> 4 === 6) {
    at = 40;
    protocol = packet.readUInt8(6);
    if (protocol === 44) {
      protocol = packet.readUInt8(at);
      at += 8;
    }
  }
  return packet.readUInt32BE(at + (protocol === 17 ? 8 : 4));
}

/** What one side made of the steps: "3" is a probe, "4 hold" one that began a hold. */
type Findings = readonly string[];

function prefixesOf(...texts: string[]): PrefixSet<string> {
  const set = new PrefixSet<string>();
  for (const text of texts) set.add(parsePrefix(text) as Prefix, "test");
  return set;
}

function findByModel(steps: readonly Step[], options: TableOptions): Findings {
  const keys = new SourceKeys({ ipv6PrefixBits: options.ipv6PrefixBits });
  keys.setSingle([parsePrefix(SINGLE) as Prefix]);
  const trusted = prefixesOf(TRUSTED[4], TRUSTED[6]);
  const open = { tcp: new PortSet([SERVICE]), udp: new PortSet([UDP_SERVICE]) };
  const sockets = new CaptureSockets(open, new PortHistory());
  const isTrusted = (source: AddressWords) => trusted.coveringWords(source) !== undefined;
  const sensor = new ReplaySensor({
    gate: new GateModel(keys),
    kernel: new KernelModel({ options, keys, sockets, isTrusted }),
    other: new OtherModel(options, isTrusted),
    own: new OwnAddresses(
      undefined,
      [TARGET[4], TARGET[6]].map((text) => wordsOf(parseIpAddress(text) as IpAddress)),
    ),
    sockets,
    sessions: new CaptureSessions(keys),
    listener: { onVisitor: () => {}, onShutOut: () => {} },
    sensesAck: options.sensesAck,
    sensesOther: options.sensesOther,
  });
  const found: string[] = [];
  let current = 0;
  sensor.start(
    ({ startedHold }) => found.push(`${current}${startedHold ? " hold" : ""}`),
    () => {},
  );
  let atMs = 0;
  for (const [index, step] of steps.entries()) {
    atMs += step.afterMs ?? 0;
    current = index;
    for (const packet of encodeStep(step, index)) {
      const place = { start: 0, end: packet.length, seenAtEpochMs: atMs, linkType: 101 };
      sensor.take(packet, place, atMs);
    }
  }
  return found;
}

async function findByKernel(steps: readonly Step[], options: TableOptions): Promise<Findings> {
  await using lab = await Lab.open();
  const scene = await RulesScene.build(lab, options);
  await startServices(scene.target.namespace, { udp: [UDP_SERVICE] });
  await scene.run(
    `add element inet vedette single6 { ${SINGLE} }`,
    `add element inet vedette trusted4 { ${TRUSTED[4]} }`,
    `add element inet vedette trusted6 { ${TRUSTED[6]} }`,
  );
  const script = join(import.meta.dirname, "kernel-model-listener.ts");
  const listener = scene.target.namespace.spawn(NODE, [script]);
  await waitFor("the listener", 30_000, () => listener.lines.includes("listening"));
  // The last one is a probe by every table that is tried, from a source of its own.
  const end: Step = { from: "203.0.113.77", port: 4001 };
  const packets = [...steps, end].flatMap((step, index) =>
    encodeStep(step, index).map((packet, piece) => ({
      hex: packet.toString("hex"),
      afterMs: piece === 0 ? (step.afterMs ?? 0) : 0,
    })),
  );
  await sendPackets(lab, scene.router, packets);
  const logged = () =>
    listener.lines
      .filter((line) => line.startsWith("{"))
      .map((line) => JSON.parse(line) as LoggedPacket)
      .map(({ hex, isHold }) => ({ number: numberIn(Buffer.from(hex, "hex")), isHold }));
  await waitFor("the last packet", 30_000, () =>
    logged().some(({ number }) => number === steps.length),
  );
  return logged()
    .filter(({ number }) => number !== steps.length)
    .map(({ number, isHold }) => `${number}${isHold ? " hold" : ""}`);
}

/** Packets of both families from a source, so that every rule has its packet. */
const TABLE: readonly Step[] = [
  // Two-port hold; one port again; a third while held; the service while held.
  { from: "192.0.2.1", port: 4001 },
  { from: "192.0.2.1", port: 4001 },
  { from: "192.0.2.1", port: 4002 },
  { from: "192.0.2.1", port: 4003 },
  { from: "192.0.2.1", port: SERVICE },
  // A trap, an excluded port, the service alone.
  { from: "192.0.2.2", port: 23 },
  { from: "192.0.2.3", port: 113 },
  { from: "192.0.2.3", port: SERVICE },
  { from: "192.0.2.3", port: 4001 },
  // Families of ports count once, of both transports.
  { from: "192.0.2.4", port: 993 },
  { from: "192.0.2.4", port: 143 },
  { from: "192.0.2.4", port: 4004 },
  { from: "192.0.2.5", port: 995 },
  { from: "192.0.2.5", transport: "udp", port: 110 },
  // Flags: no stack sends them, or somebody's answer.
  ...[0, FIN, FIN | PSH | URG, SYN | FIN, URG, PSH].map((flags, index) => ({
    from: `192.0.2.${20 + index}`,
    port: 4001,
    flags,
  })),
  ...[SYN | ACK, RST, RST | ACK, ACK, FIN | ACK, PSH | ACK, SYN | RST, SYN | FIN | ACK].map(
    (flags, index) => ({ from: `192.0.2.${30 + index}`, port: 4001, flags }),
  ),
  ...[0, FIN, SYN | FIN, ACK].map((flags) => ({ from: "192.0.2.40", port: SERVICE, flags })),
  // UDP: late answers, listed ports, the ephemeral range, a service.
  { from: "192.0.2.50", transport: "udp", sourcePort: 53, port: 5000 },
  { from: "192.0.2.51", transport: "udp", sourcePort: 53, port: 500 },
  { from: "192.0.2.52", transport: "udp", port: 40_000 },
  { from: "192.0.2.53", transport: "udp", port: 500 },
  { from: "192.0.2.54", transport: "udp", sourcePort: 443, port: 32_771 },
  { from: "192.0.2.55", transport: "udp", sourcePort: 500, port: 32_771 },
  { from: "192.0.2.56", transport: "udp", sourcePort: 123, port: 161 },
  { from: "192.0.2.57", transport: "udp", port: UDP_SERVICE },
  { from: "192.0.2.58", transport: "udp", port: 1900 },
  // Trusted; IPv4 in tiny pieces, out of their order; to everybody.
  { from: TRUSTED[4], port: 4001 },
  { from: TRUSTED[6], port: 4001 },
  { from: "192.0.2.60", port: 4001, pieces: [0, 8, 16] },
  { from: "192.0.2.60", port: 4002, pieces: [0, 16] },
  { from: "192.0.2.61", transport: "udp", port: 500, pieces: [0, 16] },
  // A /64 is one source; where it is many people, an address is.
  { from: "2001:db8:1::1", port: 4001 },
  { from: "2001:db8:1::2", port: 4002 },
  { from: "2001:db8:1:1::1", port: 4003 },
  { from: "2001:db8:51::1", port: 4001 },
  { from: "2001:db8:51::2", port: 4002 },
  { from: "2001:db8:51::2", port: 4003 },
  { from: "2001:db8:3::1", port: 445 },
  { from: "2001:db8:4::1", port: SERVICE },
  { from: "2001:db8:4::1", port: 4001, flags: 0 },
  { from: "2001:db8:5::1", transport: "udp", port: 500 },
  { from: "2001:db8:5::1", transport: "udp", sourcePort: 53, port: 5000 },
  // IPv6 pieces come to the rules one by one: the first has the ports.
  { from: "2001:db8:6::1", transport: "udp", port: 500, pieces: [0, 16] },
  // More holds than the budget has, by traps of one source: no time passes.
  ...Array.from({ length: 8 }, () => ({ from: "192.0.2.70", port: 23 })),
];

const PORTLESS: readonly Step[] = [
  ...[0, 3, 5, 8, 11, 12, 13, 14, 15, 17, 18].map((type) => ({ protocol: 1, type })),
  ...[0, 2, 4, 41, 46, 47, 50, 51, 58, 59, 89, 112, 115, 132, 255].map((protocol) => ({
    protocol,
    type: 8,
  })),
].map((portless, index) => ({ from: `192.0.2.${index + 1}`, port: 0, portless }));

const PORTLESS_6: readonly Step[] = [
  ...[1, 128, 129, 130, 135, 136].map((type) => ({ protocol: 58, type })),
  ...[1, 2, 4, 47, 50, 59, 89, 132, 255].map((protocol) => ({ protocol, type: 8 })),
].map((portless, index) => ({ from: `2001:db8:${index + 10}::1`, port: 0, portless }));

/** Any packet from a few sources to a few ports. */
const anyStep: fc.Arbitrary<Step> = fc.record({
  from: fc.constantFrom(
    ...Array.from({ length: 12 }, (_, index) => `192.0.2.${100 + index}`),
    ...["2001:db8:9::1", "2001:db8:9::2", "2001:db8:51:9::1", "2001:db8:51:9::2"],
  ),
  transport: fc.constantFrom("tcp", "tcp", "udp"),
  sourcePort: fc.constantFrom(53, 123, 443, 700, 1024, 30_000, 61_000),
  port: fc.constantFrom(
    1,
    23,
    69,
    80,
    110,
    113,
    139,
    143,
    161,
    445,
    1900,
    3389,
    4001,
    32_771,
    40_000,
  ),
  flags: fc.oneof(fc.constant(SYN), fc.nat(255)),
});

describeLive("KernelModel finds what the kernel finds", [], () => {
  const few = new PortSet([1, 80, 161, 445, 4001]);
  it.each<{ what: string; options: Partial<TableOptions> }>([
    { what: "by default", options: {} },
    { what: "when one port holds", options: { holdAfter: 1 } },
    { what: "when nobody is held", options: { holdAfter: "off" } },
    { what: "with ACK scans", options: { sensesAck: true } },
    { what: "when UDP is only watched", options: { onlyWatched: { tcp: false, udp: true } } },
    { what: "with few watched ports", options: { watched: { tcp: few, udp: few } } },
    { what: "when served ports are told", options: { told: { tcp: few, udp: few } } },
    { what: "when an IPv6 source is an address", options: { ipv6PrefixBits: 128 } },
    { what: "without trap ports", options: { trapPorts: new PortSet() } },
  ])("$what", async ({ options: changes }) => {
    const options = { ...DEFAULTS, ...changes };
    const steps = [...TABLE, ...fc.sample(anyStep, { numRuns: 400, seed: 20_261_123 })];

    const byModel = findByModel(steps, options);
    const byKernel = await findByKernel(steps, options);

    const told = (findings: Findings) =>
      findings.map(
        (finding) => `${finding} ${JSON.stringify(steps[Number.parseInt(finding, 10)])}`,
      );
    expect(told(byModel)).toEqual(told(byKernel));
    expect(byKernel.length).toBeGreaterThan(20);
  });

  it.each([
    { what: "off", options: {}, told: 0 },
    { what: "on", options: { sensesOther: true }, told: 20 },
    {
      what: "on, with fewer protocols left out",
      options: { sensesOther: true, excludedProtocols: new PortSet([1, 47]) },
      told: 20,
    },
  ])("with what has no port $what", async ({ options: changes, told }) => {
    const options = { ...DEFAULTS, ...changes };
    const trusted = [TRUSTED[4], TRUSTED[6]].flatMap((from) =>
      [1, 47, 58].map((protocol) => ({ from, port: 0, portless: { protocol, type: 8 } })),
    );
    // Two addresses are told of once a minute, and each other protocol again.
    const again = [1, 47, 47].map((protocol) => ({
      ...{ from: "192.0.2.4", port: 0, portless: { protocol, type: 8 } },
    }));
    const steps = [...PORTLESS, ...PORTLESS_6, ...trusted, ...again];

    const byKernel = await findByKernel(steps, options);

    const named = (findings: Findings) =>
      findings.map((finding) => `${finding} ${JSON.stringify(steps[Number(finding)])}`);
    expect(named(findByModel(steps, options))).toEqual(named(byKernel));
    expect(byKernel.length).toBeGreaterThanOrEqual(told);
    if (told === 0) expect(byKernel).toEqual([]);
  });

  it("over the time of holds, and with the budget of them", async () => {
    const options = { ...DEFAULTS, holdSeconds: 1 };
    const source = "192.0.2.1";
    const steps: Step[] = [
      ...Array.from({ length: 7 }, () => ({ from: source, port: 23, afterMs: 1200 })),
      { from: source, port: SERVICE },
      { from: "192.0.2.2", port: 4001 },
      { from: "192.0.2.2", port: 4002 },
      { from: "192.0.2.2", port: 4002, afterMs: 1500 },
      { from: "192.0.2.2", port: 4003 },
    ];

    const byKernel = await findByKernel(steps, options);

    expect(findByModel(steps, options)).toEqual(byKernel);
    expect(byKernel.filter((finding) => finding.endsWith("hold")).length).toBe(7);
  });
});
