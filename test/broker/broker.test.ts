import { describe, expect, it } from "vitest";
import type { BanItem } from "../../src/broker/ban-schema.ts";
import { Broker } from "../../src/broker/broker.ts";
import { BrokerClient } from "../../src/broker/client.ts";
import { NftablesExecutor } from "../../src/broker/executors/nftables.ts";
import type { BrokerEvent, ScanRecord } from "../../src/broker/protocol.ts";
import { TrustedSet } from "../../src/broker/trusted-set.ts";
import type { DroppedPacket } from "../../src/model/dropped-packet.ts";
import type { ReloadOutcome } from "../../src/model/reload.ts";
import type { IpAddress } from "../../src/net/ip-address.ts";
import { hostPrefixOf } from "../../src/net/prefix.ts";
import { address, FakeClock, FakeNft, prefix, RULES, settled, streamPair } from "./fakes.ts";

/** Blocklists that name everybody. */
const LISTS = {
  summary: { files: 1, entries: 2, dropped: 3 },
  listings: (wanted: IpAddress) => [{ path: "/list", line: 7, prefix: hostPrefixOf(wanted) }],
};

/** A broker and an honest guard's client on the two ends of one stream. */
function open({
  restore = { bans: 1000, wide: 1000 },
  bansPerMinute = 600,
  hasHistory = true,
} = {}) {
  const [near, far] = streamPair();
  const nft = new FakeNft();
  const clock = new FakeClock();
  const trusted = new TrustedSet();
  trusted.replace([{ prefix: prefix("192.0.2.1"), why: "default gateway" }]);
  const told: string[] = [];
  const executor = new NftablesExecutor(
    { ipv6PrefixBits: 64 },
    { nft, elements: nft, reader: nft, clock, trusted, sharedIpv6: () => [] },
  );
  const broker = new Broker(
    { restore, bansPerMinute, claimedBansPerMinute: 60, ...RULES },
    {
      stream: near,
      executor,
      legacy: () => undefined,
      blocklists: () => LISTS,
      clock,
      trust: (each, timeoutMs) => {
        told.push(`trust ${each} ${timeoutMs}`);
        return { status: "applied" };
      },
      onDropped: ({ source }) => {
        told.push(`dropped ${source}`);
        return { status: "applied" };
      },
      history: () =>
        hasHistory
          ? {
              record: ({ source, result }) => {
                told.push(`record ${source} ${result}`);
                return { status: "applied" };
              },
              forget: (prefixes) => told.push(`forget ${prefixes.join(" ")}`),
            }
          : undefined,
      alert: async ({ kind, source }) => {
        told.push(`alert ${kind} ${source}`);
        return { status: "applied" };
      },
      onConfirm: () => {
        const wasTold = told.includes("confirm");
        told.push("confirm");
        return { status: wasTold ? "already-applied" : "applied" };
      },
      onReload: async () => {
        told.push("reload");
        return RELOADED;
      },
      onApply: async (confirmWithinMs) => {
        told.push(`apply for ${confirmWithinMs}`);
        return RELOADED;
      },
      onReady: () => told.push("ready"),
      onCount: () => told.push("count"),
      onBreach: (reason) => told.push(`breach: ${reason}`),
      onClose: () => told.push("close"),
    },
  );
  const events: BrokerEvent[] = [];
  const client = new BrokerClient(far, {
    onEvent: (event) => events.push(event),
    onClose: () => {},
  });
  return { broker, client, nft, clock, trusted, told, events };
}

const ban = (text: string): BanItem => ({
  prefix: prefix(text),
  timeoutMs: 60_000,
  evidence: "alive",
  origin: "detector",
});
const askedBan = (text: string): BanItem => ({ ...ban(text), origin: "operator" });
const packet: DroppedPacket = {
  interfaceIndex: 2,
  linkHeader: "0200000000010200000000020800",
  source: address("192.0.2.7"),
  destination: address("198.51.100.1"),
  lengthBytes: 65_535,
  trafficClass: 255,
  ttlHops: 255,
  identification: 65_535,
  fragmentField: 65_535,
  flowLabel: 0,
  transport: { protocol: "icmp", type: 8, code: 0, echo: { identifier: 1, sequence: 2 } },
};
const scan = (source: string, result: ScanRecord["result"] = "blocked"): ScanRecord => ({
  source: address(source),
  host: source,
  transport: "tcp",
  port: 11,
  tcpFlags: 0x02,
  ipOptions: "not set",
  result,
});
const RELOADED: ReloadOutcome = {
  status: "reloaded",
  configRevision: "c0ffee",
  changed: ["SCAN_TRIGGER"],
  faults: [],
  warnings: [],
  guard: "kept",
  memory: "kept",
};

