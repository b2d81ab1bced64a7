import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PortSet } from "../../../src/net/port-range.ts";
import { type Prefix, parsePrefix } from "../../../src/net/prefix.ts";
import {
  ACK,
  encodeFragments,
  encodePacket,
  FIN,
  type PacketSpec,
  PSH,
  RST,
  SYN,
  URG,
} from "../../support/packets.ts";
import {
  answer,
  from,
  handshake,
  oursOf,
  replayPackets,
  settingsOf,
  timeline,
  US,
} from "./captures.ts";

const SCANNER = "192.0.2.66";
const CLIENT = "192.0.2.7";

/** SYNs to unused ports, which our machine refuses. */
function scan(source: string, ports: readonly number[]): Uint8Array[] {
  return ports.flatMap((port) => [from(source, port), answer(source, port, RST | ACK)]);
}

describe("Replay", () => {
  it("convicts who touched four unused ports, and tells what and when", async () => {
    const { campaigns } = await replayPackets(timeline(scan(SCANNER, [1001, 1002, 1003, 1004])));
    expect(campaigns).toEqual([
      {
        source: SCANNER,
        first: "2026-01-01T00:00:00.000Z",
        last: "2026-01-01T00:00:00.060Z",
        packets: 4,
        destinations: 1,
        ports: "tcp 1001-1004",
        kinds: ["tcp-syn"],
        tool: null,
        evidence: "claimed",
        verdict: "scan",
        score: expect.closeTo(256, 0),
        reason: "4 unused ports within 1 s: tcp 1001-1004; score 256",
        held: true,
        bans: [
          {
            since: "2026-01-01T00:00:00.060Z",
            until: "2026-01-01T00:01:00.060Z",
            evidence: "claimed",
            lifted: null,
          },
        ],
        outcome: "banned",
        spared: null,
      },
    ]);
  });

  it("takes nobody for a scanner who uses real services, and says benign", async () => {
    const packets = [80, 443, 22, 25, 8080].flatMap((port) => handshake(CLIENT, port));
    const { campaigns } = await replayPackets(timeline(packets));
    expect(campaigns).toMatchObject([{ source: CLIENT, verdict: "benign", ports: "", kinds: [] }]);
  });

  it.each([
    { addresses: 7, verdict: "undecided", reason: null },
    { addresses: 8, verdict: "scan", reason: "sweep of 8 of our addresses" },
  ])("of one port on $addresses of our addresses is $verdict", async (given) => {
    const packets = Array.from({ length: given.addresses }, (_, index) =>
      encodePacket({ from: SCANNER, to: `198.51.100.${index + 1}`, port: 4001 }),
    );
    const { campaigns, verdicts } = await replayPackets(timeline(packets));
    const { verdict, reason, addresses: destinations } = given;
    expect(campaigns).toMatchObject([{ verdict, reason, destinations, bans: [] }]);
    expect(verdicts).toEqual([]);
  });

  it.each([false, true])("tells times of probes and visits, in order: %s", async (isInOrder) => {
    const packets = [...handshake(SCANNER, 80), ...scan(SCANNER, [1001, 1002])];
    const { campaigns } = await replayPackets(timeline(packets), settingsOf(), isInOrder);
    expect(campaigns).toMatchObject([
      { source: SCANNER, first: "2026-01-01T00:00:00.000Z", last: "2026-01-01T00:00:00.050Z" },
    ]);
  });

  it("is undecided about three ports", async () => {
    const { campaigns } = await replayPackets(timeline(scan(SCANNER, [1001, 1002, 1003])));
    expect(campaigns).toMatchObject([
      { source: SCANNER, verdict: "undecided", reason: null, score: expect.closeTo(64, 0) },
    ]);
  });

  it("lists what a banned source went on to probe, without judging it again", async () => {
    const ports = Array.from({ length: 30 }, (_, index) => 1001 + index);
    const settings = settingsOf({ PROOF: "none", BAN_TIME_CLAIMED: "1h" });
    const packets = timeline(scan(SCANNER, ports), 10_000);
    const { campaigns, verdicts } = await replayPackets(packets, settings);
    expect(campaigns).toMatchObject([{ ports: "tcp 1001-1030" }]);
    expect(verdicts.length).toBe(1);
  });

  it.each([
    { what: "an excluded port", texts: { ADVANCED_EXCLUDE_TCP: "113" }, port: 113 },
    { what: "a port that is not watched", texts: { ADVANCED_PORTS_TCP: "1100" }, port: 2000 },
    { what: "an ephemeral port over UDP", texts: {}, port: 40_000, transport: "udp" as const },
    { what: "an answer", texts: {}, port: 1023, flags: RST },
    { what: "an ACK", texts: {}, port: 1023, flags: ACK },
    { what: "a port that was served", texts: {}, port: 80 },
  ])("does not list $what of a banned source, which is no probe", async ({ texts, ...packet }) => {
    const served = [...handshake(CLIENT, 80), from(CLIENT, 80, { flags: RST | ACK, sequence: 2 })];
    const refused = [from(CLIENT, 80, { sequence: 9 }), answer(CLIENT, 80, RST | ACK)];
    const packets = [
      ...served,
      ...refused,
      ...scan(SCANNER, [1001, 1002, 1003, 1004]),
      from(SCANNER, packet.port, packet),
      from(SCANNER, 1005),
    ];
    const { campaigns } = await replayPackets(timeline(packets), settingsOf(texts));
    const found = campaigns.find(({ source }) => source === SCANNER);
    expect(found).toMatchObject({ verdict: "scan", ports: "tcp 1001-1005", packets: 5 });
  });

  it("judges a source anew when its ban is over", async () => {
    const settings = settingsOf({ PROOF: "none", BAN_TIME_CLAIMED: "2m" });
    const ports = Array.from({ length: 12 }, (_, index) => 1001 + index);
    const { verdicts } = await replayPackets(timeline(scan(SCANNER, ports), 20_000), settings);
    // The fourth port comes after 120 s; until 240 s nothing passes the gate.
    expect(verdicts.map(({ ports: seen }) => seen.map(({ port }) => port))).toEqual([
      [1001, 1002, 1003, 1004],
      [1007, 1008, 1009, 1010],
    ]);
  });

  it.each([
    { what: "nothing", texts: {}, verdict: "undefined" },
    { what: "SENSE_ACK", texts: { SENSE_ACK: "1" }, verdict: "undecided" },
  ])("with $what asks for ACKs: $verdict", async ({ texts, verdict }) => {
    const packets = [1001, 1002, 1003].flatMap((port) => [
      from(SCANNER, port, { flags: ACK }),
      answer(SCANNER, port, RST),
    ]);
    const settings = settingsOf(texts, { ours: oursOf(US) });
    const { campaigns } = await replayPackets(timeline(packets), settings);
    expect(`${campaigns[0]?.verdict}`).toBe(verdict);
  });

  it("takes nothing amiss that answers what we asked", async () => {
    const asked = [5000, 5001, 5002, 5003, 5004, 5005, 5006, 5007, 5008].flatMap((port) => [
      encodePacket({ from: US, to: CLIENT, transport: "udp", sourcePort: port, port: 9999 }),
      from(CLIENT, port, { transport: "udp", sourcePort: 9999 }),
    ]);
    const settings = settingsOf({}, { ours: oursOf(US) });
    expect(await replayPackets(timeline(asked), settings)).toMatchObject({ verdicts: [] });
  });

  it("puts IPv4 datagrams together before it judges", async () => {
    const packets = [1001, 1002, 1003, 1004].flatMap((port, index) =>
      encodeFragments({ from: SCANNER, to: US, port, identification: index + 1 }, [0, 8, 16]),
    );
    const settings = settingsOf({}, { ours: oursOf(US) });
    const { campaigns } = await replayPackets(timeline(packets), settings);
    expect(campaigns).toMatchObject([{ verdict: "scan", ports: "tcp 1001-1004" }]);
  });

  it("judges by open ports that were said, and by no others", async () => {
    const packets = [22, 80, 443, 8080].flatMap((port) => handshake(CLIENT, port));
    const open = { tcp: new PortSet([80]), udp: new PortSet() };
    const { campaigns } = await replayPackets(timeline(packets), settingsOf({}, { open }));
    expect(campaigns).toMatchObject([{ ports: "tcp 22, 443, 8080", verdict: "undecided" }]);
  });

  it.each([
    { what: "whole", pieces: [0] },
    { what: "in pieces", pieces: [0, 8, 16] },
  ])("takes a challenge of a guard for no open port, its probe $what", async ({ pieces }) => {
    // SYN+ACKs that acknowledge another number than the SYN's plus one.
    const packets = [1001, 1002, 1003, 1004].flatMap((port) => [
      ...encodeFragments({ from: SCANNER, to: US, port, identification: port }, pieces),
      answer(SCANNER, port, SYN | ACK, { sequence: 1, acknowledgement: 0xabcd_0000 + port }),
    ]);
    const { campaigns } = await replayPackets(timeline(packets));
    expect(campaigns).toMatchObject([{ verdict: "scan", ports: "tcp 1001-1004" }]);
  });
});

