import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Campaigns, type CampaignsOptions } from "../../src/detectors/campaigns.ts";
import type { Campaign, CampaignChange } from "../../src/model/campaign.ts";
import type { Evidence, EvidenceStep, Proof } from "../../src/model/evidence.ts";
import type { Probe } from "../../src/model/probe.ts";
import type { Verdict } from "../../src/model/verdict.ts";
import { wordsOf } from "../../src/net/address-words.ts";
import { type IpAddress, parseIpAddress } from "../../src/net/ip-address.ts";
import { formatPorts } from "../../src/net/port-range.ts";
import { type Prefix, parsePrefix } from "../../src/net/prefix.ts";
import { SourceKeys } from "../../src/net/source-keys.ts";
import { masscanProbe, toolProbe } from "./tool-probes.ts";
import { clock, probe, SCANNER, STARTED_AT_EPOCH_MS } from "./traces.ts";

const QUIET_MS = 60_000;

interface Told {
  readonly change: CampaignChange;
  readonly campaign: Campaign;
}

function tracker(options: Partial<CampaignsOptions> = {}) {
  const told: Told[] = [];
  const steps: EvidenceStep[] = [];
  const sut = new Campaigns(
    { quietMs: QUIET_MS, maxCampaigns: 64, provesAlone: (port) => port === 23, ...options },
    clock,
    new SourceKeys({ ipv6PrefixBits: 64 }),
    (change, story) => told.push({ change, campaign: story() }),
    undefined,
    (step) => steps.push(step),
  );
  const send = (trace: string, source = SCANNER, more: Partial<Probe> = {}) => {
    for (const step of trace.split(" ")) sut.observe(probe(source, step, more));
  };
  const raise = (evidence: Proof["evidence"], port = 22, source = SCANNER, seenAtMs = 0) =>
    sut.raise({ source: wordsOf(source as IpAddress), evidence, port, seenAtMs });
  const evidence = () => sut.list()[0]?.evidence;
  return {
    sut,
    told,
    steps,
    send,
    raise,
    evidence,
    changes: () => told.map(({ change }) => change),
  };
}

const prefix = (text: string) => parsePrefix(text) as Prefix;

/** A verdict of a rule; the tracker looks at its address, evidence, reason and score. */
const verdict = (address = SCANNER, more: Partial<Verdict> = {}): Verdict => ({
  source: prefix(address),
  address: parseIpAddress(address) as IpAddress,
  evidence: "claimed",
  ruleId: "sequential",
  score: { value: 256, halfLifeMs: 1, steps: [] },
  reason: "4 unused ports",
  ports: [],
  kinds: ["tcp-syn"],
  tool: undefined,
  last: { transport: "tcp", port: 22, tcpFlags: 2, ipOptions: "not set", sensor: "nflog" },
  probes: 4,
  firstSeenAtEpochMs: 0,
  decidedAtEpochMs: 0,
  campaignId: "the rule's",
  ...more,
});

/** One of a rule that has no score. */
const unscored = ({ score: _, ...rest }: Verdict): Verdict => rest;

const portsOf = ({ ports }: Campaign) =>
  ports.map(({ transport, ranges }) => {
    const text = ranges.map(({ first, last }) => (first === last ? first : `${first}-${last}`));
    return `${transport} ${text.join(",")}`;
  });

