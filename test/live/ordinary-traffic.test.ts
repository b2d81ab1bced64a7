/**
 * Ordinary traffic of every awkward kind, which must leave the guard with nothing to say.
 *
 * Each test ends with a canary, one real probe of an uninvolved host: the guard must report that
 * one and no other, so a guard that is asleep fails too.
 */
import { expect, it } from "vitest";
import { Agent } from "../support/agent.ts";
import { sendCanary } from "../support/canary.ts";
import { Guard } from "../support/guard.ts";
import { describeLive } from "../support/live.ts";
import { Lab, type Namespace } from "../support/namespaces.ts";
import { buildNetwork } from "../support/networks.ts";
import { startFtp, startNameServer, startNginx, startServices } from "../support/services.ts";
import { letPass, waitFor } from "../support/wait-for.ts";

const CONNECTIONS = 100_000;
/**
 * Far fewer ports than connections, so that each is used again while the server is in TIME_WAIT.
 */
const CLIENT_PORTS = "20000 22999";
/** Absent where no connection has ever been tracked. */
const CONNTRACK_COUNT = "/proc/sys/net/netfilter/nf_conntrack_count";
/** A server's port that is not a well-known one. */
const HIGH_PORT = 5300;
const MAIL_PORTS = [993, 143, 995, 110, 465, 587];

const onlyTheCanary = (address: string) => ({
  probes: 1,
  holds: 0,
  banned: 0,
  sources: [address],
});

/** Connections that this machine has accepted so far. */
const acceptedBy = (namespace: Namespace) => namespace.counter("snmp", "Tcp", "PassiveOpens");