describe("connections in a capture", () => {
  const probes = scan(CLIENT, [1001, 1002, 1003, 1004, 1005, 1006, 1007]);

  it.each([
    { what: "is connected", end: [], bans: 0 },
    { what: "was connected", end: [from(CLIENT, 80, { flags: RST | ACK, sequence: 2 })], bans: 1 },
  ])("who $what gets $bans bans on less than proof", async ({ end, bans }) => {
    const packets = [...handshake(CLIENT, 80), ...end, ...probes];
    const { campaigns } = await replayPackets(timeline(packets));
    expect(campaigns).toMatchObject([{ verdict: "scan", evidence: "alive" }]);
    expect(campaigns[0]?.bans.length).toBe(bans);
  });

  it("speak for their client: with two services four unused ports are too few", async () => {
    const packets = [...handshake(CLIENT, 80), ...handshake(CLIENT, 443)];
    const few = scan(CLIENT, [1001, 1002, 1003, 1004]);
    const { campaigns } = await replayPackets(timeline([...packets, ...few]));
    expect(campaigns).toMatchObject([{ verdict: "undecided" }]);
  });
});

describe("evidence in a capture", () => {
  const probes = scan(SCANNER, [1001, 1002, 1003, 1004, 1006, 1007]);

  /** A probe, a guard's SYN+ACK that acknowledges 0xabcd0001, and what comes back. */
  const challenged = (probe: Partial<PacketSpec>, reply: Partial<PacketSpec>) => [
    from(SCANNER, 1005, { sequence: 1, ...probe }),
    answer(SCANNER, 1005, SYN | ACK, { sequence: 9, acknowledgement: 0xabcd_0001 }),
    from(SCANNER, 1005, reply),
  ];

  it("is claimed where nothing is shown", async () => {
    const { campaigns } = await replayPackets(timeline(probes));
    expect(campaigns).toMatchObject([{ evidence: "claimed" }]);
  });

  it.each([
    { what: "a connection to a real service", open: undefined, evidence: "alive" },
    {
      what: "a handshake on a port that nothing serves",
      open: { tcp: new PortSet([80]), udp: new PortSet() },
      evidence: "proven",
    },
  ])("$what makes it $evidence, before the probes or after them", async ({ open, evidence }) => {
    const settings = settingsOf({}, { open });
    for (const packets of [
      [...handshake(SCANNER, 5900), ...probes],
      [...probes, ...handshake(SCANNER, 5900)],
    ]) {
      const { campaigns } = await replayPackets(timeline(packets), settings);
      expect(campaigns).toMatchObject([{ verdict: "scan", evidence }]);
    }
  });

  it.each([
    { what: "the right number", sequence: 0xabcd_0001, evidence: "alive" },
    { what: "another number", sequence: 0xabcd_0002, evidence: "claimed" },
  ])("an RST with $what to a challenge: $evidence", async ({ sequence, evidence }) => {
    const packets = [...probes, ...challenged({ flags: SYN }, { flags: RST, sequence })];
    const { campaigns } = await replayPackets(timeline(packets));
    expect(campaigns).toMatchObject([{ evidence }]);
  });

  it.each([
    { what: "a NULL probe", flags: 0 },
    { what: "a FIN probe", flags: FIN },
    { what: "an XMAS probe", flags: FIN | PSH | URG },
  ])("an RST to the challenge of $what: alive", async ({ flags }) => {
    const packets = [...probes, ...challenged({ flags }, { flags: RST, sequence: 0xabcd_0001 })];
    const { campaigns } = await replayPackets(timeline(packets));
    expect(campaigns).toMatchObject([{ evidence: "alive" }]);
  });

  it("an RST with ACK to a challenge: alive, as for the guard", async () => {
    const reset = { flags: RST | ACK, sequence: 0xabcd_0001 };
    const { campaigns } = await replayPackets(
      timeline([...probes, ...challenged({ flags: SYN }, reset)]),
    );
    expect(campaigns).toMatchObject([{ evidence: "alive" }]);
  });

  it("that comes after the ban is a second ban, on stronger evidence", async () => {
    const packets = [...probes, ...challenged({ flags: 0 }, { flags: RST, sequence: 0xabcd_0001 })];
    const { campaigns } = await replayPackets(timeline(packets));
    expect(campaigns[0]?.bans).toEqual([
      {
        since: "2026-01-01T00:00:00.060Z",
        until: "2026-01-01T00:01:00.060Z",
        evidence: "claimed",
        lifted: null,
      },
      {
        since: "2026-01-01T00:00:00.140Z",
        until: "2026-01-01T00:10:00.140Z",
        evidence: "alive",
        lifted: null,
      },
    ]);
  });

  it("a connection that the ban would have stopped speaks for nobody: it is a longer ban", async () => {
    const packets = timeline([...probes, ...handshake(SCANNER, 80)]);
    const { campaigns } = await replayPackets(packets);
    expect(campaigns[0]?.bans.map(({ evidence }) => evidence)).toEqual(["claimed", "alive"]);
  });

  it("an RST to an ordinary SYN+ACK shows nothing: its number is the forger's own", async () => {
    const packets = [
      ...probes,
      from(SCANNER, 80, { sequence: 1 }),
      answer(SCANNER, 80, SYN | ACK, { sequence: 9, acknowledgement: 2 }),
      from(SCANNER, 80, { flags: RST, sequence: 2 }),
    ];
    const { campaigns } = await replayPackets(timeline(packets));
    expect(campaigns).toMatchObject([{ evidence: "claimed" }]);
  });

  it("an ACK with another number than ours plus one shows nothing", async () => {
    const [syn, synAck] = handshake(SCANNER, 80) as [Uint8Array, Uint8Array];
    const ack = from(SCANNER, 80, { flags: ACK, sequence: 2, acknowledgement: 7002 });
    const { campaigns } = await replayPackets(timeline([...probes, syn, synAck, ack]));
    expect(campaigns).toMatchObject([{ evidence: "claimed" }]);
  });
});