describe("Campaigns", () => {
  it("has the story of a source from its first probe to its last", () => {
    const { sut, send } = tracker();
    send("22@1000 23@2000 22@3000 u53@4000 a80@5000");
    expect(sut.list()).toEqual([
      {
        id: `${(STARTED_AT_EPOCH_MS + 1000).toString(36)}-1`,
        source: "192.0.2.7/32",
        firstAtEpochMs: STARTED_AT_EPOCH_MS + 1000,
        lastAtEpochMs: STARTED_AT_EPOCH_MS + 5000,
        packets: 5,
        ports: [
          {
            transport: "tcp",
            ranges: [
              { first: 22, last: 23 },
              { first: 80, last: 80 },
            ],
          },
          { transport: "udp", ranges: [{ first: 53, last: 53 }] },
        ],
        portCount: { count: 4, isAtLeast: false },
        kinds: ["tcp-syn", "tcp-ack", "udp"],
        tool: undefined,
        evidence: "claimed",
        destinations: { count: 1, isAtLeast: false },
        verdict: "undecided",
        score: undefined,
        reason: undefined,
        wasHeld: false,
        outcome: { status: "none" },
        emitter: undefined,
      },
    ]);
  });

  it.each<{ what: string; trace: string; more?: Partial<Probe>; opens: boolean }>([
    { what: "one probe", trace: "22@0", opens: false },
    { what: "one port again and again", trace: "22@0 22@1 22@2 22@3", opens: false },
    { what: "two ports", trace: "22@0 23@1", opens: true },
    { what: "one port over TCP and UDP", trace: "53@0 u53@1", opens: true },
    { what: "a hold", trace: "23@0", more: { startedHold: true }, opens: true },
    { what: "proof", trace: "23@0", more: { evidence: "proven" }, opens: true },
    { what: "a handshake by mistake", trace: "22@0", more: { evidence: "proven" }, opens: false },
    { what: "an address that is alive", trace: "22@0", more: { evidence: "alive" }, opens: false },
  ])("tells of what is more than a stray packet: $what -> $opens", ({ trace, more, opens }) => {
    const { send, changes, sut } = tracker();
    send(trace, SCANNER, more);
    sut.closeAll();
    expect(changes()).toEqual(opens ? ["opened", "closed"] : []);
  });

  it.each([
    { count: 2, changes: [] },
    { count: 3, changes: ["opened"] },
  ])("tells of one port on $count of our addresses: $changes", ({ count, changes: told }) => {
    const { send, changes } = tracker();
    for (let address = 1; address <= count; address += 1) {
      send("445@0", SCANNER, { destination: wordsOf(`198.51.100.${address}` as IpAddress) });
    }
    expect(changes()).toEqual(told);
  });

  it("closes a campaign when it was quiet for long enough, and not a millisecond before", () => {
    const { send, changes, sut } = tracker();
    send("22@0 23@1000");
    sut.tick(1000 + QUIET_MS);
    expect(changes()).toEqual(["opened"]);
    sut.tick(1001 + QUIET_MS);
    expect(changes()).toEqual(["opened", "closed"]);
    expect(sut.size).toBe(0);
  });

  it("begins another when a source comes back after the quiet, though nobody looked", () => {
    const { send, told, sut } = tracker();
    send(`22@0 23@0 24@${QUIET_MS} 25@${2 * QUIET_MS + 1}`);
    expect(told.map(({ change }) => change)).toEqual(["opened", "closed"]);
    expect(portsOf(told[1]?.campaign as Campaign)).toEqual(["tcp 22-24"]);
    const [next] = sut.list();
    expect(next?.packets).toBe(1);
    expect(next?.id).not.toBe(told[1]?.campaign.id);
  });

  it("tells a conviction once, however often a rule convicts, and keeps the first reason", () => {
    const { send, told, sut } = tracker();
    send("22@0 23@1 24@2 25@3");
    const first = sut.convict(verdict());
    const again = sut.convict(unscored(verdict(SCANNER, { reason: "later" })));
    expect(first.campaignId).toBe(sut.list()[0]?.id);
    expect(again.campaignId).toBe(first.campaignId);
    expect(told.map(({ change }) => change)).toEqual(["opened", "convicted"]);
    expect(told[1]?.campaign).toMatchObject({
      verdict: "scan",
      reason: "4 unused ports",
      score: 256,
    });
    expect(sut.list()[0]).toMatchObject({ reason: "4 unused ports", score: undefined });
  });

  it("tells a conviction by one probe, and no beginning after it", () => {
    const { send, changes, sut } = tracker();
    send("22@0");
    sut.convict(verdict());
    send("23@1");
    expect(sut.open).toBe(1);
    sut.closeAll();
    expect(changes()).toEqual(["convicted", "closed"]);
    expect(sut.open).toBe(0);
  });

  it("says what was done about it", () => {
    const { send, told, sut } = tracker();
    send("22@0 23@1", SCANNER, { startedHold: true });
    const outcome = { status: "banned", untilEpochMs: 7 } as const;
    sut.settle(prefix(SCANNER), outcome);
    expect(sut.list()[0]?.outcome).toEqual({ status: "none" });
    sut.convict(verdict());
    sut.settle(prefix(SCANNER), outcome);
    sut.settle(prefix("192.0.2.99"), outcome);
    sut.closeAll();
    expect(told.at(-1)).toMatchObject({ change: "closed", campaign: { wasHeld: true, outcome } });
  });

  it("keeps the strongest evidence of the whole campaign", () => {
    const { send, sut, raise, evidence } = tracker();
    send("22@0");
    raise("alive");
    expect(evidence()).toBe("alive");
    sut.convict(verdict(SCANNER, { evidence: "proven" }));
    expect(evidence()).toBe("proven");
    raise("proven", 22, "192.0.2.99");
    expect(sut.list()).toHaveLength(1);
  });

  it.each<{ what: string; ports: readonly number[]; shown: Evidence }>([
    { what: "one port", ports: [22], shown: "alive" },
    { what: "one port twice", ports: [22, 22], shown: "alive" },
    { what: "two ports of one family", ports: [143, 993], shown: "alive" },
    { what: "two ports", ports: [22, 80], shown: "proven" },
    { what: "a port that proves alone", ports: [23], shown: "proven" },
  ])("takes handshakes for proof as the detector does: $what -> $shown", ({ ports, shown }) => {
    const probed = tracker();
    for (const port of ports) probed.send(`${port}@0`, SCANNER, { evidence: "proven" });
    expect(probed.evidence()).toBe(shown);
    const raised = tracker();
    raised.send("9@0");
    for (const port of ports) raised.raise("proven", port);
    expect(raised.evidence()).toBe(shown);
  });

  const shownAt = (steps: readonly EvidenceStep[]) =>
    steps.map(({ way, evidence, port, atEpochMs }) => {
      return `${way} ${port ?? "-"} ${evidence} @${atEpochMs - STARTED_AT_EPOCH_MS}`;
    });

  it("tells by what a source is more than a claim, once a way, when the campaign is told of", () => {
    const { send, raise, steps } = tracker();
    send("22@0");
    raise("alive", 22, SCANNER, 5);
    raise("alive", 22, SCANNER, 6);
    expect(steps).toEqual([]);
    send("80@10");
    expect(shownAt(steps)).toEqual(["answer 22 alive @5"]);
    raise("alive", 80, SCANNER, 12);
    send("80@20 80@21 8080@30 8081@40", SCANNER, { evidence: "proven" });
    expect(shownAt(steps).slice(1)).toEqual([
      "handshake 80 alive @20",
      "handshake 8080 proven @30",
    ]);
    // Less than is known explains nothing.
    raise("alive", 81, SCANNER, 50);
    expect(steps).toHaveLength(3);
    expect(new Set(steps.map(({ source, campaignId }) => `${source} ${campaignId}`)).size).toBe(1);
  });

  it("tells a listener's connection, and what a rule knew before the campaign began", () => {
    const connected = tracker();
    connected.send("111@0", SCANNER, { evidence: "proven", sensor: "tcp-listener" });
    expect(connected.steps).toEqual([]);
    connected.send("23@5", SCANNER, { evidence: "proven", sensor: "tcp-listener" });
    expect(shownAt(connected.steps)).toEqual([
      "connection 111 alive @0",
      "connection 23 proven @5",
    ]);
    const known = tracker();
    known.send("22@0 80@10");
    known.sut.convict(verdict(SCANNER, { evidence: "alive" }));
    known.sut.convict(verdict(SCANNER, { evidence: "alive" }));
    expect(shownAt(known.steps)).toEqual(["earlier - alive @10"]);
  });

  it("forgets the steps of a campaign with it", () => {
    const { send, raise, steps, sut } = tracker();
    send("22@0 23@0");
    raise("alive");
    sut.closeAll();
    send("22@1 80@1");
    expect(steps).toHaveLength(1);
    raise("alive", 80);
    expect(new Set(steps.map(({ campaignId }) => campaignId)).size).toBe(2);
  });

  it("tells growth once a minute at the most, and only growth", () => {
    const { send, told, sut, changes } = tracker({ quietMs: 3_600_000 });
    send("22@0 23@0 24@1000");
    sut.tick(59_999);
    expect(changes()).toEqual(["opened"]);
    sut.tick(60_000);
    expect(changes()).toEqual(["opened", "updated"]);
    expect(portsOf(told[1]?.campaign as Campaign)).toEqual(["tcp 22-24"]);
    sut.tick(200_000);
    expect(changes()).toEqual(["opened", "updated"]);
  });

  it("judges by the score that is known: at 1 and below it speaks for somebody honest", () => {
    let score: number | undefined;
    const { send, sut } = tracker({ scoreOf: () => score });
    send("22@0");
    expect(sut.list()[0]).toMatchObject({ verdict: "undecided", score: undefined });
    score = 1.01;
    expect(sut.list()[0]).toMatchObject({ verdict: "undecided", score });
    score = 1;
    expect(sut.list()[0]).toMatchObject({ verdict: "benign", score });
    sut.convict(verdict());
    expect(sut.list()[0]).toMatchObject({ verdict: "scan", score: 256 });
  });

  it("takes an IPv6 block for one source, whose addresses are no decoys of each other", () => {
    const { sut } = tracker();
    for (const last of ["1", "2", "3"]) {
      const source = wordsOf(`2001:db8::${last}` as IpAddress);
      sut.observe({ ...toolProbe({ version: 6 }), source });
    }
    expect(sut.list()).toMatchObject([
      { source: "2001:db8::/64", packets: 3, portCount: { count: 1 }, emitter: undefined },
    ]);
  });

  it("counts the addresses under which one machine sends", () => {
    const { sut } = tracker();
    for (const from of [1, 2, 3, 4]) {
      const source = wordsOf(`192.0.2.${from}` as IpAddress);
      for (const port of [22, 23]) sut.observe({ ...toolProbe({ port, id: port }), source });
    }
    sut.observe(probe("192.0.2.99", "22@0"));
    expect(sut.list().map(({ emitter }) => emitter?.sources)).toEqual([4, 4, 4, 4, undefined]);
  });

  it("names the tool", () => {
    const { sut } = tracker();
    sut.observe(masscanProbe(22, 7));
    expect(sut.list()[0]?.tool).toBeUndefined();
    sut.observe(masscanProbe(23, 9));
    expect(sut.list()[0]?.tool).toBe("masscan");
  });

  it.each([
    { count: 3, told: { count: 3, isAtLeast: false } },
    { count: 16, told: { count: 16, isAtLeast: false } },
    { count: 17, told: { count: 16, isAtLeast: true } },
  ])("counts our addresses: $count", ({ count, told }) => {
    const { sut, send } = tracker();
    for (let address = 1; address <= count; address += 1) {
      const destination = wordsOf(`198.51.100.${address}` as IpAddress);
      send("445@0 445@1", SCANNER, { destination });
    }
    expect(sut.list()[0]?.destinations).toEqual(told);
  });

  it("takes packets that are out of order", () => {
    const { sut, send } = tracker();
    send("22@5000 23@1000");
    expect(sut.list()[0]).toMatchObject({ lastAtEpochMs: STARTED_AT_EPOCH_MS + 5000, packets: 2 });
  });
});

