/**
 * Places where a sentry may be blind, or see what is none: what lingers on a port, who else serves
 * it elsewhere, addresses of the link alone, firewalls, interfaces that come later, broadcasts.
 */
import { expect, it } from "vitest";
import { Agent } from "../support/agent.ts";
import { sendCanary } from "../support/canary.ts";
import { Guard } from "../support/guard.ts";
import { describeLive } from "../support/live.ts";
import { Lab, type Namespace } from "../support/namespaces.ts";
import { buildLan, buildNetwork } from "../support/networks.ts";
import { startNginx } from "../support/services.ts";
import { waitFor } from "../support/wait-for.ts";
import { RulesScene, SERVICE } from "./kernel-rules-scene.ts";

const PORT = 7000;
const [DEAD_PORT, ...UNUSED_PORTS] = [4444, 1001, 1002, 1003, 1004] as const;
const BRIEFLY = { timeoutMs: 100 };

/** The table's text with a grace of a second, where the configuration allows no less than 30. */
function hastenGrace(text: string): string {
  return text
    .replaceAll("timeout 630s }", "timeout 1s }")
    .replaceAll("timeout 30s }", "timeout 1s }");
}

/** Sockets of one state (ss(8)) at a local port. */
async function sockets(namespace: Namespace, state: string, port: number): Promise<string> {
  return (await namespace.run("ss", ["-Htan", "state", state, `sport = :${port}`])).trim();
}

describeLive("a port that a service has left", ["nginx"], () => {
  it("is watched again after the grace, while its last connection is still in TIME_WAIT", async () => {
    await using lab = await Lab.open();
    const scene = await RulesScene.build(lab, {}, hastenGrace);
    const { target, one, other } = scene;
    // It closes first, so that TIME_WAIT is on its side.
    const nginx = await startNginx(lab, target.namespace, { port: PORT, keepAliveSeconds: 0 });
    const connection = await other.agent.open(target.ipv4, PORT);
    await other.agent.send(connection, "GET / HTTP/1.0\r\n\r\n");
    await waitFor("the server's end", 30_000, async () => {
      return (await other.agent.received(connection)).isEnded;
    });
    await other.agent.end(connection);
    await nginx.stop();
    await waitFor("the end of the grace", 30_000, async () => {
      const served = await target.namespace.run("nft", [
        "list",
        "set",
        "inet",
        "vedette",
        "served4",
      ]);
      return !served.includes(` ${PORT} `);
    });
    expect(await sockets(target.namespace, "time-wait", PORT)).toContain(other.ipv4);

    for (const port of [DEAD_PORT, PORT]) await one.agent.connect(target.ipv4, port, BRIEFLY);

    expect(await sockets(target.namespace, "time-wait", PORT)).toContain(other.ipv4);
    expect(await scene.counter("holds")).toBe(1);
  });
});

describeLive("a service on one address", ["ncat"], () => {
  it.each([
    { where: "another address of the interface", address: "198.51.100.11", device: "outer" },
    { where: "another interface", address: "192.0.2.50", device: "extra0" },
  ])("hides no probe of its port on $where", async ({ address, device }) => {
    await using lab = await Lab.open();
    const scene = await RulesScene.build(lab);
    const { target, router, one, other } = scene;
    if (device === "extra0") {
      await target.namespace.configure(["link add extra0 type bridge", "link set extra0 up"]);
      await router.configure([`route add ${address}/32 via ${target.ipv4}`]);
    }
    await target.namespace.configure([`addr add ${address}/24 dev ${device}`]);
    target.namespace.spawn("ncat", ["-l", "-k", address, String(PORT)]);
    await waitFor("the service", 30_000, async () => {
      return (await sockets(target.namespace, "listening", PORT)) !== "";
    });
    expect(await other.agent.connect(address, PORT)).toBe("open");

    for (const port of [DEAD_PORT, PORT]) await one.agent.connect(target.ipv4, port, BRIEFLY);

    expect(await scene.counter("holds")).toBe(1);
    expect(await other.agent.connect(address, PORT)).toBe("open");
  });
});

describeLive("a firewall of the host's own", [], () => {
  it("that drops what is scanned hides no scan", async () => {
    await using lab = await Lab.open();
    const scene = await RulesScene.build(lab);
    await scene.target.namespace.load(`table inet firewall {
      chain input {
        type filter hook input priority 0; policy drop;
        tcp dport ${SERVICE} accept
      }
    }
    `);

    for (const port of [DEAD_PORT, PORT]) {
      await scene.one.agent.connect(scene.target.ipv4, port, BRIEFLY);
    }

    expect(await scene.counter("holds")).toBe(1);
    expect(await scene.one.agent.connect(scene.target.ipv4, SERVICE)).toBe("silent");
  });
});