describe("sources that belong together", () => {
  const DECOYS = ["192.0.2.50", "192.0.2.51", SCANNER];

  /** The same packet under each name, port by port, as nmap's -D sends it. */
  const underNames = (ports: readonly number[], names: readonly string[] = DECOYS) =>
    ports.flatMap((port) =>
      names.map((name) =>
        from(name, port, { sequence: 77 * port, sourcePort: 40_001, identification: port }),
      ),
    );

  /** The guard's question to a probe, and the reset that answers it. */
  const alive = (source: string, port: number) => [
    from(source, port, { sequence: 5 }),
    answer(source, port, SYN | ACK, { sequence: 9, acknowledgement: 0xabcd_0001 }),
    from(source, port, { flags: RST, sequence: 0xabcd_0001 }),
  ];

  it("are one sender where their packets are alike, and it says that any may be it", async () => {
    const { emitters, groups } = await replayPackets(timeline(underNames([1001, 1002, 1003])));
    expect(emitters).toEqual([{ count: 3, sources: DECOYS, real: [] }]);
    expect(groups).toEqual([]);
  });

  it("are decoys beside one that is alive, and are let in again", async () => {
    const packets = [
      ...underNames([1001, 1002, 1003, 1004]),
      ...alive(SCANNER, 2001),
      ...underNames([1005]),
    ];
    const { emitters, campaigns } = await replayPackets(timeline(packets));
    expect(emitters).toMatchObject([{ real: [{ source: SCANNER, evidence: "alive" }] }]);
    const outcomes = Object.fromEntries(campaigns.map((each) => [each.source, each.outcome]));
    expect(outcomes).toEqual({
      [SCANNER]: "banned",
      "192.0.2.50": "unbanned",
      "192.0.2.51": "unbanned",
    });
    expect(campaigns.find(({ source }) => source === "192.0.2.50")?.bans).toMatchObject([
      { evidence: "claimed", lifted: "2026-01-01T00:00:00.140Z" },
    ]);
  });

  it("are spared where one of them was alive before", async () => {
    const packets = [...alive(SCANNER, 2001), ...underNames([1001, 1002, 1003, 1004])];
    const { campaigns } = await replayPackets(timeline(packets));
    expect(campaigns.find(({ source }) => source === "192.0.2.50")).toMatchObject({
      verdict: "scan",
      bans: [],
      outcome: "spared",
      spared: { reason: "decoy", text: expect.stringContaining("likely a decoy") },
    });
  });

  const NEIGHBOURS = ["203.0.113.1", "203.0.113.2", "203.0.113.3"];

  it.each([
    { what: "two", sources: NEIGHBOURS.slice(1), gapMs: 10, groups: 0 },
    { what: "three", sources: NEIGHBOURS, gapMs: 10, groups: 1 },
    {
      what: "three, each after the pause of the others,",
      sources: NEIGHBOURS,
      gapMs: 1_500_000,
      groups: 0,
    },
  ])("are a group when they are neighbours: $what make $groups", async (given) => {
    const packets = given.sources.flatMap((source, index) =>
      scan(source, [1001 + 10 * index, 1002 + 10 * index]),
    );
    const { groups } = await replayPackets(timeline(packets, given.gapMs));
    expect(groups).toHaveLength(given.groups);
    if (given.groups === 0) return;
    expect(groups).toEqual([
      {
        prefix: "203.0.113.0/24",
        first: "2026-01-01T00:00:00.000Z",
        last: "2026-01-01T00:00:00.100Z",
        sources: 3,
        listed: NEIGHBOURS,
        convicted: 0,
        banned: 0,
        packets: 6,
        kinds: ["tcp-syn"],
        tool: null,
        evidence: "claimed",
        ports: "tcp 1001-1002, 1011-1012, 1021-1022",
        portCount: 6,
      },
    ]);
  });
});

