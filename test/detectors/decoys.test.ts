/** One machine behind several addresses, through the tracker that asks about them. */
import { describe, expect, it } from "vitest";
import { Campaigns } from "../../src/detectors/campaigns.ts";
import type { Evidence } from "../../src/model/evidence.ts";
import { keepProbe } from "../../src/model/probe.ts";
import type { Verdict } from "../../src/model/verdict.ts";
import { wordsOf } from "../../src/net/address-words.ts";
import type { IpAddress } from "../../src/net/ip-address.ts";
import { hostPrefixOf, type Prefix, parsePrefix } from "../../src/net/prefix.ts";
import { SourceKeys } from "../../src/net/source-keys.ts";
import { toolProbe } from "./tool-probes.ts";
import { clock } from "./traces.ts";

const address = (host: number) => `192.0.2.${host}` as IpAddress;

function scene() {
  const said: string[] = [];
  const sut = new Campaigns(
    { quietMs: 60_000, maxCampaigns: 64, provesAlone: () => true },
    clock,
    new SourceKeys({ ipv6PrefixBits: 64 }),
    (change, story, isStory) => {
      if (isStory) said.push(`${change} ${story().source}`);
    },
  );
  /** Sends the same packet under each address, in this order. */
  const share = (port: number, ...hosts: number[]) => {
    for (const host of hosts) {
      const packet = toolProbe({ port, id: port * 3, seq: port * 7 + 1 });
      sut.observe({ ...packet, source: wordsOf(address(host)), seenAtMs: port });
    }
  };
  const convict = (host: number, evidence: Evidence = "claimed") => {
    const probe = toolProbe();
    return sut.convict({
      source: hostPrefixOf(address(host)),
      address: address(host),
      evidence,
      ruleId: "sequential",
      reason: "4 unused ports",
      ports: [],
      kinds: ["tcp-syn"],
      tool: undefined,
      last: keepProbe(probe),
      probes: 4,
      firstSeenAtEpochMs: 0,
      decidedAtEpochMs: 0,
      campaignId: "",
    } satisfies Verdict);
  };
  const raise = (host: number, evidence: Evidence | undefined) => {
    if (evidence === undefined || evidence === "claimed") return;
    sut.raise({ source: wordsOf(address(host)), evidence, port: 22, seenAtMs: 0 });
  };
  const ban = (host: number) =>
    sut.settle(hostPrefixOf(address(host)), { status: "banned", untilEpochMs: undefined });
  const exonerated = (host: number) =>
    sut.exonerated(wordsOf(address(host))).map(({ source }) => source);
  return { sut, said, share, convict, raise, ban, exonerated };
}