describe("Campaigns, ports", () => {
  const steps = (ports: readonly number[], letter = "") =>
    ports.map((port) => `${letter}${port}@0`).join(" ");

  it.each<{ what: string; ports: number[]; shown: string }>([
    { what: "in turn", ports: [20, 21, 22, 23], shown: "tcp 20-23" },
    { what: "backwards", ports: [23, 22, 21, 20], shown: "tcp 20-23" },
    { what: "with gaps", ports: [80, 20, 3389, 22, 21], shown: "tcp 20-22,80,3389" },
    { what: "at both ends", ports: [65_535, 0, 1], shown: "tcp 0-1,65535" },
  ])("are in as few ranges as possible: $what", ({ ports, shown }) => {
    const { sut, send } = tracker();
    send(steps(ports));
    expect(portsOf(sut.list()[0] as Campaign)).toEqual([shown]);
  });

  it("does not run the last port of TCP into the first of UDP", () => {
    const { sut, send } = tracker();
    send("65535@0 u0@0 u1@0");
    expect(portsOf(sut.list()[0] as Campaign)).toEqual(["tcp 65535", "udp 0-1"]);
  });

  it("has the types of pings and the numbers of protocols behind them", () => {
    const { sut, send } = tracker();
    send("i255@0 i0@0 p1@0 p2@0 u65535@0 22@0 i47@0");
    expect(portsOf(sut.list()[0] as Campaign)).toEqual([
      ...["tcp 22", "udp 65535", "icmp 8", "ip 0,47,255"],
    ]);
    expect(sut.list()[0]).toMatchObject({ portCount: { count: 6 }, destinations: { count: 2 } });
  });

  it("are exact for any scan of one source", () => {
    const names = { "": "tcp", u: "udp", i: "ip" } as const;
    const port = fc.record({
      letter: fc.constantFrom(...(["", "u", "i"] as const)),
      port: fc.integer({ min: 0, max: 255 }),
    });
    fc.assert(
      fc.property(fc.array(port, { minLength: 1, maxLength: 400 }), (probed) => {
        const { sut, send } = tracker();
        for (const { letter, port } of probed) send(`${letter}${port}@0`);
        const [campaign] = sut.list();
        const expected = (["", "u", "i"] as const).flatMap((wanted) => {
          const own = probed.filter(({ letter }) => letter === wanted).map((each) => each.port);
          return own.length === 0 ? [] : [`${names[wanted]} ${formatPorts(own)}`];
        });
        expect(portsOf(campaign as Campaign)).toEqual(expected);
        const distinct = new Set(probed.map((each) => `${each.letter} ${each.port}`)).size;
        expect(campaign?.portCount).toEqual({ count: distinct, isAtLeast: false });
      }),
      { numRuns: 100 },
    );
  });

  it("are exact for a scan of every port, and for the next one in the same memory", () => {
    const { sut, send } = tracker();
    for (let port = 65_535; port >= 0; port -= 1) send(`${port}@0`);
    expect(portsOf(sut.list()[0] as Campaign)).toEqual(["tcp 0-65535"]);
    expect(sut.list()[0]?.portCount).toEqual({ count: 65_536, isAtLeast: false });
    sut.closeAll();
    send(steps(Array.from({ length: 40 }, (_, index) => index * 2)));
    expect(sut.list()[0]?.portCount.count).toBe(40);
  });

  it("of 256 long scans are exact at once, and 32 of any more", () => {
    const { sut, send } = tracker({ maxCampaigns: 2048 });
    const trace = steps(Array.from({ length: 40 }, (_, index) => index));
    for (let host = 0; host < 256; host += 1) send(trace, `198.18.0.${host}`);
    send(trace);
    const counts = sut.list().map(({ portCount }) => portCount);
    expect(counts.filter(({ isAtLeast }) => !isAtLeast)).toHaveLength(256);
    expect(counts.at(-1)).toEqual({ count: 32, isAtLeast: true });
  });

  it("of every other one are told as far as 1,024 ranges, and counted", () => {
    const { sut, send } = tracker();
    for (let port = 0; port < 4000; port += 2) send(`${port}@0`);
    const [campaign] = sut.list();
    expect(campaign?.ports[0]?.ranges).toHaveLength(1024);
    expect(campaign?.portCount).toEqual({ count: 2000, isAtLeast: true });
  });
});

