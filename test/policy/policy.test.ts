import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Ban } from "../../src/model/ban.ts";
import { type Evidence, isStronger } from "../../src/model/evidence.ts";
import type { OrderCause } from "../../src/model/order.ts";
import type { ProbedPort, Verdict } from "../../src/model/verdict.ts";
import type { IpAddress } from "../../src/net/ip-address.ts";
import { type Prefix, parsePrefix, prefixesOverlap } from "../../src/net/prefix.ts";
import { type Decision, Policy, type PolicyOptions } from "../../src/policy/policy.ts";
import { TrustedPrefixes } from "../../src/policy/trusted-prefixes.ts";

const NOW_EPOCH_MS = Date.UTC(2026, 10, 22);
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const prefix = (text: string) => parsePrefix(text) as Prefix;
const SCANNER = prefix("192.0.2.7");

const OPTIONS: PolicyOptions = {
  banSteps: {
    claimed: [MINUTE_MS],
    alive: [10 * MINUTE_MS, HOUR_MS, 4 * HOUR_MS],
    proven: [HOUR_MS, DAY_MS, 7 * DAY_MS],
  },
  sparesSessions: true,
  repeatWithinMs: 30 * DAY_MS,
  claimedBansPerMinute: 60,
  watchOnly: undefined,
  blockTcp: 1,
  blockUdp: 1,
  configRevision: "c0ffee",
};

/** A policy and what it stands on: a history that is a list, a clock that is a number. */
function scene(options: Partial<PolicyOptions> = {}) {
  const scene = {
    nowMs: 0,
    bans: [] as Ban[],
    trusted: new TrustedPrefixes(),
    /** Ports of ours to which each source has a connection; undefined: it cannot be asked. */
    ports: [] as readonly number[] | undefined,
    /** After whose connections was asked. */
    asked: [] as Prefix[],
  };
  const history = {
    findActiveBan: (wanted: Prefix) => scene.bans.findLast((ban) => ban.prefix === wanted),
    countBansSince: (wanted: Prefix, sinceEpochMs: number, evidence: Evidence) =>
      scene.bans.filter(
        (ban) =>
          ban.prefix === wanted &&
          ban.sinceEpochMs >= sinceEpochMs &&
          !isStronger(evidence, ban.evidence),
      ).length,
  };
  const clock = {
    monotonicMs: () => scene.nowMs,
    epochMs: () => NOW_EPOCH_MS + scene.nowMs,
  };
  const sessions = {
    portsOf: (source: Prefix) => {
      scene.asked.push(source);
      return scene.ports;
    },
  };
  const policy = new Policy({ ...OPTIONS, ...options }, clock, scene.trusted, history, sessions);
  return Object.assign(scene, { policy });
}

/** @returns how long the ban lasts from `nowMs` on; NaN for none, and for one for good. */
function minutesOf(decision: Decision, nowMs = 0): number {
  if (decision.status !== "ban") return Number.NaN;
  const { untilEpochMs = Number.NaN } = decision.order.ban;
  return (untilEpochMs - NOW_EPOCH_MS - nowMs) / MINUTE_MS;
}

const TCP: ProbedPort = { transport: "tcp", port: 22 };
const UDP: ProbedPort = { transport: "udp", port: 161 };
const PING: ProbedPort = { transport: "icmp", port: 8 };
const GRE: ProbedPort = { transport: "ip", port: 47 };

function verdict(
  source: Prefix = SCANNER,
  evidence: Evidence = "claimed",
  ports: ProbedPort[] = [TCP],
): Verdict {
  return {
    source,
    address: "192.0.2.7" as IpAddress,
    evidence,
    ruleId: "trigger",
    reason: "1 unused port: tcp 22",
    ports,
    kinds: ["tcp-syn"],
    tool: undefined,
    last: {
      ...(ports.at(-1) ?? TCP),
      tcpFlags: 0x02,
      ipOptions: "not set",
      sensor: "nflog",
    },
    probes: 2,
    firstSeenAtEpochMs: NOW_EPOCH_MS,
    decidedAtEpochMs: NOW_EPOCH_MS,
    campaignId: "c-1",
  };
}

const earlier = (
  sinceEpochMs: number,
  untilEpochMs: number | undefined,
  evidence: Evidence = "claimed",
): Ban => ({
  prefix: SCANNER,
  sinceEpochMs,
  untilEpochMs,
  evidence,
  origin: "detector",
  reason: "",
  ruleId: "trigger",
  campaignId: undefined,
  means: ["nftables"],
  configRevision: "",
});