describe("Decoys", () => {
  it.each<{ what: string; evidence: Partial<Record<number, Evidence>>; decoys: number[] }>([
    { what: "nobody is more than a claim", evidence: {}, decoys: [] },
    { what: "one is alive", evidence: { 3: "alive" }, decoys: [1, 2, 4] },
    { what: "one is proven", evidence: { 3: "proven" }, decoys: [1, 2, 4] },
    { what: "two are alive", evidence: { 1: "alive", 3: "alive" }, decoys: [2, 4] },
    { what: "one is alive, one proven", evidence: { 1: "alive", 3: "proven" }, decoys: [2, 4] },
    {
      what: "all are alive",
      evidence: { 1: "alive", 2: "alive", 3: "alive", 4: "alive" },
      decoys: [],
    },
  ])("are those that do not answer while another of the same machine does: $what", (given) => {
    const { share, convict, raise } = scene();
    for (const port of [21, 22, 23]) share(port, 1, 2, 3, 4);
    for (const host of [1, 2, 3, 4]) raise(host, given.evidence[host]);
    const found = [1, 2, 3, 4].filter((host) => convict(host).decoy !== undefined);
    expect(found).toEqual(given.decoys);
  });

  it("say how many addresses there are, and how sure another is", () => {
    const { share, convict, raise, sut } = scene();
    share(22, 1, 2, 3);
    raise(2, "alive");
    expect(convict(1).decoy).toEqual({ sources: 3, evidence: "alive" });
    expect(sut.list()[0]?.emitter).toEqual({
      sources: 3,
      realCount: 1,
      real: [{ source: "192.0.2.2/32", evidence: "alive" }],
      silent: ["192.0.2.1/32", "192.0.2.3/32"],
    });
  });

  it("are told of by name to the end, though campaigns of the others are over before", () => {
    const { share, convict, raise, sut } = scene();
    share(22, 1, 2, 3);
    raise(1, "alive");
    raise(2, "alive");
    convict(3);
    sut.tick(60_000);
    for (const port of [90, 91, 92]) share(port, 3);
    sut.tick(60_050);
    expect(sut.list().map(({ source }) => source)).toEqual(["192.0.2.3/32"]);
    expect(sut.list()[0]?.emitter).toMatchObject({
      realCount: 2,
      real: [{ source: "192.0.2.1/32" }, { source: "192.0.2.2/32" }],
      silent: ["192.0.2.3/32"],
    });
  });

  it("have one story, and each that is as real as any other is told of when it is convicted", () => {
    const { share, convict, raise, sut, said } = scene();
    for (const port of [21, 22, 23]) share(port, 1, 2, 3, 4);
    for (const host of [1, 2, 3, 4]) convict(host);
    for (const host of [2, 3]) {
      raise(host, "alive");
      convict(host, "alive");
      convict(host, "alive");
    }
    sut.closeAll();
    expect(said).toEqual([
      ...["convicted 192.0.2.1/32", "convicted 192.0.2.2/32", "convicted 192.0.2.3/32"],
      "closed 192.0.2.2/32",
    ]);
  });

  it.each([
    { alone: 0, isDecoy: true },
    { alone: 2, isDecoy: true },
    { alone: 3, isDecoy: false },
    { alone: 300, isDecoy: false },
  ])("are decoys for $alone probes that nobody else has sent: $isDecoy", ({ alone, isDecoy }) => {
    const { share, convict, raise } = scene();
    share(22, 2, 1);
    raise(2, "alive");
    for (let port = 100; port < 100 + alone; port += 1) share(port, 1);
    expect(convict(1).decoy !== undefined).toBe(isDecoy);
  });

  it("are decoys again with the next packet that another sends, too, before it or after", () => {
    const { share, convict, raise } = scene();
    share(22, 2, 1);
    raise(2, "alive");
    for (const port of [100, 101, 102]) share(port, 1);
    share(103, 1, 2);
    expect(convict(1).decoy).toBeDefined();
  });

  it("are judged anew when a person has let in whom they were seen with", () => {
    const { sut, share, convict, raise } = scene();
    for (const port of [21, 22, 23]) share(port, 1, 2);
    raise(2, "proven");
    sut.forget(hostPrefixOf(address(2)));
    expect(sut.list().map(({ source }) => source)).toEqual(["192.0.2.1/32"]);
    expect(convict(1).decoy).toBeUndefined();
    expect(sut.list()[0]?.emitter).toBeUndefined();
    share(24, 1, 2);
    expect(convict(1).decoy).toBeUndefined();
    expect(sut.list()[0]?.emitter).toMatchObject({ sources: 2, realCount: 0 });
  });

  it("are forgotten with all that they have shown when a whole prefix is let in", () => {
    const { sut, share, raise } = scene();
    for (const port of [21, 22, 23]) share(port, 1, 2, 3);
    raise(2, "alive");
    sut.forget(parsePrefix("192.0.2.0/24") as Prefix);
    expect(sut.size).toBe(0);
    share(24, 3, 2);
    expect(sut.list()[0]?.emitter).toMatchObject({ sources: 2, realCount: 0 });
  });

  it("are no strangers", () => {
    const { share, convict, raise } = scene();
    share(22, 1, 2);
    share(23, 3);
    share(24, 4);
    raise(2, "alive");
    raise(4, "alive");
    expect(convict(3).decoy).toBeUndefined();
    expect(convict(4).decoy).toBeUndefined();
  });

  it("are exonerated when another shows that it is real, if a verdict has banned them", () => {
    const { share, convict, raise, ban, exonerated } = scene();
    for (const port of [21, 22, 23]) share(port, 1, 2, 3, 4);
    for (const host of [1, 2, 4]) convict(host);
    for (const host of [1, 2, 3]) ban(host);
    expect(exonerated(4)).toEqual([]);
    raise(4, "alive");
    expect(exonerated(4)).toEqual(["192.0.2.1/32", "192.0.2.2/32"]);
    raise(2, "proven");
    expect(exonerated(4)).toEqual(["192.0.2.1/32"]);
    expect(exonerated(99)).toEqual([]);
  });
});