const applied = { status: "applied" };
const refused = (reason: string) => ({ status: "refused", reason });

describe("Broker", () => {
  it("lets a guard restore, get ready, ban and unban", async () => {
    const { client, nft, told } = open();
    expect(await client.restore([ban("192.0.2.7")])).toEqual([applied]);
    await client.ready();
    expect(await client.ban([ban("192.0.2.8")])).toEqual([applied]);
    expect(nft.elements("banned4")).toEqual(["192.0.2.7", "192.0.2.8"]);
    expect(await client.unban([prefix("192.0.2.7")])).toEqual([applied]);
    expect(told).toEqual(["ready", "forget 192.0.2.7/32"]);
  });

  it("refuses in restoring what belongs to guarding", async () => {
    const { client, told } = open();
    const why = (name: string) => refused(`${name} is not allowed while restoring`);
    expect(await client.ban([ban("192.0.2.7")])).toEqual([why("ban")]);
    expect(await client.unban([prefix("192.0.2.7")])).toEqual([why("unban")]);
    expect(await client.trust(prefix("192.0.2.7"), null)).toEqual(why("trust"));
    expect(await client.record([scan("192.0.2.7")])).toEqual([why("record")]);
    expect(await client.confirm()).toEqual(why("confirm"));
    expect(told).toEqual([]);
  });

  it("measures in both states", async () => {
    const { client, nft, told } = open();
    nft.packets = { holds: 3 };
    expect((await client.measure()).counters.holds).toBe(3);
    expect((await client.count()).holds).toBe(3);
    await client.ready();
    expect((await client.measure()).counters.holds).toBe(3);
    expect((await client.count()).holds).toBe(3);
    // Who measures may be anybody over the API: by counting alone the guard shows that it gets on.
    expect(told).toEqual(["count", "ready", "count"]);
  });

  it("tells what the blocklists name, and who names an address sixty times a minute", async () => {
    const { client, clock } = open();
    expect(await client.blocklists()).toEqual(LISTS.summary);
    const wanted = address("192.0.2.7");
    await expect(client.listed(wanted)).rejects.toThrow("listed is not allowed while restoring");
    await client.ready();
    for (let look = 0; look < 60; look += 1) {
      expect(await client.listed(wanted)).toEqual(LISTS.listings(wanted));
    }
    await expect(client.listed(wanted)).rejects.toThrow("more than 60 looks into blocklists");
    clock.advance(60_000);
    expect(await client.listed(wanted)).toHaveLength(1);
  });

  it("answers trusted and banned in one request each by itself", async () => {
    const { client } = open();
    await client.ready();
    expect(await client.ban([ban("192.0.2.7"), ban("192.0.2.1"), ban("192.0.2.8")])).toEqual([
      applied,
      refused("trusted: default gateway"),
      applied,
    ]);
  });

  it("charges no budget for what the rules refuse", async () => {
    const { client } = open({ bansPerMinute: 1 });
    await client.ready();
    await client.ban(Array.from({ length: 10 }, () => ban("192.0.2.1")));
    expect(await client.ban([ban("192.0.2.7")])).toEqual([applied]);
    expect(await client.ban([ban("192.0.2.8")])).toEqual([
      refused("over the budget of 1 bans a minute"),
    ]);
  });

  it("restores no more than the allowance, and nothing once ready", async () => {
    const why = "more bans than stood before cannot be restored";
    const { client } = open({ restore: { bans: 2, wide: 2 } });
    expect(await client.restore(["192.0.2.7", "192.0.2.8", "192.0.2.9"].map(ban))).toEqual([
      applied,
      applied,
      refused(why),
    ]);
    await client.ready();
    expect(await client.restore([ban("192.0.2.7")])).toEqual([refused(why)]);
  });

  it("restores no more wide bans than allowed, however many others may be", async () => {
    const { client } = open({ restore: { bans: 100, wide: 1 } });
    const [first, second, address] = await client.restore(
      ["10.0.0.0/8", "11.0.0.0/8", "192.0.2.7"].map(askedBan),
    );
    expect([first?.status, second?.status, address?.status]).toEqual([
      "applied",
      "refused",
      "applied",
    ]);
  });

  it("tells a guard that restores what the sets hold, page by page, and one that guards nothing", async () => {
    const { client, nft } = open();
    const many = ["10.1.0.1", "10.1.0.2", "10.1.0.3"];
    nft.sets.set("banned4", new Map(many.map((text) => [text, " timeout 60s"])));
    nft.sets.set("bannet6", new Map([["2001:db8:1::/48", ""]]));
    const ask = async () => (await client.standing()).map((ban) => ban.prefix);
    expect(await client.standing()).toEqual([{ prefix: "2001:db8:1::/48", timeoutMs: null }]);
    expect(await ask()).toEqual(["10.1.0.1/32", "10.1.0.2/32"]);
    expect(await client.standing()).toEqual([{ prefix: "10.1.0.3/32", timeoutMs: 60_000 }]);
    expect(await ask()).toEqual([]);
    // They are read once: what changes the sets meanwhile is the guard itself.
    nft.sets.set("banned4", new Map([["192.0.2.9", ""]]));
    expect(await ask()).toEqual([]);
    await client.ready();
    await expect(client.standing()).rejects.toMatchObject({ code: "ERR_BROKER" });
  });

  it("lets the kernel go when a guard ends before it has asked for all", async () => {
    const { broker, client, nft } = open();
    nft.sets.set("banned4", new Map([1, 2, 3].map((last) => [`10.1.0.${last}`, ""])));
    await client.standing();
    expect(nft.openPages).toBe(1);
    broker.close();
    await settled();
    expect(nft.openPages).toBe(0);
  });

  it("after a rebuilding restores as many as stood, and of wide ones no more than stood", async () => {
    const { broker, client, nft, events } = open();
    await client.ready();
    await client.ban(["192.0.2.7", "198.51.0.0/16"].map(askedBan));
    nft.sets.clear();
    broker.tableRebuilt();
    await settled();
    expect(events).toEqual([{ event: "table-rebuilt" }]);
    expect(
      await client.restore(["10.0.0.0/8", "11.0.0.0/8", "192.0.2.7", "192.0.2.8"].map(askedBan)),
    ).toEqual([
      applied,
      refused("more bans than stood before cannot be restored"),
      applied,
      refused("more bans than stood before cannot be restored"),
    ]);
  });

  it("confirms whatever waits for it, and gets ready once", async () => {
    const { client, told } = open();
    await client.ready();
    await expect(client.ready()).rejects.toMatchObject({ code: "ERR_BROKER" });
    expect(await client.confirm()).toEqual(applied);
    expect(await client.confirm()).toEqual({ status: "already-applied" });
    expect(told).toEqual(["ready", "confirm", "confirm"]);
  });

  it("trusts by request, never wider than a ban may be, at most 60 times a minute", async () => {
    const { client, clock, told } = open();
    await client.ready();
    expect(await client.trust(prefix("0.0.0.0/0"), null)).toEqual(
      refused("0.0.0.0/0 is wider than a /8"),
    );
    for (let count = 0; count < 60; count += 1) {
      expect(await client.trust(prefix("192.0.2.9"), 1000)).toEqual(applied);
    }
    expect(await client.trust(prefix("192.0.2.9"), 1000)).toEqual(
      refused("more than 60 acts of trust a minute"),
    );
    clock.advance(60_000);
    expect(await client.trust(prefix("192.0.2.9"), 1000)).toEqual(applied);
    expect(told.filter((each) => each === "trust 192.0.2.9/32 1000")).toHaveLength(61);
  });

  it("hands a dropped packet on when it guards, and at most 50 in a second", async () => {
    const { client, clock, told } = open();
    expect(await client.dropped(packet)).toEqual(refused("dropped is not allowed while restoring"));
    await client.ready();
    for (let count = 0; count < 50; count += 1) {
      expect(await client.dropped(packet)).toEqual(applied);
    }
    expect(await client.dropped(packet)).toEqual(refused("more than 50 dropped packets a second"));
    clock.advance(1000);
    expect(await client.dropped(packet)).toEqual(applied);
    expect(told.filter((each) => each === "dropped 192.0.2.7")).toHaveLength(51);
  });

  it("answers the thousandth request of a second and refuses the next", async () => {
    const { client, clock } = open();
    await client.ready();
    const unban = () => client.unban([prefix("192.0.2.7")]);
    for (let count = 0; count < 999; count += 1) {
      expect(await unban()).toEqual([{ status: "already-applied" }]);
    }
    expect(await unban()).toEqual([refused("more than 1000 requests a second")]);
    clock.advance(1000);
    expect(await unban()).toEqual([{ status: "already-applied" }]);
  });

  it("hands each record to the history, in order, and answers what became of it", async () => {
    const { client, told } = open();
    await client.ready();
    const outcomes = await client.record([scan("192.0.2.7"), scan("2001:db8::7", "watched")]);
    expect(outcomes).toEqual([applied, applied]);
    expect(told.slice(1)).toEqual(["record 192.0.2.7 blocked", "record 2001:db8::7 watched"]);
  });

  it("refuses every record where there is no history", async () => {
    const { client } = open({ hasHistory: false });
    await client.ready();
    expect(await client.record([scan("192.0.2.7"), scan("192.0.2.8")])).toEqual([
      refused("there is no HISTORY_FILE"),
      refused("there is no HISTORY_FILE"),
    ]);
  });

  it("takes twenty requests for the history in any second, and refuses the next", async () => {
    const { client, clock } = open();
    await client.ready();
    const record = () => client.record([scan("192.0.2.7")]);
    for (let count = 0; count < 20; count += 1) expect(await record()).toEqual([applied]);
    const tooMany = refused("more than 20 requests a second for HISTORY_FILE");
    expect(await record()).toEqual([tooMany]);
    clock.advance(999);
    expect(await record()).toEqual([tooMany]);
    clock.advance(1);
    expect(await record()).toEqual([applied]);
  });

  it("calls the going of a guard no breach", async () => {
    const { client, told } = open();
    client.close();
    await settled();
    expect(told).toEqual(["close"]);
  });
});