describe("Policy, decoys", () => {
  const decoy = { sources: 4, evidence: "alive" } as const;

  it("spares a likely decoy, says why, and takes nothing from the budget for it", () => {
    const { policy } = scene({ claimedBansPerMinute: 1 });
    const found = verdict(SCANNER);
    expect(policy.decide({ ...found, decoy })).toEqual({
      status: "spared",
      reason: "decoy",
      text: `It is likely a decoy: one sender uses 4 addresses, ` + "and another of them is alive.",
    });
    expect(policy.decide(found).status).toBe("ban");
  });
});

describe("Policy", () => {
  it("bans exactly the source, and says everything about it", () => {
    expect(scene().policy.decide(verdict(prefix("2001:db8::/64"), "proven"))).toEqual({
      status: "ban",
      order: {
        act: "ban",
        ban: {
          prefix: "2001:db8::/64",
          sinceEpochMs: NOW_EPOCH_MS,
          untilEpochMs: NOW_EPOCH_MS + HOUR_MS,
          evidence: "proven",
          origin: "detector",
          reason: "1 unused port: tcp 22",
          ruleId: "trigger",
          campaignId: "c-1",
          means: [],
          configRevision: "c0ffee",
        },
        cause: { transport: "tcp", port: 22, block: 1 },
      },
    });
  });

  it.each([
    { what: "the first", daysAgo: [], hours: 1 },
    { what: "the second", daysAgo: [2], hours: 24 },
    { what: "the third", daysAgo: [9, 2], hours: 168 },
    { what: "the fourth", daysAgo: [20, 9, 2], hours: 168 },
    { what: "one 30 days after another", daysAgo: [30], hours: 24 },
  ])("bans for $hours h as $what", ({ daysAgo, hours }) => {
    const sut = scene();
    for (const days of daysAgo) {
      const sinceEpochMs = NOW_EPOCH_MS - days * DAY_MS;
      sut.bans.push(earlier(sinceEpochMs, sinceEpochMs + 1, "proven"));
    }
    expect(minutesOf(sut.policy.decide(verdict(SCANNER, "proven")))).toBe(hours * 60);
  });

  it.each<{ evidence: Evidence; minutes: number[] }>([
    { evidence: "claimed", minutes: [1, 1, 1, 1] },
    { evidence: "alive", minutes: [10, 60, 240, 240] },
    { evidence: "proven", minutes: [60, 1440, 10_080, 10_080] },
  ])("bans on evidence $evidence for $minutes minutes, time after time", (row) => {
    const sut = scene();
    const minutes = row.minutes.map((_, index) => {
      // Within 30 days of all before, and after the end of each.
      sut.nowMs = index * 8 * DAY_MS;
      const decision = sut.policy.decide(verdict(SCANNER, row.evidence));
      if (decision.status === "ban") sut.bans.push(decision.order.ban);
      return minutesOf(decision, sut.nowMs);
    });
    expect(minutes).toEqual(row.minutes);
  });

  it("counts no ban on weaker evidence as an offence", () => {
    const sut = scene();
    for (let hours = 1; hours <= 9; hours += 1) {
      const sinceEpochMs = NOW_EPOCH_MS - hours * HOUR_MS;
      const evidence = hours % 2 === 0 ? "claimed" : "alive";
      sut.bans.unshift(earlier(sinceEpochMs, sinceEpochMs + MINUTE_MS, evidence));
    }
    expect(minutesOf(sut.policy.decide(verdict(SCANNER, "proven")))).toBe(60);
  });

  it("begins again a millisecond after the time in which repeats count", () => {
    const sut = scene();
    const sinceEpochMs = NOW_EPOCH_MS - 30 * DAY_MS - 1;
    sut.bans.push(earlier(sinceEpochMs, sinceEpochMs + HOUR_MS, "proven"));
    expect(minutesOf(sut.policy.decide(verdict(SCANNER, "proven")))).toBe(60);
  });

  it("bans for good without steps", () => {
    const banSteps = { ...OPTIONS.banSteps, claimed: [] };
    expect(scene({ banSteps }).policy.decide(verdict())).toMatchObject({
      order: { ban: { untilEpochMs: undefined } },
    });
  });

  it("bans on evidence alive from the second probe on", () => {
    const { policy } = scene();
    const one = policy.decide({ ...verdict(SCANNER, "alive"), probes: 1 });
    expect(one).toMatchObject({ order: { ban: { evidence: "claimed" } } });
    expect(minutesOf(one)).toBe(1);
    expect(minutesOf(policy.decide(verdict(SCANNER, "alive")))).toBe(10);
  });

  it.each<{ evidence: Evidence; means: string }>([
    { evidence: "claimed", means: "claimed: anybody could have sent it" },
    { evidence: "alive", means: "alive: it answers, and may not have sent it" },
  ])("spares who is $evidence where there are no times for it", ({ evidence, means }) => {
    const banSteps = { claimed: undefined, alive: undefined, proven: [HOUR_MS] };
    const { policy } = scene({ banSteps, claimedBansPerMinute: 0 });
    expect(policy.decide(verdict(SCANNER, evidence))).toEqual({
      status: "spared",
      reason: "unproven",
      text: `PROOF="handshake": no ban until it completes connections to unused ports (${means}).`,
    });
    expect(policy.decide(verdict(SCANNER, "proven"))).toMatchObject({ status: "ban" });
  });

  it("writes into the ban what the verdict's score was made from", () => {
    const step = { transport: "tcp", port: 22, afterMs: 0, factor: 256 } as const;
    const score = { value: 256, halfLifeMs: 1000, steps: [step] };
    const decision = scene().policy.decide({ ...verdict(), ruleId: "sequential", score });
    expect(decision).toMatchObject({ order: { ban: { score } } });
  });

  it("spares the trusted and says why", () => {
    const sut = scene();
    sut.trusted.replace([{ prefix: prefix("192.0.2.0/24"), why: "vedette.ignore:3" }]);
    expect(sut.policy.decide(verdict())).toEqual({
      status: "spared",
      reason: "trusted",
      text: "It is trusted: vedette.ignore:3.",
    });
  });

  it("spares everybody when it only watches", () => {
    const { policy } = scene({ watchOnly: "--watch was given" });
    expect(policy.decide(verdict(SCANNER, "proven"))).toEqual({
      status: "spared",
      reason: "watch-only",
      text: "Watching only: --watch was given.",
    });
  });

  it.each<{
    blockTcp: 0 | 1 | 2;
    blockUdp: 0 | 1 | 2;
    ports: ProbedPort[];
    cause: OrderCause | undefined;
  }>([
    { blockTcp: 1, blockUdp: 0, ports: [TCP], cause: { ...TCP, block: 1 } },
    { blockTcp: 0, blockUdp: 1, ports: [TCP], cause: undefined },
    { blockTcp: 2, blockUdp: 1, ports: [TCP], cause: { ...TCP, block: 2 } },
    { blockTcp: 1, blockUdp: 0, ports: [UDP], cause: undefined },
    { blockTcp: 0, blockUdp: 1, ports: [UDP], cause: { ...UDP, block: 1 } },
    { blockTcp: 0, blockUdp: 1, ports: [UDP, TCP], cause: { ...UDP, block: 1 } },
    { blockTcp: 1, blockUdp: 2, ports: [TCP, UDP], cause: { ...TCP, block: 1 } },
    { blockTcp: 0, blockUdp: 2, ports: [UDP, TCP], cause: { ...UDP, block: 2 } },
    { blockTcp: 0, blockUdp: 0, ports: [TCP, UDP], cause: undefined },
    { blockTcp: 1, blockUdp: 0, ports: [PING], cause: { ...PING, block: 1 } },
    { blockTcp: 0, blockUdp: 1, ports: [GRE], cause: { ...GRE, block: 1 } },
    { blockTcp: 2, blockUdp: 0, ports: [PING], cause: undefined },
    { blockTcp: 0, blockUdp: 0, ports: [GRE], cause: undefined },
    // A port goes before what has none, so that PortSentry's responses have one.
    { blockTcp: 1, blockUdp: 0, ports: [TCP, PING], cause: { ...TCP, block: 1 } },
    { blockTcp: 2, blockUdp: 1, ports: [TCP, GRE], cause: { ...GRE, block: 1 } },
    { blockTcp: 0, blockUdp: 1, ports: [TCP, GRE], cause: { ...GRE, block: 1 } },
  ])("with tcp $blockTcp, udp $blockUdp shuts out for $ports by $cause", (row) => {
    const decision = scene(row).policy.decide(verdict(SCANNER, "proven", row.ports));
    expect(decision).toMatchObject(
      row.cause === undefined
        ? { status: "spared", reason: "block-off" }
        : { status: "ban", order: { cause: row.cause } },
    );
  });

  it("says of what it bans nobody", () => {
    const { policy } = scene({ blockTcp: 0, blockUdp: 0 });
    const textOf = (ports: ProbedPort[]) => policy.decide(verdict(SCANNER, "proven", ports));
    expect(textOf([TCP, UDP, PING])).toMatchObject({
      text: "Probes of tcp and udp ports ban nobody by the configuration.",
    });
    expect(textOf([PING, GRE])).toMatchObject({
      text: "Scans without a port ban nobody by the configuration.",
    });
  });

  it.each([
    { what: "for good", untilEpochMs: undefined, isBanned: true },
    { what: "for another millisecond", untilEpochMs: NOW_EPOCH_MS + 1, isBanned: true },
    { what: "until now", untilEpochMs: NOW_EPOCH_MS, isBanned: false },
  ])("spares a source that is banned $what: $isBanned", ({ untilEpochMs, isBanned }) => {
    const sut = scene();
    sut.bans.push(earlier(NOW_EPOCH_MS - HOUR_MS, untilEpochMs));
    expect(sut.policy.decide(verdict())).toMatchObject(
      isBanned ? { status: "spared", reason: "already-banned" } : { status: "ban" },
    );
  });
});

