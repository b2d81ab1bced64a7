/** The sequential detector with its defaults: who is convicted, of what, and who is not. */
import { appendFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { Agent } from "../support/agent.ts";
import { sendCanary } from "../support/canary.ts";
import { Guard } from "../support/guard.ts";
import { describeLive } from "../support/live.ts";
import { Lab } from "../support/namespaces.ts";
import { buildNetwork } from "../support/networks.ts";

/** What follows from a verdict is judged here, and not what the kernel does before it. */
const NO_HOLD = { HOLD_AFTER: "off" };

describeLive("the sequential detector", [], () => {
  it.each([
    { ports: [1001, 1003, 1005, 1007], reason: /^4 unused ports .* tcp 1001, .*; score 25\d$/ },
    { ports: [23, 445], reason: /^2 unused ports .* tcp 23, 445; traps tcp 23, 445; score 25\d$/ },
    { ports: [23, 1001, 1003], reason: /^3 unused .*; trap tcp 23; score 25\d$/ },
  ])("convicts of $ports, says why, and bans", async ({ ports, reason }) => {
    await using lab = await Lab.open();
    const { hosts, target } = await buildNetwork(lab, ["scanner"]);
    const guard = await Guard.start(lab, target.namespace, { config: NO_HOLD });

    for (const port of ports) {
      await new Agent(hosts.scanner.namespace).connect(target.ipv4, port, { timeoutMs: 100 });
    }

    const verdict = await guard.event("verdict");
    expect(verdict).toMatchObject({ rule: "sequential", source: hosts.scanner.ipv4 });
    expect(verdict["reason"]).toMatch(reason);
    expect((await guard.banned(hosts.scanner.ipv4)).reason).toBe(verdict["reason"]);
  });

  it("convicts nobody of three ports, however often, nor of six over UDP", async () => {
    await using lab = await Lab.open();
    const { hosts, target } = await buildNetwork(lab, ["client", "other", "canary"]);
    const guard = await Guard.start(lab, target.namespace, { config: NO_HOLD });
    const client = new Agent(hosts.client.namespace);
    for (let round = 0; round < 3; round += 1) {
      await client.connectAll(target.ipv4, [1001, 1003, 1005], { timeoutMs: 100 });
    }
    const other = new Agent(hosts.other.namespace);
    for (const port of [1001, 1003, 1005, 1007, 1009, 1011]) {
      await other.askByUdp(target.ipv4, port, 1, 20);
    }

    await sendCanary(guard, hosts.canary, target);
    expect(guard.events("verdict")).toEqual([]);
    expect(await guard.bans()).toEqual([]);
  });

  it.each(["is stopped and started", "has its process replaced by a reload"])(
    "convicts by the fourth port whoever touched three before it %s",
    async (what) => {
      await using lab = await Lab.open();
      const { hosts, target } = await buildNetwork(lab, ["scanner"]);
      const before = await Guard.start(lab, target.namespace, { config: NO_HOLD });
      const scanner = new Agent(hosts.scanner.namespace);
      await scanner.connectAll(target.ipv4, [1001, 1003, 1005], { timeoutMs: 100 });
      await before.event("probe", ({ port }) => port === 1005);

      let guard = before;
      if (what === "is stopped and started") {
        expect((await before.stop()).status).toBe(0);
        guard = await Guard.start(lab, target.namespace, { config: NO_HOLD, after: before });
      } else {
        const path = join(before.folder, "vedette.conf");
        await appendFile(path, 'NFLOG_GROUP="77"\n');
        const view = await before.reload();
        expect(view).toMatchObject({ guard: "replaced", memory: "saved" });
      }
      expect(await guard.bans()).toEqual([]);
      await scanner.connect(target.ipv4, 1007, { timeoutMs: 100 });

      const { reason } = await guard.banned(hosts.scanner.ipv4);
      expect(reason).toMatch(/^4 unused ports .* tcp 1001, 1003, 1005, 1007; score 2[45]\d$/);
      expect((await guard.status()).health.map(({ code }) => code)).not.toContain(
        "sources-unsaved",
      );
    },
  );

  it("convicts of three with STRICT", async () => {
    await using lab = await Lab.open();
    const { hosts, target } = await buildNetwork(lab, ["scanner"]);
    const config = { ...NO_HOLD, STRICT: "1" };
    const guard = await Guard.start(lab, target.namespace, { config });

    const scanner = new Agent(hosts.scanner.namespace);
    await scanner.connectAll(target.ipv4, [1001, 1003, 1005], { timeoutMs: 100 });

    expect((await guard.banned(hosts.scanner.ipv4)).reason).toMatch(/; score 51\d$/);
  });
});
