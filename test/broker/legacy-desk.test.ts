/** The guard's requests for PortSentry's responses, through a real broker. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Broker } from "../../src/broker/broker.ts";
import { BrokerClient } from "../../src/broker/client.ts";
import { whyNeverBanned } from "../../src/broker/executors/bannable.ts";
import { DeedLedger } from "../../src/broker/executors/deed-ledger.ts";
import { NftablesExecutor } from "../../src/broker/executors/nftables.ts";
import { LegacyResponses } from "../../src/broker/executors/responses.ts";
import { LegacyBans } from "../../src/broker/legacy-bans.ts";
import { LEFTOVERS_PER_MINUTE } from "../../src/broker/legacy-desk.ts";
import { TrustedSet } from "../../src/broker/trusted-set.ts";
import type { Prefix } from "../../src/net/prefix.ts";
import { FakeMachine, seedSettings } from "./executors/fake-machine.ts";
import { FakeClock, FakeNft, prefix, RULES, streamPair } from "./fakes.ts";
import { FakeFiles } from "./trust/fake-files.ts";

const SOURCE = prefix("192.0.2.7");
const GATEWAY = prefix("192.0.2.1");
const request = {
  source: SOURCE,
  port: 445,
  transport: "tcp",
  timeoutMs: 60_000,
  evidence: "claimed",
  isLonger: false,
} as const;

/** A guard's client and a broker that answers the seed's three, on the two ends of one stream. */
async function open(files: FakeFiles, { hasLegacy = true, claimedBansPerMinute = 60 } = {}) {
  const [near, far] = streamPair();
  const nft = new FakeNft();
  const clock = new FakeClock();
  const machine = new FakeMachine();
  const trusted = new TrustedSet();
  trusted.replace([{ prefix: GATEWAY, why: "default gateway" }]);
  const refusal = (each: Prefix) => whyNeverBanned(each) ?? trusted.check(each);
  const ledger = await DeedLedger.open(files.path("deeds"));
  const responses = new LegacyResponses(seedSettings(files.path("hosts.deny")), {
    ledger,
    refusal,
    run: machine.run,
    readRoutes: machine.readRoutes,
  });
  const legacy = new LegacyBans(
    { modes: { tcp: "atcp", udp: undefined }, blocks: { tcp: 1, udp: 1 } },
    {
      responses,
      ledger,
      refusal,
      blocked: undefined,
      isBannedInKernel: () => false,
      clock,
      onResponses: () => {},
      onBlockedFile: () => {},
    },
  );
  new Broker(
    { restore: { bans: 0, wide: 0 }, bansPerMinute: 600, claimedBansPerMinute, ...RULES },
    {
      stream: near,
      executor: new NftablesExecutor(
        { ipv6PrefixBits: 64 },
        { nft, elements: nft, reader: nft, clock, trusted, sharedIpv6: () => [] },
      ),
      legacy: () => (hasLegacy ? legacy : undefined),
      blocklists: () => undefined,
      clock,
      trust: () => ({ status: "applied" }),
      onDropped: () => ({ status: "refused", reason: "BLOCK_LOG is not set" }),
      history: () => undefined,
      alert: () => Promise.reject(new Error("no alert was to be told")),
      onConfirm: () => ({ status: "already-applied" }),
      onApply: () => Promise.reject(new Error("nothing was to be tried out")),
      onReload: () => Promise.reject(new Error("no reload was to be asked")),
      onReady: () => {},
      onCount: () => {},
      onBreach: () => {},
      onClose: () => {},
    },
  );
  const client = new BrokerClient(far, { onEvent: () => {}, onClose: () => {} });
  return { client, machine, clock, trusted };
}