describe("Policy, and who is connected to a service", () => {
  it.each<Evidence>(["claimed", "alive"])("spares who is %s and has a connection", (evidence) => {
    const sut = scene();
    sut.ports = [22, 443];
    expect(sut.policy.decide(verdict(SCANNER, evidence))).toEqual({
      status: "spared",
      reason: "session",
      text: "It has, or just had, a connection to a service here (tcp 22,443): only proof bans it.",
    });
  });

  it("spares as well where that is not known", () => {
    const sut = scene();
    sut.ports = undefined;
    expect(sut.policy.decide(verdict(SCANNER, "alive"))).toEqual({
      status: "spared",
      reason: "session",
      text: "Whether it has a connection to a service here is not known: only proof bans it.",
    });
  });

  it("bans the proven without asking", () => {
    const sut = scene();
    sut.ports = [22];
    expect(sut.policy.decide(verdict(SCANNER, "proven"))).toMatchObject({ status: "ban" });
    expect(sut.asked).toEqual([]);
  });

  it("asks nothing where everybody is to be banned", () => {
    const sut = scene({ sparesSessions: false });
    sut.ports = [22];
    expect(sut.policy.decide(verdict())).toMatchObject({ status: "ban" });
    expect(sut.asked).toEqual([]);
  });

  it("lets a claimed ban stand, unraised, of who is alive and connected", () => {
    const sut = scene();
    sut.bans.push(earlier(NOW_EPOCH_MS - 1000, NOW_EPOCH_MS + 59_000));
    sut.ports = [22];
    expect(sut.policy.decide(verdict(SCANNER, "alive"))).toMatchObject({ reason: "session" });
  });

  it("takes nothing from the budget for who is spared, and asks after nobody beyond it", () => {
    const sut = scene({ claimedBansPerMinute: 1 });
    sut.ports = [22];
    for (let index = 0; index < 5; index += 1) sut.policy.decide(verdict());
    sut.ports = [];
    expect(sut.policy.decide(verdict())).toMatchObject({ status: "ban" });
    const before = sut.asked.length;
    expect(sut.policy.decide(verdict(prefix("192.0.2.8")))).toMatchObject({ reason: "budget" });
    expect(sut.asked).toHaveLength(before);
  });
});