describe("Campaigns, memory", () => {
  it("is bounded under a million forged sources, which push out no convicted one", () => {
    const { sut, send, told } = tracker({ maxCampaigns: 1024 });
    send("22@0 23@0 24@0 25@0");
    sut.convict(verdict());
    const forged = { ...probe(SCANNER, "22@1"), source: Uint32Array.of(0, 0, 0xffff, 0) };
    for (let count = 0; count < 1_000_000; count += 1) {
      forged.source[3] = 0xc612_0000 + count;
      sut.observe(forged);
    }
    expect(sut.size).toBeLessThanOrEqual(1024);
    expect(sut.list()[0]).toMatchObject({ source: `${SCANNER}/32`, verdict: "scan" });
    // Stray packets are no stories, neither when they come nor when they are forgotten.
    expect(told.map(({ change }) => change)).toEqual(["opened", "convicted"]);
  });

  it("tells the story of whom it forgets", () => {
    const { sut, send, changes } = tracker({ maxCampaigns: 8 });
    for (let host = 1; host <= 8; host += 1) {
      send(`22@${host} 23@${host}`, `192.0.2.${host}`);
      sut.convict(verdict(`192.0.2.${host}`));
    }
    send("22@100", "192.0.2.100");
    expect(changes().filter((change) => change === "closed")).toHaveLength(1);
    expect(sut.list().map(({ source }) => source)).not.toContain("192.0.2.1/32");
  });

  it("is as large as it is asked to be, and closes what goes on when that is another size", () => {
    const { sut, send, changes } = tracker({ maxCampaigns: 8 });
    const scanAll = () => {
      for (let host = 1; host <= 64; host += 1) send("22@0 23@0", `192.0.2.${host}`);
    };
    scanAll();
    expect(sut.size).toBe(8);
    sut.closeAll();
    send("22@0 23@0");
    sut.reconfigure({ quietMs: 5, maxCampaigns: 8 });
    expect(sut.open).toBe(1);
    sut.reconfigure({ quietMs: 5, maxCampaigns: 1024 });
    expect(changes().at(-1)).toBe("closed");
    expect([sut.size, sut.open]).toEqual([0, 0]);
    scanAll();
    expect(sut.size).toBe(64);
    sut.tick(6);
    expect(sut.size).toBe(0);
  });

  it("makes the same campaigns of the same probes", () => {
    const step = fc.record({
      host: fc.integer({ min: 1, max: 5 }),
      port: fc.integer({ min: 1, max: 50 }),
      afterMs: fc.integer({ min: 0, max: QUIET_MS * 1.2 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const run = () => {
          const { sut, send, told } = tracker();
          let atMs = 0;
          for (const { host, port, afterMs } of steps) {
            atMs += afterMs;
            sut.tick(atMs);
            send(`${port}@${atMs}`, `192.0.2.${host}`);
          }
          sut.closeAll();
          return told;
        };
        const told = run();
        expect(run()).toEqual(told);
        const opened = told.filter(({ change }) => change === "opened").length;
        expect(told.filter(({ change }) => change === "closed")).toHaveLength(opened);
      }),
    );
  });
});
