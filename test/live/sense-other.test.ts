/**
 * SENSE_OTHER: ping sweeps and protocol scans are named and banned for, and never hold; what hosts
 * and networks send one another without a port is no scan.
 */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Agent } from "../support/agent.ts";
import { sendCanary } from "../support/canary.ts";
import { Guard } from "../support/guard.ts";
import { describeLive } from "../support/live.ts";
import { Lab, type Namespace } from "../support/namespaces.ts";
import {
  buildLan,
  buildNetwork,
  type Host,
  type Network,
  TARGET_INTERFACE,
} from "../support/networks.ts";
import { startServices } from "../support/services.ts";

const SENSED = { SENSE_OTHER: "1" };

/** What the target is given besides its first addresses. */
const MORE_IPV4 = ["198.51.100.11", "198.51.100.12"];
const MORE_IPV6 = ["2001:db8:100::11", "2001:db8:100::12"];

/** GRE, ESP and a protocol that nobody has. */
const GRE = 47;
const ESP = 50;
const NOBODYS = 201;

/** Every host has joined it: RFC 1112 section 4. */
const ALL_HOSTS = "224.0.0.1";

async function giveAddresses({ namespace }: Host): Promise<void> {
  await namespace.configure([
    ...MORE_IPV4.map((address) => `addr add ${address}/24 dev ${TARGET_INTERFACE}`),
    ...MORE_IPV6.map((address) => `addr add ${address}/64 dev ${TARGET_INTERFACE} nodad`),
  ]);
}

/** Packets of one protocol with eight bytes, as a tunnel or a router sends them. */
async function sendProtocol(from: Namespace, to: string, protocol: number, packets = 1) {
  const words = `-q -0 -H ${protocol} -d 8 -c ${packets} -i u20000 ${to}`;
  // It waits for an answer in vain and says so by its status.
  await from.exec("hping3", words.split(" "));
}

/** Echo requests to one address, fifty a second. */
async function ping(from: Namespace, to: string, packets = 1): Promise<void> {
  await from.exec("hping3", `-q -1 -c ${packets} -i u20000 ${to}`.split(" "));
}

/** "ip 47", "tcp 1001": each once. */
function toldBy(guard: Guard): string[] {
  return [...new Set(guard.events("probe").map(({ transport, port }) => `${transport} ${port}`))];
}

const SCANS = [
  { scan: "-sO -p 3,47,50,51,97,201", kind: "ip-protocol", reason: /^\d unserved protocols / },
  { scan: "-6 -sO -p 47,50,97,201", kind: "ip-protocol", reason: /^\d unserved protocols / },
  { scan: "-sn -PE", kind: "icmp-echo", reason: /^pings of 3 addresses within \d+ s; score/ },
  { scan: "-sn -PP", kind: "icmp-timestamp", reason: /^pings of 3 addresses / },
  { scan: "-sn -PM", kind: "icmp-mask", reason: /^pings of 3 addresses / },
  { scan: "-6 -sn -PE", kind: "icmp-echo", reason: /^pings of 3 addresses / },
].map((each, index) => ({ ...each, host: `host${index}` }));

describeLive("SENSE_OTHER", ["nmap", "hping3"], () => {
  let lab: Lab;
  let network: Network<string>;
  let guard: Guard;

  // Nobody is held, so that one guard can see them all, each from a host of its own.
  beforeAll(async () => {
    lab = await Lab.open();
    network = await buildNetwork(
      lab,
      SCANS.map(({ host }) => host),
    );
    await giveAddresses(network.target);
    guard = await Guard.start(lab, network.target.namespace, { config: SENSED });
  });
  afterAll(async () => {
    await lab?.[Symbol.asyncDispose]();
  });

  it.each(SCANS)("nmap $scan is $kind, and bans without a hold", async (given) => {
    const { scan, kind, reason, host } = given;
    const { target } = network;
    const scanner = network.hosts[host] as Host;
    const isIpv6 = scan.startsWith("-6");
    const all = isIpv6 ? [target.ipv6, ...MORE_IPV6] : [target.ipv4, ...MORE_IPV4];
    const banned = isIpv6 ? scanner.ipv6.replace(/::.*/, "::/64") : scanner.ipv4;
    const addresses = scan.includes("-sO") ? all.slice(0, 1) : all;

    const words = `${scan} -n --max-retries 0 --host-timeout 20s`.split(" ");
    const by = scan.includes("-sO") ? [...words, "-Pn"] : words;
    await scanner.namespace.exec("nmap", [...by, ...addresses]);

    const verdict = await guard.event("verdict", ({ source }) => source === banned);
    expect(verdict).toMatchObject({ kinds: kind, evidence: "claimed" });
    expect(verdict["reason"]).toMatch(reason);
    await guard.banned(banned);
    expect(guard.events("hold")).toEqual([]);
    expect(await guard.status()).toMatchObject({ holds: 0 });
  });
});

