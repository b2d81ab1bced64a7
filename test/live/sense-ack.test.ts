/**
 * SENSE_ACK: ACK, Window and Maimon scans are named and never hold; what is left of ordinary
 * connections is no probe.
 */
import { afterAll, beforeAll, expect, it } from "vitest";
import { Agent } from "../support/agent.ts";
import { sendCanary } from "../support/canary.ts";
import { forge } from "../support/forge.ts";
import { Guard } from "../support/guard.ts";
import { describeLive } from "../support/live.ts";
import { Lab } from "../support/namespaces.ts";
import { buildNetwork, type Host, type Network } from "../support/networks.ts";
import { startFtp, startNginx, startServices } from "../support/services.ts";
import { RulesScene, SERVICE } from "./kernel-rules-scene.ts";

const SENSED = { SENSE_ACK: "1" };
const BY_NMAP = "-n -Pn --max-retries 0 -p 1001-1020";

const SCANS = [
  { scan: "-sA", kind: "tcp-ack" },
  { scan: "-sW", kind: "tcp-ack" },
  { scan: "-sM", kind: "tcp-maimon" },
  { scan: "-sA --scanflags ACKURG", kind: "tcp-odd" },
  { scan: "-sA -6", kind: "tcp-ack" },
].map((each, index) => ({ ...each, host: `host${index}` }));

describeLive("SENSE_ACK", ["nmap"], () => {
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
    guard = await Guard.start(lab, network.target.namespace, { config: SENSED });
  });
  afterAll(async () => {
    await lab?.[Symbol.asyncDispose]();
  });

  it.each(SCANS)("nmap $scan is $kind, and bans by its verdict without a hold", async (given) => {
    const { scan, kind, host } = given;
    const { target } = network;
    const scanner = network.hosts[host] as Host;
    const isIpv6 = scan.endsWith("-6");
    const address = isIpv6 ? target.ipv6 : target.ipv4;
    const banned = isIpv6 ? scanner.ipv6.replace(/::.*/, "::/64") : scanner.ipv4;

    await scanner.namespace.run("nmap", `${scan} ${BY_NMAP} ${address}`.split(" "));

    const verdict = await guard.event("verdict", ({ source }) => source === banned);
    expect(verdict).toMatchObject({ kinds: kind });
    await guard.banned(banned);
    expect(guard.events("hold")).toEqual([]);
    expect(await guard.status()).toMatchObject({ holds: 0 });
  });
});

describeLive("what SENSE_ACK senses", ["nmap"], () => {
  it("answers as without a guard, so that the other side of an ended connection is told", async () => {
    await using lab = await Lab.open();
    const scene = await RulesScene.build(lab, { sensesAck: true });
    const resets = () => scene.target.namespace.counter("snmp", "Tcp", "OutRsts");
    const before = await resets();

    const { ipv4: from, namespace } = scene.one;
    const ports = [1001, 1002, 1003, 1004];
    await forge(namespace, { from, to: scene.target.ipv4, ports, flags: "fin-ack" });

    expect((await resets()) - before).toBe(ports.length);
    expect(await scene.counter("holds")).toBe(0);
    expect(await scene.one.agent.connect(scene.target.ipv4, SERVICE)).toBe("open");
  });

  it("off, which is the default, such scans are no probes", async () => {
    await using lab = await Lab.open();
    const { hosts, target } = await buildNetwork(lab, ["scanner", "canary"]);
    const guard = await Guard.start(lab, target.namespace);

    for (const scan of ["-sA", "-sW", "-sM"]) {
      await hosts.scanner.namespace.run("nmap", [scan, ...BY_NMAP.split(" "), target.ipv4]);
    }

    const noticed = await sendCanary(guard, hosts.canary, target);
    expect(noticed).toMatchObject({ probes: 1, sources: [hosts.canary.ipv4] });
  });
});