describe("Policy, when evidence rises", () => {
  it.each<{ standing: Evidence; now: Evidence; minutes: number }>([
    { standing: "claimed", now: "alive", minutes: 10 },
    { standing: "claimed", now: "proven", minutes: 60 },
    { standing: "alive", now: "proven", minutes: 60 },
  ])("lengthens a ban that is $standing when it is $now", ({ standing, now, minutes }) => {
    const sut = scene();
    sut.bans.push(earlier(NOW_EPOCH_MS - 1000, NOW_EPOCH_MS + 59_000, standing));
    const decision = sut.policy.decide(verdict(SCANNER, now));
    expect(minutesOf(decision)).toBe(minutes);
    expect(decision).toMatchObject({ order: { raisedFrom: standing, ban: { evidence: now } } });
  });

  it.each<{ what: string; standing: Ban }>([
    { what: "lasts longer", standing: earlier(NOW_EPOCH_MS, NOW_EPOCH_MS + HOUR_MS + 1) },
    { what: "lasts as long", standing: earlier(NOW_EPOCH_MS, NOW_EPOCH_MS + HOUR_MS) },
    { what: "is for good", standing: earlier(NOW_EPOCH_MS, undefined) },
    { what: "is proven", standing: earlier(NOW_EPOCH_MS, NOW_EPOCH_MS + 1000, "proven") },
    {
      what: "a person has made",
      standing: { ...earlier(NOW_EPOCH_MS, NOW_EPOCH_MS + 1000), origin: "operator" },
    },
  ])("leaves a ban alone that $what", ({ standing }) => {
    const sut = scene();
    sut.bans.push(standing);
    expect(sut.policy.decide(verdict(SCANNER, "proven"))).toMatchObject({
      status: "spared",
      reason: "already-banned",
    });
  });

  it("says of no first ban that it was raised", () => {
    const sut = scene();
    sut.bans.push(earlier(NOW_EPOCH_MS - HOUR_MS, NOW_EPOCH_MS));
    const decision = sut.policy.decide(verdict(SCANNER, "proven"));
    expect(decision.status === "ban" && "raisedFrom" in decision.order).toBe(false);
  });
});