describeLive("what is sent without a port", ["nmap", "hping3"], () => {
  it("answers as without a guard until the verdict", async () => {
    await using lab = await Lab.open();
    const { hosts, target } = await buildNetwork(lab, ["scanner", "canary"]);
    await giveAddresses(target);
    const guard = await Guard.start(lab, target.namespace, { config: SENSED });
    const count = (name: string) => target.namespace.counter("snmp", "Icmp", name);
    const before = await count("OutEchoReps");
    const unreachableBefore = await count("OutDestUnreachs");

    await ping(hosts.scanner.namespace, target.ipv4);
    await ping(hosts.scanner.namespace, MORE_IPV4[0] as string);
    await sendProtocol(hosts.scanner.namespace, target.ipv4, NOBODYS);

    expect((await count("OutEchoReps")) - before).toBe(2);
    expect((await count("OutDestUnreachs")) - unreachableBefore).toBe(1);
    const noticed = await sendCanary(guard, hosts.canary, target);
    expect(noticed).toMatchObject({ probes: 4, holds: 0, banned: 0 });
  });

  it("pings of one or two addresses for long, and a traceroute, are no scan", async () => {
    await using lab = await Lab.open();
    const { hosts, target } = await buildNetwork(lab, ["client", "canary"]);
    await giveAddresses(target);
    const guard = await Guard.start(lab, target.namespace, { config: SENSED });

    await ping(hosts.client.namespace, target.ipv4, 200);
    await ping(hosts.client.namespace, MORE_IPV4[0] as string, 200);
    await hosts.client.namespace.exec("hping3", `-1 -T -c 8 -i u50000 ${target.ipv4}`.split(" "));
    await hosts.client.namespace.exec("nmap", [
      ...["-6", "-n", "-sn", "-PE", "--traceroute", target.ipv6],
    ]);

    const { probes, sources, banned } = await sendCanary(guard, hosts.canary, target);
    expect(guard.events("verdict")).toEqual([]);
    // Each pair of addresses is told once a minute, however many there were; and the canary.
    expect({ probes, banned }).toEqual({ probes: 4, banned: 0 });
    expect(sources).toHaveLength(3);
  });

  it("pings of all addresses by a client that is connected are no scan", async () => {
    await using lab = await Lab.open();
    const { hosts, target } = await buildNetwork(lab, ["client", "canary"]);
    await giveAddresses(target);
    await startServices(target.namespace, { tcp: [80] });
    const guard = await Guard.start(lab, target.namespace, { config: SENSED });
    const client = new Agent(hosts.client.namespace);
    await client.open(target.ipv4, 80);

    for (const address of [target.ipv4, ...MORE_IPV4]) {
      await ping(hosts.client.namespace, address, 3);
    }

    const noticed = await sendCanary(guard, hosts.canary, target);
    expect(noticed).toMatchObject({ probes: 4, banned: 0 });
    expect(guard.events("verdict")).toEqual([]);
    // It is the connection that speaks for it: the canary, which has none, is a scanner.
    for (const address of [target.ipv4, ...MORE_IPV4]) {
      await ping(hosts.canary.namespace, address);
    }
    await guard.banned(hosts.canary.ipv4);
  });

  it("are told beside listeners, which need nothing of the kernel's log", async () => {
    await using lab = await Lab.open();
    const { hosts, target } = await buildNetwork(lab, ["scanner"]);
    const config = { ...SENSED, TCP_MODE: "tcp", TCP_PORTS: "7001", UDP_MODE: "" };
    const guard = await Guard.start(lab, target.namespace, { config });

    for (const protocol of [GRE, ESP, NOBODYS]) {
      await sendProtocol(hosts.scanner.namespace, target.ipv4, protocol);
    }

    await guard.banned(hosts.scanner.ipv4);
  });

  it("what this machine speaks it serves, and one whose end has gone is no scan", async () => {
    await using lab = await Lab.open();
    const { hosts, target } = await buildNetwork(lab, ["peer", "canary"]);
    const guard = await Guard.start(lab, target.namespace, { config: SENSED });

    // Both ends of two tunnels, and then packets of a third whose other end is gone.
    for (const protocol of [GRE, ESP]) {
      await sendProtocol(target.namespace, hosts.peer.ipv4, protocol);
      await sendProtocol(hosts.peer.namespace, target.ipv4, protocol, 20);
    }
    await sendProtocol(hosts.peer.namespace, target.ipv4, NOBODYS, 100);
    await sendProtocol(hosts.peer.namespace, target.ipv4, 97, 20);

    expect(await sendCanary(guard, hosts.canary, target)).toMatchObject({ probes: 3, banned: 0 });
    expect(toldBy(guard)).toEqual([`ip ${NOBODYS}`, "ip 97", "tcp 1001"]);
  });

  it("what neighbours send one another is no probe: multicast, routing, discovery", async () => {
    await using lab = await Lab.open();
    const { hosts, target } = await buildLan(lab, ["router", "canary"]);
    const guard = await Guard.start(lab, target.namespace, { config: SENSED });
    await hosts.router.namespace.configure(["route add 224.0.0.0/4 dev eth0"]);

    // VRRP, OSPF and IGMP as they are multicast, and to the neighbour itself; then a broadcast.
    for (const protocol of [112, 89, 2]) {
      await sendProtocol(hosts.router.namespace, ALL_HOSTS, protocol);
      await sendProtocol(hosts.router.namespace, target.ipv4, protocol, 3);
    }
    await sendProtocol(hosts.router.namespace, "192.0.2.255", NOBODYS);
    // Neighbour discovery, which is what nmap pings with here, and ICMP errors about nothing.
    await hosts.router.namespace.exec("nmap", ["-6", "-n", "-sn", "-PE", target.ipv6]);
    await hosts.router.namespace.exec("hping3", `-q -1 -C 3 -K 3 -c 5 ${target.ipv4}`.split(" "));

    const noticed = await sendCanary(guard, hosts.canary, target);
    expect(toldBy(guard)).toEqual(["tcp 1001"]);
    expect(noticed).toMatchObject({ probes: 1, banned: 0 });
  });

  it("a flood of forged pings hides no scan of ports, and costs a bounded number of reports", async () => {
    await using lab = await Lab.open();
    const { hosts, target } = await buildNetwork(lab, ["forger", "scanner"]);
    const guard = await Guard.start(lab, target.namespace, {
      config: { ...SENSED, NFLOG_RATE: "1000" },
    });

    // Three thousand a second, of which 100 are told (and a burst of 40), for three seconds or more.
    const startedAtMs = performance.now();
    const flood = "-q -1 --rand-source -c 9000 -i u333";
    const flooding = hosts.forger.namespace.exec("hping3", [...flood.split(" "), target.ipv4]);
    const scan = "-n -Pn -sS --max-retries 0 -p 1001-1006";
    await hosts.scanner.namespace.exec("nmap", [...scan.split(" "), target.ipv4]);
    await guard.banned(hosts.scanner.ipv4);
    await flooding;

    const { probes, unlogged, banned, holds } = await guard.status();
    expect(unlogged).toBeGreaterThan(1000);
    expect(probes).toBeGreaterThan(6);
    const seconds = (performance.now() - startedAtMs) / 1000;
    expect(probes).toBeLessThan(1000 + 100 * seconds);
    expect({ banned, holds }).toEqual({ banned: 1, holds: 1 });
  });

  it("is switched off and on again by a reload, and a stop leaves no rule of it", async () => {
    await using lab = await Lab.open();
    const { hosts, target } = await buildNetwork(lab, ["client", "canary"]);
    const guard = await Guard.start(lab, target.namespace, { config: SENSED });
    const list = (...what: string[]) =>
      target.namespace.run("nft", ["list", ...what]).then((text) => text.trim());
    const chains = async () => {
      const table = await list("table", "inet", "vedette");
      return [...table.matchAll(/chain ((?:other|asks|speaks|report_other)\w*) /g)].map(
        ([, name]) => name,
      );
    };
    const turn = async (value: string) => {
      const path = join(guard.folder, "vedette.conf");
      const text = (await readFile(path, "utf8")).replace(
        /SENSE_OTHER=.*/,
        `SENSE_OTHER="${value}"`,
      );
      await writeFile(path, text);
      await guard.ask("reload");
    };
    const before = await chains();
    expect(before).toContain("speaks");
    expect(await list("chain", "inet", "vedette", "speaks")).toContain("@spoken4");

    await turn("0");
    expect(await chains()).toEqual([]);
    await ping(hosts.client.namespace, target.ipv4);
    await turn("1");
    expect(await chains()).toEqual(before);
    await ping(hosts.client.namespace, target.ipv4);

    const noticed = await sendCanary(guard, hosts.canary, target);
    expect(noticed).toMatchObject({ probes: 2, sources: [hosts.client.ipv4, hosts.canary.ipv4] });
    await guard.stop();
    expect(await list("chain", "inet", "vedette", "speaks")).not.toMatch(/@|accept$/m);
  });

  it("off, which is the default, nothing without a port is a probe", async () => {
    await using lab = await Lab.open();
    const { hosts, target } = await buildNetwork(lab, ["scanner", "canary"]);
    await giveAddresses(target);
    const guard = await Guard.start(lab, target.namespace);

    const scanner = hosts.scanner.namespace;
    await scanner.exec("nmap", ["-n", "-sn", "-PE", "-PP", target.ipv4, ...MORE_IPV4]);
    for (const protocol of [GRE, ESP, 97, NOBODYS]) {
      await sendProtocol(scanner, target.ipv4, protocol);
    }

    const noticed = await sendCanary(guard, hosts.canary, target);
    expect(noticed).toMatchObject({ probes: 1, sources: [hosts.canary.ipv4] });
  });
});