describeLive("a scan of addresses that are good on the link alone", [], () => {
  it.each([
    { family: "IPv4", target: "169.254.7.10", scanner: "169.254.7.20", bits: 16, zone: "" },
    { family: "IPv6", target: "fe80::7:10", scanner: "fe80::7:20", bits: 64, zone: "%eth0" },
  ])("is seen over $family", async ({ target: aim, scanner: source, bits, zone }) => {
    await using lab = await Lab.open();
    const { hosts, target } = await buildLan(lab, ["scanner"]);
    await target.namespace.configure([`addr add ${aim}/${bits} dev outer`]);
    await hosts.scanner.namespace.configure([`addr add ${source}/${bits} dev eth0`]);
    const guard = await Guard.start(lab, target.namespace);
    const scanner = new Agent(hosts.scanner.namespace);

    const from = `${source}${zone}`;
    await scanner.connectAll(`${aim}${zone}`, UNUSED_PORTS, { from, timeoutMs: 300 });

    await guard.banned(source);
  });
});

describeLive("an interface that is not there", [], () => {
  it("is told at the start, and watched from the moment it appears", async () => {
    await using lab = await Lab.open();
    const { hosts, target, router } = await buildNetwork(lab, ["outside"]);
    const guard = await Guard.start(lab, target.namespace, { config: { INTERFACES: "late0" } });
    const told = await guard.problem("no-interface");
    expect(told.text).toContain("late0");

    await target.namespace.configure([
      `link add late0 type veth peer name late0 netns ${router.name}`,
      "link set late0 up",
      "addr add 192.0.2.1/24 dev late0",
    ]);
    await router.configure(["link set late0 up", "addr add 192.0.2.2/24 dev late0"]);
    await new Agent(hosts.outside.namespace).connect(target.ipv4, DEAD_PORT);
    await new Agent(router).connect("192.0.2.1", DEAD_PORT);

    const probe = await guard.event("probe");
    expect(probe).toMatchObject({ source: "192.0.2.2", port: DEAD_PORT });
  });
});

describeLive("a banned source", [], () => {
  it("that goes on is counted, and not told again", async () => {
    await using lab = await Lab.open();
    const { hosts, target } = await buildNetwork(lab, ["scanner", "canary"]);
    const guard = await Guard.start(lab, target.namespace);
    const scanner = new Agent(hosts.scanner.namespace);
    await scanner.connectAll(target.ipv4, UNUSED_PORTS, { timeoutMs: 300 });
    await guard.banned(hosts.scanner.ipv4);
    const before = await guard.status();

    const ports = Array.from({ length: 50 }, (_, index) => 2001 + index);
    await scanner.connectAll(target.ipv4, ports, { timeoutMs: 300 });

    const { probes } = await sendCanary(guard, hosts.canary, target);
    expect(probes).toBe(before.probes + 1);
    expect((await guard.status()).dropped - before.dropped).toBeGreaterThanOrEqual(ports.length);
    expect(guard.events("verdict")).toHaveLength(1);
  });
});

describeLive("datagrams to everybody", ["hping3"], () => {
  it("by broadcast and by multicast are no probes", async () => {
    await using lab = await Lab.open();
    const { hosts, target } = await buildLan(lab, ["talker", "canary"]);
    const guard = await Guard.start(lab, target.namespace);
    const { namespace } = hosts.talker;
    await namespace.configure(["route add 224.0.0.0/4 dev eth0"]);
    const before = await arrivals(target.namespace);

    for (const everybody of ["192.0.2.255", "224.0.0.1"]) {
      await namespace.exec("hping3", [
        ...["-q", "-2", "-c", "3", "-i", "u1000", "-I", "eth0", "-p", "++7001", everybody],
      ]);
    }
    const talker = new Agent(namespace);
    for (const port of [7001, 7002, 7003]) await talker.askByUdp("ff02::1%eth0", port, 1, 50);

    const after = await arrivals(target.namespace);
    for (const [index, count] of after.entries()) {
      expect(count - (before[index] ?? 0)).toBeGreaterThanOrEqual(3);
    }
    const noticed = await sendCanary(guard, hosts.canary, target);
    const sources = [hosts.canary.ipv4];
    expect(noticed).toEqual({ probes: 1, holds: 0, banned: 0, sources });
  });
});

/** What IP has taken in so far: IPv4 broadcasts, IPv4 multicasts, IPv6 multicasts. */
async function arrivals(namespace: Namespace): Promise<number[]> {
  const ipv6 = await namespace.run("cat", ["/proc/net/snmp6"]);
  return [
    await namespace.counter("netstat", "IpExt", "InBcastPkts"),
    await namespace.counter("netstat", "IpExt", "InMcastPkts"),
    Number(/^Ip6InMcastPkts\s+(\d+)$/m.exec(ipv6)?.[1]),
  ];
}
