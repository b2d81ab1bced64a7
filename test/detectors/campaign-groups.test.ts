/** Neighbours on one campaign, through the tracker that they are a part of. */
import { describe, expect, it } from "vitest";
import { Campaigns } from "../../src/detectors/campaigns.ts";
import { GroupMembers } from "../../src/detectors/group-members.ts";
import type { CampaignChange, CampaignGroup } from "../../src/model/campaign.ts";
import { keepProbe, type Probe } from "../../src/model/probe.ts";
import { wordsOf } from "../../src/net/address-words.ts";
import type { IpAddress } from "../../src/net/ip-address.ts";
import { hostPrefixOf } from "../../src/net/prefix.ts";
import { SourceKeys } from "../../src/net/source-keys.ts";
import { masscanProbe, toolProbe } from "./tool-probes.ts";
import { clock, probe, STARTED_AT_EPOCH_MS } from "./traces.ts";

const QUIET_MS = 60_000;

interface Told {
  readonly change: CampaignChange;
  readonly group: CampaignGroup;
  readonly isScan: boolean;
}

function scene({ maxCampaigns = 1024 } = {}) {
  const told: Told[] = [];
  const stories: string[] = [];
  const keys = new SourceKeys({ ipv6PrefixBits: 64 });
  const sut = new Campaigns(
    { quietMs: QUIET_MS, maxCampaigns, provesAlone: () => false },
    clock,
    keys,
    (change, story, isStory) => {
      if (isStory) stories.push(`${change} ${story().source}`);
    },
    (change, group, isScan) => told.push({ change, group: group(), isScan }),
  );
  const send = (source: string, trace: string) => {
    for (const step of trace.split(" ")) sut.observe(probe(source, step));
  };
  const convict = (source: string) => {
    const words = wordsOf(source as IpAddress);
    sut.convict({
      source: keys.prefixOf(words),
      address: source as IpAddress,
      evidence: "claimed",
      ruleId: "trigger",
      reason: "4 unused ports",
      ports: [],
      kinds: ["tcp-syn"],
      tool: undefined,
      last: keepProbe(probe(source, "1@0")),
      probes: 4,
      firstSeenAtEpochMs: 0,
      decidedAtEpochMs: 0,
      campaignId: "",
    });
  };
  const changes = () => told.map(({ change, isScan }) => `${change}${isScan ? " scan" : ""}`);
  return { sut, told, stories, send, convict, changes };
}

const hosts = (count: number) =>
  Array.from({ length: count }, (_, index) => `203.0.113.${index + 1}`);