describeLive("ordinary traffic with SENSE_ACK", ["wrk", "nginx", "vsftpd", "curl"], () => {
  it("new connections as fast as wrk makes them, with TIME_WAIT reuse, are no probes", async () => {
    await using lab = await Lab.open();
    const { hosts, target } = await buildNetwork(lab, ["client", "canary"]);
    await hosts.client.namespace.set(["net.ipv4.ip_local_port_range=20000 22999"]);
    const nginx = await startNginx(lab, target.namespace, { port: 80, keepAliveSeconds: 0 });
    const guard = await Guard.start(lab, target.namespace, { config: SENSED });
    const load = ["-t", "1", "-c", "50", "-d", "2s", `http://${target.ipv4}/`];

    await hosts.client.namespace.run("wrk", ["-H", "Connection: close", ...load]);
    // The service goes away below its clients.
    const during = hosts.client.namespace.exec("wrk", load);
    await nginx.stop();
    await during;

    const noticed = await sendCanary(guard, hosts.canary, target);
    expect(noticed).toMatchObject({ probes: 1, sources: [hosts.canary.ipv4] });
  });

  it("connections that end late, or whose service has gone, are no probes", async () => {
    await using lab = await Lab.open();
    const { hosts, target } = await buildNetwork(lab, ["client", "canary"]);
    // The kernel forgets a connection that only the client has ended after this.
    await target.namespace.set(["net.ipv4.tcp_fin_timeout=1"]);
    const services = await startServices(target.namespace, { tcp: [80], slowTcp: [81] });
    const guard = await Guard.start(lab, target.namespace, { config: SENSED });
    const client = new Agent(hosts.client.namespace);
    const slow = await client.open(target.ipv4, 81);
    const fast = await client.open(target.ipv4, 80);

    await client.end(slow);
    services.signal("SIGKILL");
    await services.ended;
    // Nobody has these ports any more, and the client speaks all the same.
    for (const connection of [slow, fast]) {
      await client.send(connection, "are you there?");
      await client.close(connection);
    }
    await forge(hosts.client.namespace, {
      ...{ from: hosts.client.ipv4, to: target.ipv4 },
      ...{ ports: [80, 81], flags: "fin-ack", repeats: 5 },
    });

    const noticed = await sendCanary(guard, hosts.canary, target);
    expect(noticed).toMatchObject({ probes: 1, sources: [hosts.canary.ipv4] });
  });

  it("late segments of connections that this machine has opened are no probes", async () => {
    await using lab = await Lab.open();
    const { hosts, target } = await buildNetwork(lab, ["server", "canary"]);
    await startServices(hosts.server.namespace, { tcp: [80] });
    const guard = await Guard.start(lab, target.namespace, { config: SENSED });
    const browser = new Agent(target.namespace);
    const connection = await browser.open(hosts.server.ipv4, 80);

    await browser.reset(connection);
    await forge(hosts.server.namespace, {
      ...{ from: hosts.server.ipv4, to: target.ipv4 },
      ...{ ports: [32_768, 45_000, 60_999], flags: "fin-ack" },
    });

    const noticed = await sendCanary(guard, hosts.canary, target);
    expect(noticed).toMatchObject({ probes: 1, sources: [hosts.canary.ipv4] });
  });

  it("passive FTP is no probe", async () => {
    await using lab = await Lab.open();
    const { hosts, target } = await buildNetwork(lab, ["client", "canary"]);
    const ftp = await startFtp(lab, target.namespace);
    const guard = await Guard.start(lab, target.namespace, { config: SENSED });

    for (let transfer = 0; transfer < 10; transfer += 1) {
      const url = `ftp://${target.ipv4}/${ftp.file}`;
      const file = await hosts.client.namespace.run("curl", ["-s", "--disable-epsv", url]);
      expect(file).toHaveLength(ftp.fileBytes);
    }

    const noticed = await sendCanary(guard, hosts.canary, target);
    expect(noticed).toMatchObject({ probes: 1, sources: [hosts.canary.ipv4] });
  });
});