describe("Policy, under a flood of claimed sources", () => {
  const forged = (index: number) => prefix(`198.51.${100 + (index >> 8)}.${index & 255}`);

  it("bans no more of them than the budget, and the proven all the same", () => {
    const { policy } = scene({ claimedBansPerMinute: 2 });
    const decisions = [0, 1, 2].map((index) => policy.decide(verdict(forged(index))));
    expect(decisions.map(({ status }) => status)).toEqual(["ban", "ban", "spared"]);
    expect(decisions[2]).toMatchObject({ reason: "budget" });
    expect(policy.decide(verdict(SCANNER, "proven"))).toMatchObject({ status: "ban" });
    expect(policy.decide(verdict(SCANNER, "alive"))).toMatchObject({ status: "ban" });
  });

  it("takes nothing from the budget for those who are spared anyway", () => {
    const sut = scene({ claimedBansPerMinute: 1, blockUdp: 0 });
    sut.trusted.replace([{ prefix: prefix("203.0.113.0/24"), why: "own network" }]);
    sut.bans.push(earlier(NOW_EPOCH_MS, undefined));
    for (let index = 0; index < 5; index += 1) {
      sut.policy.decide(verdict(prefix(`203.0.113.${index}`)));
      sut.policy.decide(verdict(forged(index), "claimed", [UDP]));
      sut.policy.decide(verdict(SCANNER));
    }
    expect(sut.policy.decide(verdict(forged(9)))).toMatchObject({ status: "ban" });
  });

  it("orders never what overlaps a trusted prefix, nor more than the source", () => {
    const block = fc
      .tuple(fc.nat(255), fc.integer({ min: 24, max: 32 }))
      .map(([host, bits]) => prefix(`192.0.2.${host}/${bits}`));
    fc.assert(
      fc.property(fc.array(block, { maxLength: 5 }), block, (entries, source) => {
        const sut = scene();
        sut.trusted.replace(entries.map((entry) => ({ prefix: entry, why: "" })));
        const decision = sut.policy.decide(verdict(source, "proven"));
        const isTrusted = entries.some((entry) => prefixesOverlap(entry, source));
        expect(decision.status).toBe(isTrusted ? "spared" : "ban");
        if (decision.status === "ban") expect(decision.order.ban.prefix).toBe(source);
      }),
    );
  });
});

describe("Policy with new options", () => {
  it("decides by them from the next verdict on", () => {
    const { policy } = scene();
    const banSteps = { ...OPTIONS.banSteps, claimed: [DAY_MS] };
    policy.reconfigure({ ...OPTIONS, banSteps, configRevision: "beef" });
    expect(policy.decide(verdict())).toMatchObject({
      status: "ban",
      order: { ban: { untilEpochMs: NOW_EPOCH_MS + DAY_MS, configRevision: "beef" } },
    });
    policy.reconfigure({ ...OPTIONS, blockTcp: 0 });
    expect(policy.decide(verdict())).toMatchObject({ status: "spared", reason: "block-off" });
  });

  it.each([
    { what: "the same budget, which stays used up", claimedBansPerMinute: 1, status: "spared" },
    { what: "another budget, which is new", claimedBansPerMinute: 2, status: "ban" },
  ])("keeps $what", ({ claimedBansPerMinute, status }) => {
    const { policy } = scene({ claimedBansPerMinute: 1 });
    expect(policy.decide(verdict())).toMatchObject({ status: "ban" });
    policy.reconfigure({ ...OPTIONS, claimedBansPerMinute, repeatWithinMs: DAY_MS });
    expect(policy.decide(verdict())).toMatchObject({ status });
  });
});