describeLive("ordinary traffic", ["wrk", "nginx", "vsftpd", "curl", "dig"], () => {
  it("100,000 new connections as fast as wrk makes them, with TIME_WAIT reuse, are no probes", async () => {
    await using lab = await Lab.open();
    const { hosts, target } = await buildNetwork(lab, ["client", "canary"]);
    await hosts.client.namespace.set([`net.ipv4.ip_local_port_range=${CLIENT_PORTS}`]);
    await startNginx(lab, target.namespace, { port: 80, keepAliveSeconds: 0 });
    const guard = await Guard.start(lab, target.namespace);
    const before = await acceptedBy(target.namespace);

    await waitFor(`${CONNECTIONS} connections`, 150_000, async () => {
      const load = ["-t", "1", "-c", "50", "-d", "5s", `http://${target.ipv4}/`];
      await hosts.client.namespace.run("wrk", ["-H", "Connection: close", ...load]);
      return (await acceptedBy(target.namespace)) - before >= CONNECTIONS;
    });

    // A guard that switched connection tracking on would slow every machine.
    const tracked = await target.namespace.exec("cat", [CONNTRACK_COUNT]);
    expect(tracked.stdout.trim() || "0").toBe("0");
    const noticed = await sendCanary(guard, hosts.canary, target);
    expect(noticed).toEqual(onlyTheCanary(hosts.canary.ipv4));
  });

  it("answers to our own DNS questions are no probes, however late", async () => {
    await using lab = await Lab.open();
    const { hosts, target } = await buildNetwork(lab, ["names", "slow", "canary"]);
    await startNameServer(hosts.names.namespace, 0);
    // Long after dig has given up, also where it is given no time to do so.
    await startNameServer(hosts.slow.namespace, 4000);
    await startNameServer(hosts.slow.namespace, 4000, HIGH_PORT);
    const guard = await Guard.start(lab, target.namespace);
    const ask = (server: string, ...options: string[]) =>
      target.namespace.exec("dig", ["+tries=1", "+time=1", `@${server}`, "a.example", ...options]);

    for (const server of [hosts.names.ipv4, hosts.names.ipv6]) {
      const answers = await Promise.all(
        Array.from({ length: 20 }, () => ask(server, "+short", "+time=30")),
      );
      expect(answers.map(({ stdout }) => stdout.trim())).toEqual(Array(20).fill("192.0.2.80"));
    }
    const before = await target.namespace.counter("snmp", "Udp", "InDatagrams");
    const given = await Promise.all([
      ...Array.from({ length: 20 }, () => ask(hosts.slow.ipv4)),
      ...Array.from({ length: 20 }, () => ask(hosts.slow.ipv6)),
      ask(hosts.slow.ipv4, "-b", `${target.ipv4}#2000`),
      ask(hosts.slow.ipv4, "-b", `${target.ipv4}#3000`),
      ...Array.from({ length: 20 }, () => ask(hosts.slow.ipv4, "-p", String(HIGH_PORT))),
    ]);
    // dig's status 9: no reply; the sockets are closed and the answers still on their way.
    expect(new Set(given.map(({ status }) => status))).toEqual(new Set([9]));
    await waitFor("the late answers", 30_000, async () => {
      const late = await target.namespace.counter("snmp", "Udp", "NoPorts");
      return late >= 42;
    });
    expect(await target.namespace.counter("snmp", "Udp", "InDatagrams")).toBe(before);

    const noticed = await sendCanary(guard, hosts.canary, target);
    expect(noticed).toEqual(onlyTheCanary(hosts.canary.ipv4));
  });

  it("passive FTP on both kinds of data port is no probe", async () => {
    await using lab = await Lab.open();
    const { hosts, target } = await buildNetwork(lab, ["client", "canary"]);
    const ftp = await startFtp(lab, target.namespace);
    const guard = await Guard.start(lab, target.namespace);

    for (const way of ["--disable-epsv", "--ftp-pasv"]) {
      for (let transfer = 0; transfer < 10; transfer += 1) {
        const url = `ftp://${target.ipv4}/${ftp.file}`;
        const file = await hosts.client.namespace.run("curl", ["-s", way, url]);
        expect(file).toHaveLength(ftp.fileBytes);
      }
    }

    const noticed = await sendCanary(guard, hosts.canary, target);
    expect(noticed).toEqual(onlyTheCanary(hosts.canary.ipv4));
  });

  it("a keep-alive connection that the client closes too late is no probe", async () => {
    await using lab = await Lab.open();
    const { hosts, target } = await buildNetwork(lab, ["client", "canary"]);
    await target.namespace.set(["net.ipv4.tcp_fin_timeout=1"]);
    await startNginx(lab, target.namespace, { port: 80, keepAliveSeconds: 1 });
    const guard = await Guard.start(lab, target.namespace);
    const client = new Agent(hosts.client.namespace);

    const connections = await Promise.all(
      Array.from({ length: 10 }, () => client.open(target.ipv4, 80)),
    );
    for (const connection of connections) {
      await client.send(connection, "GET / HTTP/1.1\r\nHost: target.example\r\n\r\n");
    }
    await waitFor("the server to end and forget all connections", 30_000, async () => {
      const ends = await Promise.all(connections.map((each) => client.received(each)));
      const sockets = await target.namespace.run("ss", ["-Htan", "sport = :80"]);
      const left = sockets.split("\n").filter((line) => line && !line.startsWith("LISTEN"));
      return ends.every(({ isEnded }) => isEnded) && left.length === 0;
    });
    const before = await target.namespace.counter("snmp", "Tcp", "OutRsts");
    for (const connection of connections) {
      await client.send(connection, "GET / HTTP/1.1\r\n\r\n");
      await client.end(connection);
    }
    // The stack answers segments without a socket by RST: so they did come, and passed the guard.
    await waitFor("the late segments", 30_000, async () => {
      return (await target.namespace.counter("snmp", "Tcp", "OutRsts")) >= before + 10;
    });

    const noticed = await sendCanary(guard, hosts.canary, target);
    expect(noticed).toEqual(onlyTheCanary(hosts.canary.ipv4));
  });

  it("a connection that the server closes too late is no probe", async () => {
    await using lab = await Lab.open();
    const { hosts, target } = await buildNetwork(lab, ["client", "canary"]);
    const services = await startServices(target.namespace, { tcp: [7000] });
    const guard = await Guard.start(lab, target.namespace);
    const client = new Agent(hosts.client.namespace);
    const connections = await Promise.all(
      Array.from({ length: 10 }, () => client.open(target.ipv4, 7000)),
    );

    // The client resets them and the resets are lost, as when a machine vanishes and comes back.
    await hosts.client.namespace.load(`table inet deaf {
      chain output {
        type filter hook output priority 0; policy drop;
      }
    }
    `);
    for (const connection of connections) await client.reset(connection);
    await hosts.client.namespace.run("nft", ["delete", "table", "inet", "deaf"]);
    const before = await hosts.client.namespace.counter("snmp", "Tcp", "OutRsts");
    services.signal("SIGKILL");
    await services.ended;
    await waitFor("the client's answers to the late close", 30_000, async () => {
      return (await hosts.client.namespace.counter("snmp", "Tcp", "OutRsts")) >= before + 10;
    });

    const noticed = await sendCanary(guard, hosts.canary, target);
    expect(noticed).toEqual(onlyTheCanary(hosts.canary.ipv4));
  });

  it("what a server says on our own connection after we forgot it is no probe", async () => {
    await using lab = await Lab.open();
    const { hosts, target } = await buildNetwork(lab, ["server", "canary"]);
    await target.namespace.set(["net.ipv4.tcp_fin_timeout=1"]);
    const services = await startServices(hosts.server.namespace, { slowTcp: [7000] });
    const guard = await Guard.start(lab, target.namespace);
    const client = new Agent(target.namespace);

    for (const address of [hosts.server.ipv4, hosts.server.ipv6]) {
      for (let number = 0; number < 10; number += 1) {
        const connection = await client.open(address, 7000);
        await waitFor("its greeting", 30_000, async () => {
          return (await client.received(connection)).text !== "";
        });
        await client.close(connection);
      }
    }
    await waitFor("our side to forget all connections", 30_000, async () => {
      return (await target.namespace.run("ss", ["-Htan", "dport = :7000"])).trim() === "";
    });
    const before = await target.namespace.counter("snmp", "Tcp", "OutRsts");
    services.signal("SIGUSR2");
    // Ports of our own connections were never served: only the flags tell answers from probes.
    await waitFor("the late segments", 30_000, async () => {
      return (await target.namespace.counter("snmp", "Tcp", "OutRsts")) >= before + 20;
    });

    const noticed = await sendCanary(guard, hosts.canary, target);
    expect(noticed).toEqual(onlyTheCanary(hosts.canary.ipv4));
  });

  it("the fragments of 4,000-byte datagrams, both ways, are no probes", async () => {
    await using lab = await Lab.open();
    const { hosts, target } = await buildNetwork(lab, ["client", "canary"]);
    await startServices(target.namespace, { udp: [5000] });
    await startServices(hosts.client.namespace, { udp: [5000] });
    const guard = await Guard.start(lab, target.namespace);
    const client = new Agent(hosts.client.namespace);
    const server = new Agent(target.namespace);

    expect(await client.askByUdp(target.ipv6, 5000, 4000)).toBe(4000);
    expect(await client.askByUdp(target.ipv4, 5000, 4000)).toBe(4000);
    expect(await server.askByUdp(hosts.client.ipv6, 5000, 4000)).toBe(4000);
    expect(await server.askByUdp(hosts.client.ipv4, 5000, 4000)).toBe(4000);

    const noticed = await sendCanary(guard, hosts.canary, target);
    expect(noticed).toEqual(onlyTheCanary(hosts.canary.ipv4));
  });

  it("a mail program that tries six unserved mail ports at once is not held", async () => {
    await using lab = await Lab.open();
    const { hosts, target } = await buildNetwork(lab, ["client", "canary"]);
    await startServices(target.namespace, { tcp: [80] });
    const guard = await Guard.start(lab, target.namespace);
    const client = new Agent(hosts.client.namespace);

    await client.connectAll(target.ipv4, MAIL_PORTS);
    await client.connectAll(target.ipv6, MAIL_PORTS);

    expect(await client.connect(target.ipv4, 80)).toBe("open");
    expect(await client.connect(target.ipv6, 80)).toBe("open");
    const noticed = await sendCanary(guard, hosts.canary, target);
    expect(noticed).toMatchObject({ holds: 0, banned: 0 });
    // Whoever is challenged while it connects sends its SYN once more.
    const once = 2 * MAIL_PORTS.length;
    expect(noticed.probes).toBeGreaterThan(once);
    expect(noticed.probes).toBeLessThanOrEqual(2 * once + 1);
  });

  it("a web server restarted for 2 s under load makes nobody a scanner", async () => {
    await using lab = await Lab.open();
    const { hosts, target } = await buildNetwork(lab, ["client", "canary"]);
    const nginx = { port: 80, keepAliveSeconds: 0 };
    const first = await startNginx(lab, target.namespace, nginx);
    const guard = await Guard.start(lab, target.namespace);
    const before = await acceptedBy(target.namespace);
    // Until all that is waited for has been seen, however long it takes.
    const load = hosts.client.namespace.spawn("wrk", [
      ...["-H", "Connection: close", "-t", "1", "-c", "50", "-d", "120s", `http://${target.ipv4}/`],
    ]);
    await waitFor("load", 30_000, async () => (await acceptedBy(target.namespace)) > before + 1000);
    const resetsBefore = await target.namespace.counter("snmp", "Tcp", "OutRsts");

    await first.stop();
    await letPass(2000);
    const resets = (await target.namespace.counter("snmp", "Tcp", "OutRsts")) - resetsBefore;
    await startNginx(lab, target.namespace, nginx);
    const restarted = await acceptedBy(target.namespace);
    await waitFor("load again", 30_000, async () => {
      return (await acceptedBy(target.namespace)) > restarted + 1000;
    });
    await load.stop();

    // Clients were refused by a closed port and not by the guard.
    expect(resets).toBeGreaterThan(50);
    const noticed = await sendCanary(guard, hosts.canary, target);
    expect(noticed).toEqual(onlyTheCanary(hosts.canary.ipv4));
  });

  it("a guard started before the services learns them for their restart", async () => {
    await using lab = await Lab.open();
    const { hosts, target } = await buildNetwork(lab, ["client", "canary"]);
    const guard = await Guard.start(lab, target.namespace);
    const services = await startServices(target.namespace, { tcp: [80, 443, 8080] });
    const client = new Agent(hosts.client.namespace);

    for (const address of [target.ipv4, target.ipv6]) {
      const outcomes = await client.connectAll(address, [80, 443, 8080]);
      expect(new Set(outcomes.values())).toEqual(new Set(["open"]));
    }
    await services.stop();
    for (const address of [target.ipv4, target.ipv6]) {
      const outcomes = await client.connectAll(address, [80, 443, 8080]);
      expect(new Set(outcomes.values())).toEqual(new Set(["refused"]));
    }

    const noticed = await sendCanary(guard, hosts.canary, target);
    expect(noticed).toEqual(onlyTheCanary(hosts.canary.ipv4));
  });
});