// A replay makes a table of all ports, so that a hundred of them take their time.
describe("properties of a replay", { timeout: 60_000 }, () => {
  const address = fc.constantFrom(US, SCANNER, CLIENT, "192.0.2.8", "192.0.2.9");
  const anyPacket = fc
    .record({
      from: address,
      to: address,
      transport: fc.constantFrom("tcp" as const, "udp" as const),
      sourcePort: fc.constantFrom(53, 1024, 40_000),
      port: fc.integer({ min: 1, max: 40 }),
      flags: fc.oneof(fc.constant(SYN), fc.nat(255)),
      sequence: fc.nat(3),
      acknowledgement: fc.nat(3),
    })
    .map((spec) => encodePacket(spec));
  const anyCapture = fc.array(fc.record({ packet: anyPacket, atMs: fc.nat(7_200_000) }), {
    minLength: 1,
    maxLength: 300,
  });

  it("whatever the bytes are, nothing is thrown", async () => {
    const bytes = fc.uint8Array({ maxLength: 80 });
    // What begins as a packet comes further in.
    const bent = fc.tuple(anyPacket, fc.nat(60), fc.nat(255)).map(([packet, at, value]) => {
      packet[at % packet.length] = value;
      return packet;
    });
    const captured = fc.record({ packet: fc.oneof(bytes, bent), atMs: fc.integer() });
    await fc.assert(
      fc.asyncProperty(fc.array(captured, { maxLength: 100 }), async (packets) => {
        await replayPackets(packets, settingsOf({ SENSE_ACK: "1" }, { ours: oursOf(US) }));
      }),
      { numRuns: 50 },
    );
  });

  it("the same capture makes the same verdicts and the same report", async () => {
    await fc.assert(
      fc.asyncProperty(anyCapture, async (packets) => {
        const settings = settingsOf({ BAN_TIME_CLAIMED: "10m" });
        const [one, other] = [
          await replayPackets(packets, settings),
          await replayPackets(packets, settings),
        ];
        expect(JSON.stringify(other)).toBe(JSON.stringify(one));
      }),
      { numRuns: 25 },
    );
  });

  it("so does a flood of more sources than are remembered, decoys among them", async () => {
    const packets = Array.from({ length: 6000 }, (_, index) =>
      encodePacket({
        from: index % 5 === 0 ? SCANNER : `203.0.113.${(index * 7) % 251}`,
        to: US,
        port: 1 + ((index * 13) % 97),
        // One emitter for every three sources.
        sequence: Math.floor(index / 3) + 1,
        sourcePort: 1024 + Math.floor(index / 3),
      }),
    );
    const reports = [];
    for (let run = 0; run < 3; run += 1) {
      reports.push(JSON.stringify(await replayPackets(timeline(packets, 3))));
    }
    expect(new Set(reports).size).toBe(1);
    expect(reports[0]).toContain('"scan"');
    expect(reports[0]).not.toContain('"benign"');
  });

  it("no trusted address is ever convicted, in whatever order packets come", async () => {
    const trusted = [SCANNER, "192.0.2.8/31"].map((text) => ({
      prefix: parsePrefix(text) as Prefix,
      why: "test",
    }));
    await fc.assert(
      fc.asyncProperty(anyCapture, async (packets) => {
        const settings = settingsOf({}, { ours: oursOf(US), trusted });
        const { verdicts } = await replayPackets(packets, settings);
        expect(verdicts.map(({ address: source }) => source)).not.toContain(SCANNER);
        expect(verdicts.every(({ source }) => source === "192.0.2.7/32")).toBe(true);
      }),
      { numRuns: 40 },
    );
  });
});
