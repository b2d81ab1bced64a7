/**
 * Floods of forged SYNs: every packet is accounted for, memory stays, bans keep their budget.
 *
 * A counter in a table of the test's own, asked before the guard's, says how many came.
 */
import { expect, it } from "vitest";
import { Agent } from "../support/agent.ts";
import { forge } from "../support/forge.ts";
import { Guard } from "../support/guard.ts";
import { describeLive } from "../support/live.ts";
import { Lab, type Namespace } from "../support/namespaces.ts";
import { buildNetwork } from "../support/networks.ts";
import { startServices } from "../support/services.ts";
import { waitFor } from "../support/wait-for.ts";

const FIRST_SOURCE = "10.0.0.1";
/** How much a half may grow from one flood to the next of the same size. Bytes. */
const FLAT_BYTES = 24 * 1024 * 1024;

/** Sources that the kernel can suspect at once. */
const KERNEL_SOURCES = 262_144;
/** Longest that an answer or a ban may take on a busy machine; without a flood it is 20 ms. */
const PROMPT_MS = 10_000;

const countArrivals = (namespace: Namespace) =>
  namespace.load(`table inet oracle {
    counter arrived { }
    chain before {
      type filter hook prerouting priority -400; policy accept;
      tcp flags & (syn|ack) == syn counter name arrived
    }
  }
  `);

async function arrivals(namespace: Namespace): Promise<number> {
  const text = await namespace.run("nft", ["list", "counter", "inet", "oracle", "arrived"]);
  return Number(/packets (\d+)/.exec(text)?.[1]);
}

/** Probes that the guard has heard of, lost and left out; all together. */
async function accountedFor(guard: Guard): Promise<number> {
  const { probes, lost, unlogged } = await guard.status();
  return probes + lost + unlogged;
}

describeLive("a flood of forged SYNs", [], () => {
  it.each([
    { limit: "below the log's limit", rate: "200000" },
    { limit: "far above the log's limit", rate: "2000" },
  ])("$limit is accounted for to the last packet", async ({ rate }) => {
    await using lab = await Lab.open();
    const { hosts, target } = await buildNetwork(lab, ["forger"]);
    await countArrivals(target.namespace);
    const guard = await Guard.start(lab, target.namespace, { config: { NFLOG_RATE: rate } });

    await forge(hosts.forger.namespace, {
      from: FIRST_SOURCE,
      sources: 80_000,
      to: target.ipv4,
      ports: [1001],
      perSecond: 20_000,
    });

    // Packets may still be on their way through the kernel when their sender has ended.
    await waitFor("all packets to be accounted for", 60_000, async () => {
      const arrived = await arrivals(target.namespace);
      return arrived > 75_000 && (await accountedFor(guard)) >= arrived;
    });
    expect(await accountedFor(guard)).toBe(await arrivals(target.namespace));
    const { unlogged } = await guard.status();
    expect(unlogged > 0).toBe(rate === "2000");
  });

  it("leaves the memory of both processes flat", async () => {
    await using lab = await Lab.open();
    const { hosts, target } = await buildNetwork(lab, ["forger"]);
    const guard = await Guard.start(lab, target.namespace);
    const flood = async (from: string): Promise<Record<"broker" | "guard", number>> => {
      const before = await accountedFor(guard);
      const sent = await forge(hosts.forger.namespace, {
        from,
        sources: 100_000,
        to: target.ipv4,
        ports: [1001],
        perSecond: 40_000,
      });
      await waitFor("the flood to be worked off", 60_000, async () => {
        return (await accountedFor(guard)) - before >= 0.9 * sent;
      });
      return { broker: guard.residentBytes("broker"), guard: guard.residentBytes("guard") };
    };

    // The first two fill the tables and warm the program.
    await flood("10.0.0.1");
    const early = await flood("10.16.0.1");
    await flood("10.32.0.1");
    const late = await flood("10.48.0.1");

    expect(late.guard - early.guard).toBeLessThan(FLAT_BYTES);
    expect(late.broker - early.broker).toBeLessThan(FLAT_BYTES);
    const { tracked } = await guard.status();
    expect(tracked).toBeGreaterThan(10_000);
    expect(tracked).toBeLessThanOrEqual(65_536);
  });

  it("that fills the kernel's sets delays neither the ban of a real scanner nor an answer", async () => {
    await using lab = await Lab.open();
    const { hosts, target } = await buildNetwork(lab, ["forger", "scanner"]);
    await startServices(target.namespace, { tcp: [80] });
    const guard = await Guard.start(lab, target.namespace);
    const scanner = new Agent(hosts.scanner.namespace);
    expect(await scanner.connect(target.ipv4, 80)).toBe("open");
    await forge(hosts.forger.namespace, {
      from: FIRST_SOURCE,
      sources: KERNEL_SOURCES + 10_000,
      to: target.ipv4,
      ports: [1001],
      perSecond: 40_000,
    });

    const askedAtMs = performance.now();
    expect((await guard.status()).full).toBeGreaterThan(0);
    const answeredAtMs = performance.now();
    await scanner.connectAll(target.ipv4, [2001, 2002, 2003, 2004], { timeoutMs: 100 });
    await waitFor("the scanner in the kernel's ban set", PROMPT_MS, async () => {
      return (await guard.elementsOf("banned4")).includes(hosts.scanner.ipv4);
    });

    expect(answeredAtMs - askedAtMs).toBeLessThan(PROMPT_MS);
    expect(await scanner.connect(target.ipv4, 80)).toBe("silent");
  });

  it("from 2,000 sources that each scan gets at most the 60 bans of its minute", async () => {
    await using lab = await Lab.open();
    const { hosts, target } = await buildNetwork(lab, ["forger", "person"]);
    await startServices(target.namespace, { tcp: [80] });
    const guard = await Guard.start(lab, target.namespace);

    const sent = await forge(hosts.forger.namespace, {
      from: FIRST_SOURCE,
      sources: 2000,
      to: target.ipv4,
      ports: [1001, 1002, 1003, 1004],
    });

    await waitFor("the flood to be worked off", 30_000, async () => {
      return (await accountedFor(guard)) >= sent;
    });
    await guard.problem("ban-budget");
    await waitFor("bans", 30_000, async () => (await guard.status()).banned > 0);
    expect((await guard.status()).banned).toBeLessThanOrEqual(60);
    expect(await new Agent(hosts.person.namespace).connect(target.ipv4, 80)).toBe("open");
  });
});
