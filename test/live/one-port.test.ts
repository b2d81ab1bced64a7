/** One dead port, however often it is touched, costs nobody the rest of the host. */
import { expect, it } from "vitest";
import { Agent } from "../support/agent.ts";
import { sendCanary } from "../support/canary.ts";
import { forge } from "../support/forge.ts";
import { Guard } from "../support/guard.ts";
import { FULL_SCAN } from "../support/leak-scenario.ts";
import { describeLive } from "../support/live.ts";
import { Lab } from "../support/namespaces.ts";
import { buildNetwork } from "../support/networks.ts";
import { startServices } from "../support/services.ts";
import { waitFor } from "../support/wait-for.ts";

const SERVICES = [22, 80, 443];
const DEAD_PORT = 4444;

describeLive("one unused port", ["nmap"], () => {
  it("twenty SYNs to it are reported, not held, and the services stay within reach", async () => {
    await using lab = await Lab.open();
    const { hosts, target } = await buildNetwork(lab, ["client"]);
    await startServices(target.namespace, { tcp: SERVICES });
    const guard = await Guard.start(lab, target.namespace);
    const client = new Agent(hosts.client.namespace);

    for (let attempt = 0; attempt < 20; attempt += 1) {
      await client.connect(target.ipv4, DEAD_PORT, { timeoutMs: 100 });
    }

    const reported = await guard.event("probe", ({ source }) => source === hosts.client.ipv4);
    expect(reported).toMatchObject({ transport: "tcp", port: DEAD_PORT, kind: "tcp-syn" });
    const services = await client.connectAll(target.ipv4, SERVICES);
    expect(new Set(services.values())).toEqual(new Set(["open"]));
    await waitFor("20 probes", 30_000, async () => (await guard.status()).probes >= 20);
    const { probes, ...status } = await guard.status();
    expect(status).toMatchObject({ holds: 0, held: 0, banned: 0 });
    // Until it has answered a challenge, its stack sends each SYN once more.
    expect(probes).toBeLessThanOrEqual(40);
  });

  it("two SYNs of an innocent to it after another's full scan do not hold the innocent", async () => {
    await using lab = await Lab.open();
    const { hosts, target } = await buildNetwork(lab, ["scanner", "innocent"]);
    await startServices(target.namespace, { tcp: SERVICES });
    // Without bans, the scan goes on to the end and may fill what the kernel remembers.
    const guard = await Guard.start(lab, target.namespace, { config: { NFT_BAN: "0" } });
    await hosts.scanner.namespace.run("nmap", ["-n", "-Pn", ...FULL_SCAN, target.ipv4], 90_000);
    const innocent = new Agent(hosts.innocent.namespace);

    await innocent.connect(target.ipv4, DEAD_PORT);
    await innocent.connect(target.ipv4, DEAD_PORT);

    const services = await innocent.connectAll(target.ipv4, SERVICES);
    expect(new Set(services.values())).toEqual(new Set(["open"]));
    expect(await guard.elementsOf("held4")).not.toContain(hosts.innocent.ipv4);
    await waitFor("60,000 probes", 30_000, async () => {
      const { probes, lost, unlogged } = await guard.status();
      return probes + lost + unlogged > 60_000;
    });
  });

  it("forged SYN+ACKs and RSTs in an innocent's name are nothing", async () => {
    await using lab = await Lab.open();
    const { hosts, target } = await buildNetwork(lab, ["forger", "innocent", "canary"]);
    await startServices(target.namespace, { tcp: SERVICES });
    const guard = await Guard.start(lab, target.namespace);
    const ports = [23, 80, 445, ...Array.from({ length: 50 }, (_, index) => 6000 + index)];

    for (const flags of ["syn-ack", "rst", "fin-ack"] as const) {
      const { ipv4, ipv6 } = hosts.innocent;
      const sender = hosts.forger.namespace;
      expect(await forge(sender, { from: ipv4, to: target.ipv4, ports, flags })).toBe(53);
      expect(await forge(sender, { from: ipv6, to: target.ipv6, ports, flags })).toBe(53);
    }

    const innocent = new Agent(hosts.innocent.namespace);
    expect(await innocent.connect(target.ipv4, 80)).toBe("open");
    expect(await innocent.connect(target.ipv6, 80)).toBe("open");
    const noticed = await sendCanary(guard, hosts.canary, target);
    const sources = [hosts.canary.ipv4];
    expect(noticed).toEqual({ probes: 1, holds: 0, banned: 0, sources });
  });
});