describe("Broker, asked to read the configuration again", () => {
  it("answers when it is done, and not before the guard is ready", async () => {
    const { client, told } = open();
    await expect(client.reload()).rejects.toThrow("reload is not allowed while restoring");
    await client.ready();
    expect(await client.reload()).toEqual(RELOADED);
    expect(told).toEqual(["ready", "reload"]);
  });

  it("does it sixty times a minute and no more", async () => {
    const { client, clock, told } = open();
    await client.ready();
    for (let time = 0; time < 60; time += 1) await client.reload();
    await expect(client.reload()).rejects.toThrow("more than 60 reloads a minute");
    clock.advance(60_000);
    expect(await client.reload()).toEqual(RELOADED);
    expect(told.filter((each) => each === "reload")).toHaveLength(61);
  });
});

describe("Broker and a configuration on trial", () => {
  it("tries out what root has left, for as long as is said", async () => {
    const { client, told } = open();
    await expect(client.apply(60_000)).rejects.toMatchObject({ code: "ERR_REFUSED" });
    await client.ready();
    expect(await client.apply(60_000)).toEqual(RELOADED);
    expect(told).toEqual(["ready", "apply for 60000"]);
  });

  it.each([999, 86_400_001, 1000.5])("takes no time of %s ms", async (timeMs) => {
    const { client, told } = open();
    await client.ready();
    await expect(client.apply(timeMs)).rejects.toMatchObject({ code: "ERR_REFUSED" });
    expect(told).toEqual(["ready"]);
  });

  it("counts it among the reloads of a minute", async () => {
    const { client, clock } = open();
    await client.ready();
    for (let time = 0; time < 59; time += 1) await client.reload();
    await client.apply(1000);
    await expect(client.apply(1000)).rejects.toThrow("more than 60 reloads a minute");
    clock.advance(60_000);
    expect(await client.apply(86_400_000)).toEqual(RELOADED);
  });
});