describe("CampaignGroups", () => {
  it.each<{ what: string; probes: readonly (readonly [string, string])[]; told: string[] }>([
    {
      what: "three that touch four ports together",
      probes: [
        ["203.0.113.1", "1@0 2@0"],
        ["203.0.113.2", "2@0 3@0"],
        ["203.0.113.3", "3@0 4@0"],
      ],
      told: ["opened"],
    },
    {
      what: "two with many ports",
      probes: [
        ["203.0.113.1", "1@0 2@0 3@0 4@0"],
        ["203.0.113.2", "5@0 6@0 7@0 8@0"],
      ],
      told: [],
    },
    {
      what: "three with three ports, of which each is another's, too",
      probes: [
        ["203.0.113.1", "1@0 2@0"],
        ["203.0.113.2", "2@0 3@0"],
        ["203.0.113.3", "3@0 1@0"],
      ],
      told: [],
    },
    {
      what: "three of different blocks",
      probes: [
        ["203.0.113.1", "1@0 2@0"],
        ["203.0.113.2", "3@0 4@0"],
        ["203.0.112.3", "5@0 6@0"],
      ],
      told: [],
    },
    {
      what: "the third when the first has long been quiet",
      probes: [
        ["203.0.113.1", "1@0 2@0"],
        ["203.0.113.2", "3@1 4@1"],
        ["203.0.113.3", `5@${QUIET_MS + 1} 6@${QUIET_MS + 1}`],
      ],
      told: [],
    },
    {
      what: "three /64s of one /48",
      probes: [
        ["2001:db8:1:1::1", "1@0 2@0"],
        ["2001:db8:1:2::1", "3@0 4@0"],
        ["2001:db8:1:3::1", "5@0 6@0"],
      ],
      told: ["opened"],
    },
    {
      what: "many of which each touches one port",
      probes: hosts(10).map((host, index) => [host, `${index}@0`] as const),
      told: [],
    },
    {
      what: "three addresses of one /64",
      probes: [
        ["2001:db8:1:1::1", "1@0 2@0"],
        ["2001:db8:1:1::2", "3@0"],
        ["2001:db8:1:1::3", "4@0"],
      ],
      told: [],
    },
  ])("is told to machines: $what -> $told", ({ probes, told }) => {
    const { sut, send, changes } = scene();
    for (const [source, trace] of probes) {
      sut.tick(Number(trace.split("@").at(-1)));
      send(source, trace);
    }
    expect(changes()).toEqual(told);
  });

  it("counts sources of one port each once they are alive, and those as often as they are told", () => {
    const { sut, send, told } = scene();
    for (const [index, host] of hosts(5).entries()) {
      send(host, `${index}@0`);
      const source = wordsOf(host as IpAddress);
      for (let answer = 0; answer < 3; answer += 1) {
        sut.raise({ source, evidence: "alive", port: index, seenAtMs: 0 });
      }
    }
    expect(told.map(({ group }) => group)).toMatchObject([
      { sources: 4, packets: 4, portCount: { count: 4 } },
    ]);
    sut.closeAll();
    expect(told.at(-1)?.group).toMatchObject({ sources: 5, packets: 5 });
  });

  it("has the story of all its sources", () => {
    const { send, told, sut } = scene();
    send("203.0.113.9", "22@1000 23@2000 22@2500");
    send("203.0.113.7", "24@3000 22@3000");
    send("203.0.113.8", "u53@4000 22@4000");
    sut.closeAll();
    expect(told.map(({ change }) => change)).toEqual(["opened", "closed"]);
    expect(told.at(-1)?.group).toEqual({
      prefix: "203.0.113.0/24",
      firstAtEpochMs: STARTED_AT_EPOCH_MS + 1000,
      lastAtEpochMs: STARTED_AT_EPOCH_MS + 4000,
      sources: 3,
      convicted: 0,
      banned: 0,
      scanners: [],
      others: ["203.0.113.9/32", "203.0.113.7/32", "203.0.113.8/32"],
      kinds: ["tcp-syn", "udp"],
      tool: undefined,
      evidence: "claimed",
      packets: 7,
      ports: [
        { transport: "tcp", ranges: [{ first: 22, last: 24 }] },
        { transport: "udp", ranges: [{ first: 53, last: 53 }] },
      ],
      portCount: { count: 4, isAtLeast: false },
    });
  });

  it("tells people of the group and not of its third scanner on, nor of their ends", () => {
    const { send, convict, changes, stories, sut } = scene();
    for (const host of hosts(5)) {
      send(host, "1@0 2@0");
      convict(host);
    }
    sut.closeAll();
    // The sixth would have doubled it.
    expect(changes()).toEqual(["convicted scan", "closed scan"]);
    // The third is a member with its second port, and the first two are convicted by then.
    expect(stories).toEqual(["convicted 203.0.113.1/32", "convicted 203.0.113.2/32"]);
  });

  it("becomes a scan with its first conviction", () => {
    const { send, convict, changes } = scene();
    for (const host of hosts(3)) send(host, "1@0 2@0 3@0 4@0");
    expect(changes()).toEqual(["opened"]);
    convict("203.0.113.2");
    convict("203.0.113.3");
    expect(changes()).toEqual(["opened", "convicted scan"]);
  });

  it("names the convicted before the others, and knows who is banned, and how sure all are", () => {
    const { send, convict, sut, told } = scene();
    const many = hosts(12);
    for (const host of many) send(host, "1@0 2@0 3@0 4@0");
    const scanners = [many[1], many[10], many[11]] as string[];
    for (const host of scanners) convict(host);
    const settle = (host: string, status: "banned" | "unbanned") => {
      const outcome = status === "banned" ? { status, untilEpochMs: 0 } : { status };
      sut.settle(hostPrefixOf(host as IpAddress), outcome);
    };
    for (const host of scanners) settle(host, "banned");
    settle(many[10] as string, "unbanned");
    sut.raise({ source: wordsOf(many[4] as IpAddress), evidence: "alive", port: 1, seenAtMs: 0 });
    sut.closeAll();
    const group = told.at(-1)?.group;
    expect(group).toMatchObject({ sources: 12, convicted: 3, banned: 2, evidence: "alive" });
    expect([...(group?.scanners ?? [])].sort()).toEqual(
      scanners.map((host) => `${host}/32`).sort(),
    );
    expect(group?.others).toHaveLength(5);
  });

  it("names the tool that all of them look like", () => {
    const toolOf = (other: (port: number) => Probe) => {
      const { sut, told } = scene();
      for (const [index, host] of hosts(3).entries()) {
        const source = wordsOf(host as IpAddress);
        for (let port = 1; port <= 5; port += 1) {
          const packet = index === 2 ? other(port) : masscanProbe(port, port * 7);
          sut.observe({ ...packet, source });
        }
      }
      sut.closeAll();
      return told.at(-1)?.group.tool;
    };
    expect(toolOf((port) => masscanProbe(port, port * 9))).toBe("masscan");
    expect(toolOf((port) => toolProbe({ port, id: port }))).toBe("masscan");
    expect(
      toolOf((port) => toolProbe({ port, seq: port * 77, id: 54_321, win: 65_535 })),
    ).toBeUndefined();
  });

  it("is told again each time it has doubled", () => {
    const { send, told } = scene();
    for (const [index, host] of hosts(50).entries()) send(host, `${index + 1}@0 ${index + 2}@0`);
    expect(told.map(({ group }) => group.sources)).toEqual([3, 6, 12, 24, 48]);
    expect(told.at(-1)?.group.others).toHaveLength(8);
  });

  it("counts each source once, however often it comes back, and the convicted among them", () => {
    const { send, convict, told, sut } = scene();
    for (let round = 0; round < 3; round += 1) {
      const atMs = round * 50_000;
      sut.tick(atMs);
      send("203.0.113.1", `1@${atMs} 2@${atMs}`);
      send("203.0.113.2", `1@${atMs} 2@${atMs}`);
      send(`203.0.113.${round + 3}`, `3@${atMs} 4@${atMs}`);
      for (const host of [1, round + 3]) convict(`203.0.113.${host}`);
    }
    // One whose campaign was closed comes again, and is convicted again.
    send("203.0.113.3", "3@101000 4@101000");
    convict("203.0.113.3");
    sut.closeAll();
    expect(told.at(-1)?.group).toMatchObject({ sources: 5, convicted: 4 });
  });

  it("is none of the decoys of one machine, whose own story says so", () => {
    const { sut, send, changes, convict, stories } = scene();
    for (let port = 1; port <= 10; port += 1) {
      for (const host of hosts(4)) {
        const packet = toolProbe({ port, id: port });
        sut.observe({ ...packet, source: wordsOf(host as IpAddress) });
      }
    }
    for (const host of hosts(4)) convict(host);
    expect(changes()).toEqual([]);
    expect(stories).toEqual(["convicted 203.0.113.1/32"]);
    send("203.0.113.99", "1@0 2@0");
    expect(changes()).toEqual(["convicted scan"]);
  });

  it("is closed for who was told that it opened, when it turns out to be one machine", () => {
    const { sut, send, changes, convict } = scene();
    for (const [index, host] of hosts(4).entries()) send(host, `101@0 ${102 + index}@0`);
    expect(changes()).toEqual(["opened"]);
    for (let port = 1; port <= 3; port += 1) {
      for (const host of hosts(4)) {
        sut.observe({ ...toolProbe({ port, id: port }), source: wordsOf(host as IpAddress) });
      }
    }
    convict("203.0.113.1");
    expect(changes()).toEqual(["opened", "closed"]);
    sut.closeAll();
    expect(changes()).toEqual(["opened", "closed"]);
  });

  it("names a convicted source that shares its mark with another, and no bystander for it", () => {
    const members = new GroupMembers(1);
    members.begin(0);
    const [one, alike] = ["2001:db8:0:1::", "2001:db8:0:100::"].map((text) =>
      wordsOf(text as IpAddress),
    );
    if (one === undefined || alike === undefined) throw new Error("no words");
    members.add(0, one);
    members.add(0, alike);
    expect(members.count(0)).toBe(1);
    members.convict(0, alike);
    expect(members.listedOf(0, true)).toEqual([alike]);
    for (let network = 2; network < 10; network += 1) {
      members.add(0, wordsOf(`2001:db8:0:${network}::` as IpAddress));
    }
    expect(members.listedOf(0, true)).toEqual([alike]);
    expect(members.listedOf(0, false)).toHaveLength(7);
  });

  it("tells people of that decoy's machine again when another of its addresses is real", () => {
    const { sut, convict, stories } = scene();
    for (let port = 1; port <= 10; port += 1) {
      for (const host of hosts(2)) {
        sut.observe({ ...toolProbe({ port, id: port }), source: wordsOf(host as IpAddress) });
      }
    }
    convict("203.0.113.1");
    convict("203.0.113.2");
    sut.raise({
      source: wordsOf("203.0.113.2" as IpAddress),
      evidence: "alive",
      port: 1,
      seenAtMs: 0,
    });
    convict("203.0.113.2");
    convict("203.0.113.2");
    convict("203.0.113.1");
    sut.closeAll();
    expect(stories).toEqual([
      ...["convicted 203.0.113.1/32", "convicted 203.0.113.2/32", "closed 203.0.113.2/32"],
    ]);
  });

  it("says of each of a group, too, when nothing follows, once for each reason", () => {
    const { sut, send, convict } = scene();
    const spare = (source: string, reason: string) =>
      sut.settle(hostPrefixOf(source as IpAddress), { status: "spared", reason, text: "" });
    for (const host of hosts(3)) {
      send(host, "1@0 2@0");
      convict(host);
    }
    expect(hosts(3).map((host) => spare(host, "trusted"))).toEqual([true, true, true]);
    expect(hosts(3).map((host) => spare(host, "trusted"))).toEqual([false, false, false]);
    send("198.51.100.7", "1@0 2@0");
    convict("198.51.100.7");
    const told = ["budget", "budget", "trusted"].map((reason) => spare("198.51.100.7", reason));
    expect(told).toEqual([true, false, true]);
  });

  it("has bounded memory: groups of forged sources push out one another, not one that scans", () => {
    const { send, convict, changes, sut } = scene({ maxCampaigns: 65_536 });
    for (const host of hosts(3)) send(host, "1@0 2@0");
    convict("203.0.113.1");
    const forged = { ...probe("198.18.0.1", "22@1"), source: Uint32Array.of(0, 0, 0xffff, 0) };
    for (let block = 0; block < 50_000; block += 1) {
      forged.source[3] = 0x0a00_0000 + block * 256;
      forged.port = 22;
      sut.observe(forged);
      forged.port = 23;
      sut.observe(forged);
    }
    expect(changes()).toEqual(["convicted scan"]);
    sut.closeAll();
    expect(changes()).toEqual(["convicted scan", "closed scan"]);
  });
});