describe("LegacyDesk", () => {
  it("responds, names what it left, and undoes", async () => {
    using files = new FakeFiles();
    const { client, machine } = await open(files);
    await client.ready();
    const { outcome, responses } = await client.respond(request);
    expect(outcome).toEqual({ status: "applied" });
    expect(responses.map(({ name }) => name)).toEqual(["hosts-deny", "route", "command"]);
    machine.routes.push("192.0.2.9");
    expect(await client.leftovers()).toEqual([
      { prefix: SOURCE, means: ["hosts-deny", "route", "command"], isOurs: true },
      { prefix: "192.0.2.9/32", means: ["route"], isOurs: false },
    ]);
    const undone = await client.undo([SOURCE, prefix("192.0.2.9"), prefix("192.0.2.10")], true);
    expect(undone.map(({ outcome: each }) => each.status)).toEqual([
      "applied",
      "applied",
      "already-applied",
    ]);
    expect(machine).toMatchObject({ routes: [], rules: [] });
  });

  it("does nothing to a trusted source, and nothing before the guard is ready", async () => {
    using files = new FakeFiles();
    const { client, machine } = await open(files);
    expect((await client.respond(request)).outcome).toMatchObject({ status: "refused" });
    expect(await client.leftovers()).toEqual([]);
    await client.ready();
    expect((await client.respond({ ...request, source: GATEWAY })).outcome).toEqual({
      status: "refused",
      reason: "trusted: default gateway",
    });
    expect(machine.lines).toEqual([]);
  });

  it("responds to no more claimed sources in a minute than may be banned", async () => {
    using files = new FakeFiles();
    const { client, clock, machine } = await open(files, { claimedBansPerMinute: 2 });
    await client.ready();
    const respond = async (text: string) =>
      (await client.respond({ ...request, source: prefix(text) })).outcome.status;
    expect([await respond("192.0.2.7"), await respond("192.0.2.8")]).toEqual([
      "applied",
      "applied",
    ]);
    expect(await respond("192.0.2.9")).toBe("refused");
    expect([...machine.routes].sort()).toEqual(["192.0.2.7", "192.0.2.8"]);
    clock.advance(60_000);
    expect(await respond("192.0.2.9")).toBe("applied");
  });

  it("looks for leftovers so many times a minute", async () => {
    using files = new FakeFiles();
    const { client, machine } = await open(files);
    await client.ready();
    machine.routes.push("192.0.2.9");
    const counts: number[] = [];
    for (let look = 0; look <= LEFTOVERS_PER_MINUTE; look += 1) {
      counts.push((await client.leftovers()).length);
    }
    expect(counts.filter((count) => count === 1)).toHaveLength(LEFTOVERS_PER_MINUTE);
    expect(counts.at(-1)).toBe(0);
  });

  it("has nothing to do and nothing to undo where no key asks for it", async () => {
    using files = new FakeFiles();
    const { client } = await open(files, { hasLegacy: false });
    await client.ready();
    expect((await client.respond(request)).outcome).toMatchObject({ status: "refused" });
    expect((await client.undo([SOURCE], true))[0]?.outcome).toEqual({ status: "already-applied" });
  });

  it("runs nothing but the administrator's words with addresses and numbers in them", async () => {
    using files = new FakeFiles();
    const { client, clock, machine } = await open(files);
    await client.ready();
    const nasty = fc.oneof(
      fc.constantFrom<unknown>("192.0.2.7; reboot", "$(reboot)", "`id`", "192.0.2.7\n", -1, 65_536),
      fc.constantFrom<unknown>(
        "192.0.2.1",
        "0.0.0.0/0",
        "127.0.0.1",
        "2001:db8::/16",
        null,
        [],
        {},
      ),
      fc.jsonValue(),
    );
    const field = fc.constantFrom("source", "port", "transport", "timeoutMs", "evidence", "mode");
    await fc.assert(
      fc.asyncProperty(field, nasty, async (name, value) => {
        clock.advance(60_000);
        await client.respond({ ...request, [name]: value } as typeof request);
        await client.undo([value as Prefix], true);
      }),
      { numRuns: 200 },
    );
    const allowed = /^[-A-Za-z0-9 /.:;&']+$/;
    const foreign = machine.acts.filter(
      (line) => !allowed.test(line) || !/iptables|route/.test(line) || line.includes("192.0.2.1 "),
    );
    expect(foreign).toEqual([]);
  });
});