describe("Broker and the evidence of a ban", () => {
  it.each<{ what: string; asked: Partial<BanItem>; reason: string }>([
    {
      what: "a claimed ban of a prefix",
      asked: { prefix: prefix("198.51.100.0/24"), evidence: "claimed" },
      reason: "198.51.100.0/24 is more than one source, and a person has to ask for that",
    },
    {
      what: "an alive ban of two addresses",
      asked: { prefix: prefix("198.51.100.6/31") },
      reason: "198.51.100.6/31 is more than one source, and a person has to ask for that",
    },
    {
      what: "an alive ban that is wider than an IPv6 source",
      asked: { prefix: prefix("2001:db8::/63") },
      reason: "2001:db8::/63 is more than one source, and a person has to ask for that",
    },
    {
      what: "a proven ban of two addresses, because it is one source that proves itself",
      asked: { prefix: prefix("198.51.100.6/31"), evidence: "proven" },
      reason: "198.51.100.6/31 is more than one source, and a person has to ask for that",
    },
    {
      what: "a proven ban that is wider than an IPv6 source",
      asked: { prefix: prefix("2001:db8::/63"), evidence: "proven" },
      reason: "2001:db8::/63 is more than one source, and a person has to ask for that",
    },
    {
      what: "a claimed ban of more than a minute",
      asked: { evidence: "claimed", timeoutMs: 60_001 },
      reason: "a ban on evidence claimed lasts 60 s at most",
    },
    {
      what: "a claimed ban for good",
      asked: { evidence: "claimed", timeoutMs: null },
      reason: "a ban on evidence claimed lasts 60 s at most",
    },
  ])("refuses $what", async ({ asked, reason }) => {
    const { client } = open();
    await client.ready();
    expect(await client.ban([{ ...ban("198.51.100.7"), ...asked }])).toEqual([
      { status: "refused", reason },
    ]);
  });

  it.each<{ what: string; asked: Partial<BanItem> }>([
    {
      what: "a proven ban of an IPv6 /64",
      asked: { evidence: "proven", prefix: prefix("2001:db8::/64") },
    },
    { what: "an alive ban of an IPv6 /64", asked: { prefix: prefix("2001:db8::/64") } },
    { what: "an alive ban of one IPv6 address", asked: { prefix: prefix("2001:db8::7") } },
    { what: "a claimed ban of a minute", asked: { evidence: "claimed", timeoutMs: 60_000 } },
    { what: "a proven ban for good", asked: { evidence: "proven", timeoutMs: null } },
    {
      what: "what a person asks for",
      asked: {
        origin: "operator",
        evidence: "claimed",
        timeoutMs: null,
        prefix: prefix("198.51.100.0/24"),
      },
    },
  ])("makes $what", async ({ asked }) => {
    const { client } = open();
    await client.ready();
    const [outcome] = await client.ban([{ ...ban("198.51.100.7"), ...asked }]);
    expect(outcome).toEqual({ status: "applied" });
  });

  it("bans nobody on what PROOF does not take, from the reload on", async () => {
    const { broker, client } = open();
    await client.ready();
    const limits = { claimed: "none", alive: "none", proven: 3_600_000 } as const;
    broker.reconfigure({ claimedBansPerMinute: 60, limits });
    const asked = (["claimed", "alive", "proven"] as const).map((evidence, index) => ({
      ...ban(`198.51.100.${index}`),
      evidence,
    }));
    expect(await client.ban(asked)).toEqual([
      { status: "refused", reason: "PROOF bans nobody on evidence claimed" },
      { status: "refused", reason: "PROOF bans nobody on evidence alive" },
      { status: "applied" },
    ]);
  });

  it("brings back what was allowed to last, and nothing wider than its evidence", async () => {
    const { client } = open();
    const long = { ...ban("198.51.100.7"), evidence: "claimed", timeoutMs: null } as const;
    const wide = { ...long, prefix: prefix("198.51.100.0/24") };
    expect(await client.restore([long, wide])).toMatchObject([
      { status: "applied" },
      { status: "refused" },
    ]);
  });
});

describe("Broker with another bound on claimed bans", () => {
  const claimed = (text: string): BanItem => ({ ...ban(text), evidence: "claimed" });

  it.each([
    { what: "the same goes on with what it has counted", bound: 60, outcome: "refused" },
    { what: "another begins anew", bound: 61, outcome: "applied" },
  ])("$what", async ({ bound, outcome }) => {
    const { broker, client } = open();
    await client.ready();
    await client.ban(Array.from({ length: 60 }, (_, index) => claimed(`198.51.100.${index}`)));
    broker.reconfigure({ claimedBansPerMinute: bound, limits: RULES.limits });
    expect(await client.ban([claimed("192.0.2.7")])).toMatchObject([{ status: outcome }]);
  });
});
