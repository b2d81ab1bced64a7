/**
 * SENSE_SERVED: the list modes tell of ports that a service has, and leave the service alone.
 */
import { expect, it } from "vitest";
import { Agent } from "../support/agent.ts";
import { sendCanary } from "../support/canary.ts";
import { forge } from "../support/forge.ts";
import { Guard } from "../support/guard.ts";
import { describeLive } from "../support/live.ts";
import { Lab } from "../support/namespaces.ts";
import { buildNetwork } from "../support/networks.ts";
import { startServices } from "../support/services.ts";

/** Three services and the canary's port are listed, the services' neighbours are not. */
const LISTED = {
  ...{ TCP_MODE: "stcp", TCP_PORTS: "80-82,1001" },
  ...{ UDP_MODE: "sudp", UDP_PORTS: "161" },
};
const SERVED = { tcp: [80, 81, 82, 90], udp: [161, 162] };

async function build(lab: Lab, config: Readonly<Record<string, string>>, ignore: string[] = []) {
  const { hosts, target } = await buildNetwork(lab, ["client", "canary"]);
  await startServices(target.namespace, SERVED);
  const guard = await Guard.start(lab, target.namespace, {
    config: { ...LISTED, ...config },
    ignore,
  });
  return { hosts, target, guard, client: new Agent(hosts.client.namespace) };
}

/** "tcp 80 tcp-syn", one a probe that was told, the canary's left out. */
const toldOf = (guard: Guard, source: string) =>
  guard
    .events("probe")
    .filter((event) => event["source"] === source)
    .map(({ transport, port, kind }) => `${transport} ${port} ${kind}`);

describeLive("SENSE_SERVED", ["nmap"], () => {
  it("a connection is told once, and works as without a guard", async () => {
    await using lab = await Lab.open();
    const { hosts, target, guard, client } = await build(lab, { SENSE_SERVED: "1" });

    for (const address of [target.ipv4, target.ipv6]) {
      const connection = await client.open(address, 80);
      for (let round = 0; round < 5; round += 1) await client.send(connection, "hello\n");
      await client.end(connection);
      expect(await client.askByUdp(address, 161, 10)).toBe(10);
      expect(await client.askByUdp(address, 162, 10)).toBe(10);
      expect(await client.connect(address, 90)).toBe("open");
    }

    await sendCanary(guard, hosts.canary, target);
    for (const source of [hosts.client.ipv4, hosts.client.ipv6]) {
      expect(toldOf(guard, source)).toEqual(["tcp 80 tcp-syn", "udp 161 udp"]);
    }
    expect(await guard.status()).toMatchObject({ holds: 0, banned: 0 });
  });

  it("scans without SYN of a port that is served are told, too", async () => {
    await using lab = await Lab.open();
    const { hosts, target, guard } = await build(lab, { SENSE_SERVED: "1" });
    const ports = ["-n", "-Pn", "--max-retries", "0", "-p", "80,90", target.ipv4];

    for (const scan of ["-sF", "-sX"]) await hosts.client.namespace.exec("nmap", [scan, ...ports]);

    await sendCanary(guard, hosts.canary, target);
    expect(toldOf(guard, hosts.client.ipv4)).toEqual(["tcp 80 tcp-fin", "tcp 80 tcp-xmas"]);
  });

  it("holds nobody, bans for as many ports as the trigger says, and says no untruth", async () => {
    await using lab = await Lab.open();
    const config = { SENSE_SERVED: "1", DETECTOR: "trigger" };
    const { hosts, target, guard } = await build(lab, config);

    // By SYNs alone: who may still be connected, as the guard sees it, is not banned.
    const { namespace, ipv4: from } = hosts.client;
    await forge(namespace, { from, to: target.ipv4, ports: [80, 81, 82] });

    const verdict = await guard.event("verdict");
    expect(verdict["reason"]).toMatch(/^3 ports within \d+ s: tcp 80-82$/);
    await guard.banned(hosts.client.ipv4);
    expect(guard.events("hold")).toEqual([]);
  });

  it.each([
    { what: "off, which is the default", config: {}, trusted: false },
    { what: "on, a trusted client", config: { SENSE_SERVED: "1" }, trusted: true },
    { what: "on, in the advanced mode", config: { SENSE_SERVED: "1", TCP_MODE: "atcp" } },
  ])("$what: clients of services are not told", async ({ config, trusted }) => {
    await using lab = await Lab.open();
    const ignore = trusted === true ? ["203.0.113.8/29"] : [];
    const { hosts, target, guard, client } = await build(lab, config, ignore);

    for (const port of [80, 81, 82]) expect(await client.connect(target.ipv4, port)).toBe("open");

    const noticed = await sendCanary(guard, hosts.canary, target);
    expect(noticed).toMatchObject({ probes: 1, sources: [hosts.canary.ipv4] });
  });
});
