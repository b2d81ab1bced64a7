/**
 * Ports that look open and are not, by the tools that look for open ones.
 *
 * Only proof bans here: a source that is banned for its first four SYNs sees nothing open from there
 * on, and what a scan sees is what is asked.
 */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { Agent } from "../support/agent.ts";
import { forge } from "../support/forge.ts";
import { Guard, type GuardOptions } from "../support/guard.ts";
import { describeLive } from "../support/live.ts";
import { Lab } from "../support/namespaces.ts";
import { buildNetwork, type Network, TARGET_INTERFACE } from "../support/networks.ts";
import { startServices } from "../support/services.ts";
import { letPass, waitFor } from "../support/wait-for.ts";
import { Wire } from "../support/wire.ts";

/** Ten services below 1001, on all addresses. */
const SERVED = [22, 25, 53, 80, 110, 143, 443, 587, 631, 993];
/** All thousand are watched: 113 is left out by default. */
const ALL = { PHANTOM: "all", PROOF: "handshake", ADVANCED_EXCLUDE_TCP: "" };
const THOUSAND = ["-n", "-Pn", "-sS", "-T4", "-p", "1-1000"];

interface Scene {
  readonly network: Network<"scanner" | "client">;
  readonly guard: Guard;
}

async function build(lab: Lab, config: GuardOptions["config"] = ALL): Promise<Scene> {
  const network = await buildNetwork(lab, ["scanner", "client"]);
  await startServices(network.target.namespace, { tcp: SERVED });
  const guard = await Guard.start(lab, network.target.namespace, { config: config ?? {} });
  return { network, guard };
}

/** Runs nmap at the scanner. @returns its greppable output. */
async function nmap({ network }: Scene, args: readonly string[], isIpv6 = false): Promise<string> {
  const { hosts, target } = network;
  const [family, address] = isIpv6 ? [["-6"], target.ipv6] : [[], target.ipv4];
  return hosts.scanner.namespace.run("nmap", [...args, ...family, "-oG", "-", address], 90_000);
}

function openPorts(greppable: string): number[] {
  return [...greppable.matchAll(/(\d+)\/open\/tcp/g)].map(([, port]) => Number(port));
}

/** What ncat prints, and how it ended, when it waits for so many seconds at the most. */
async function ncat({ network }: Scene, port: number, say = "", seconds = 3) {
  const { hosts, target } = network;
  const command = `printf '${say}' | ncat -w ${seconds} ${target.ipv4} ${port}`;
  return hosts.scanner.namespace.exec("bash", ["-c", command], 30_000);
}

describeLive('PHANTOM="all"', ["nmap", "ncat", "tcpdump"], () => {
  it.each([{ isIpv6: false }, { isIpv6: true }])(
    "shows a SYN scan 1,000 of 1,000 ports open, before the hold and under it (IPv6: $isIpv6)",
    async ({ isIpv6 }) => {
      await using lab = await Lab.open();
      const scene = await build(lab);

      const first = openPorts(await nmap(scene, THOUSAND, isIpv6));
      const { hosts } = scene.network;
      await scene.guard.event("hold", ({ source }) =>
        String(source).startsWith(isIpv6 ? hosts.scanner.ipv6.slice(0, 12) : hosts.scanner.ipv4),
      );
      const second = openPorts(await nmap(scene, THOUSAND, isIpv6));
      const served = openPorts(
        await nmap(scene, ["-n", "-Pn", "-sS", "-p", SERVED.join()], isIpv6),
      );

      expect(first).toHaveLength(1000);
      expect(second).toHaveLength(1000);
      expect(served).toEqual(SERVED);
      const { phantom, banned } = await scene.guard.status();
      expect(phantom).toMatchObject({ completed: 0, capped: 0, unsent: 0 });
      expect(phantom?.sent).toBeGreaterThan(1980);
      expect(banned).toBe(0);
    },
  );

  it("shows a SYN scan the packet that a service shows it, numbers aside", async () => {
    await using lab = await Lab.open();
    const scene = await build(lab);
    const { target } = scene.network;
    const filter = ["tcp[tcpflags] == tcp-syn|tcp-ack"];
    const args = ["-nvvl", "-t", "-i", TARGET_INTERFACE, ...filter];
    const tcpdump = target.namespace.spawn("tcpdump", args);
    await waitFor("tcpdump to listen", 30_000, () => tcpdump.output.includes("listening on"));

    // One unused port holds nobody, so that the service answers by itself.
    await nmap(scene, ["-n", "-Pn", "-sS", "-p", "80,7001"]);

    const lines = await waitFor("both answers", 30_000, () => {
      const told = tcpdump.lines.join("").split("IP (").slice(1);
      return told.length === 2 ? told : undefined;
    });
    expect(lines.map((line) => line.match(/\.(\d+) >/)?.[1]).sort()).toEqual(["7001", "80"]);
    const [one, other] = lines.map((line) =>
      line.replace(/\.(?:80|7001) >/, ".port >").replace(/cksum [^,]*|seq \d+|ack \d+/g, "number"),
    );
    expect(one).toBe(other);
    expect(one).toMatch(/ttl 64, id 0, .*win 64240, options \[mss 1460\], length 0/);
  });

  it("goes on serving others, and those who are no longer held", async () => {
    await using lab = await Lab.open();
    const scene = await build(lab, { ...ALL, HOLD_TIME: "2s" });
    const { hosts, target } = scene.network;
    const client = new Agent(hosts.client.namespace);
    const scanner = new Agent(hosts.scanner.namespace);
    const session = await scanner.open(target.ipv4, 80);

    await nmap(scene, THOUSAND);
    const talk = await client.open(target.ipv4, 80);
    await waitFor("the service", 30_000, async () =>
      (await client.received(talk)).text.includes("service 80"),
    );
    // A running connection of the held source lives on beside all that is answered for it.
    await scanner.send(session, "still here");
    await waitFor("the echo", 30_000, async () =>
      (await scanner.received(session)).text.includes("still here"),
    );
    await waitFor("the end of the hold", 30_000, async () => {
      const again = await scanner.open(target.ipv4, 80);
      await letPass(200);
      return (await scanner.received(again)).text.includes("service 80");
    });
  });

  it("bans with proof whoever connects", async () => {
    await using lab = await Lab.open();
    const scene = await build(lab);
    const { ipv4 } = scene.network.hosts.scanner;

    await nmap(scene, ["-n", "-Pn", "-sT", "-p", "7001-7050"]);

    expect((await scene.guard.banned(ipv4)).evidence).toBe("proven");
    await waitFor("two visits", 30_000, async () => {
      return ((await scene.guard.status()).phantom?.completed ?? 0) >= 2;
    });
  });

  it.each([
    { port: 21, banner: "", said: "220 FTP server ready.\r\n", seen: /^21\/tcp open +ftp/m },
    { port: 7001, banner: "Go away", said: "Go away", seen: /\(NULL,7,"Go\\x20away"\)/ },
  ])("gives nmap -sV and ncat the banner of $port", async (given) => {
    await using lab = await Lab.open();
    const scene = await build(lab, { ...ALL, PORT_BANNER: given.banner });

    const { hosts, target } = scene.network;
    const args = ["-n", "-Pn", "-sV", "-p", `${given.port}`, target.ipv4];
    const seen = await hosts.scanner.namespace.run("nmap", args);
    const { stdout } = await ncat(scene, given.port);

    // What nmap does not know it prints in lines of this beginning.
    expect(seen.replaceAll("\nSF:", "")).toMatch(given.seen);
    expect(stdout).toBe(given.said);
  });

  it("proves nothing by a SYN and an acknowledgement of another number", async () => {
    await using lab = await Lab.open();
    const { network, guard } = await build(lab);
    const { hosts, target } = network;
    const from = hosts.client.ipv4;
    const wire = await Wire.start(lab, target);

    for (const flags of ["syn", "ack", "ack"] as const) {
      await forge(hosts.scanner.namespace, { from, to: target.ipv4, ports: [7001], flags });
    }

    // As a port that waits for another number does; the innocent's own resets came before.
    const resets = await waitFor("the resets", 30_000, async () => {
      const { phantom } = await guard.status();
      return phantom !== null && phantom.sent >= 3 ? phantom : undefined;
    });
    expect(resets.completed).toBe(0);
    await guard.event("probe");
    const segments = await wire.stop();
    const answers = segments.filter(({ sourcePort }) => sourcePort === 7001);
    expect(answers.map(({ flags }) => flags)).toEqual([0x12, 0x04, 0x04]);
    expect(guard.events("probe").map(({ kind, evidence }) => [kind, evidence])).toEqual([
      ["tcp-syn", "claimed"],
    ]);
  });

  it("answers no more forged SYNs than PHANTOM_RATE, and half of it to one network", async () => {
    await using lab = await Lab.open();
    const { network, guard } = await build(lab, { ...ALL, PHANTOM_RATE: "200" });
    const { hosts, target } = network;
    const wire = await Wire.start(lab, target);
    const startedAtMs = Date.now();

    const order = { to: target.ipv4, ports: [7001], perSecond: 4000 };
    await forge(hosts.scanner.namespace, {
      ...order,
      from: "192.0.2.1",
      sources: 200,
      repeats: 20,
    });
    await forge(hosts.scanner.namespace, { ...order, from: "100.64.0.1", sources: 8000 });

    const { phantom } = await waitFor("all to be answered or not", 30_000, async () => {
      const status = await guard.status();
      const { sent = 0, capped = 0 } = status.phantom ?? {};
      return sent + capped >= 12_000 && status;
    });
    const seconds = (Date.now() - startedAtMs) / 1000;
    const synAcks = (await wire.stop()).filter(({ flags }) => flags === 0x12);
    const toOneNetwork = synAcks.filter(({ destination }) => destination.startsWith("192.0.2."));
    expect(synAcks.length).toBeGreaterThan(200);
    expect(synAcks.length).toBeLessThanOrEqual(200 * (seconds + 1));
    expect(toOneNetwork.length).toBeLessThanOrEqual(100 * (seconds + 1));
    expect(phantom?.sent).toBe(synAcks.length);
    expect(phantom?.capped).toBe(12_000 - synAcks.length);
  });
});

describeLive("a flow that a forger has named", ["tcpdump"], () => {
  it("does not take a connection that this machine opens, nor one of a service", async () => {
    await using lab = await Lab.open();
    const { network } = await build(lab, { ...ALL, HOLD_TIME: "60s" });
    const { hosts, target } = network;
    await startServices(hosts.client.namespace, { tcp: [443] });
    await target.namespace.set(["net.ipv4.ip_local_port_range=40000 40003"]);
    const own = new Agent(target.namespace);
    const client = new Agent(hosts.client.namespace);
    const session = await client.open(target.ipv4, 80);

    // As if the client had come from its service's port to those that we are about to ask from.
    const from = hosts.client.ipv4;
    const ports = [40_000, 40_001, 40_002, 40_003];
    await forge(hosts.scanner.namespace, { from, to: target.ipv4, ports, fromPort: 443 });
    // And from every port that its session may have, held as it is now.
    const spray = { from, to: target.ipv4, ports: [80], repeats: 28_232, perSecond: 20_000 };
    await forge(hosts.scanner.namespace, { ...spray, fromPort: 32_768, fromPorts: 28_232 });

    const asked = await own.open(from, 443);
    await waitFor("the client's service", 30_000, async () =>
      (await own.received(asked)).text.includes("service 443"),
    );
    await client.send(session, "still here");
    await waitFor("the echo", 30_000, async () =>
      (await client.received(session)).text.includes("still here"),
    );
  });
});

describeLive('PHANTOM="traps"', ["ncat"], () => {
  it("catches and proves a visit to a port that the host's own firewall drops", async () => {
    await using lab = await Lab.open();
    const network = await buildNetwork(lab, ["scanner", "client"]);
    const { hosts, target } = network;
    await target.namespace.load(`table inet host {
      chain input {
        type filter hook input priority filter; policy drop;
        ct state invalid drop
        iif lo accept
        ct state established,related accept
        tcp dport 22 accept
      }
      chain output {
        type filter hook output priority filter; policy accept;
        ct state invalid drop
      }
    }
    `);
    const guard = await Guard.start(lab, target.namespace, { config: { PHANTOM: "traps" } });
    const scene = { network, guard };

    const { stdout } = await ncat(scene, 23);
    expect(stdout).toBe("\r\nlogin: ");
    const { evidence } = await guard.event("probe", ({ kind }) => kind === "tcp-connect");
    expect(evidence).toBe("proven");
    await guard.held(hosts.scanner.ipv4);
    expect(await new Agent(hosts.client.namespace).connect(target.ipv4, 7001)).toBe("silent");

    // Two traps convict, and the ban says what is known.
    await ncat(scene, 2323);
    expect((await guard.banned(hosts.scanner.ipv4)).evidence).toBe("proven");
  });

  it("leaves a trap port to the service that takes it", async () => {
    await using lab = await Lab.open();
    const scene = await build(lab, { PHANTOM: "traps" });
    const { hosts, target } = scene.network;
    await startServices(target.namespace, { tcp: [5555] });

    const client = new Agent(hosts.client.namespace);
    const talk = await client.open(target.ipv4, 5555);
    await waitFor("the service", 30_000, async () =>
      (await client.received(talk)).text.includes("service 5555"),
    );
    expect((await scene.guard.status()).phantom?.sent).toBe(0);
  });

  it("begins and ends with a reload, while the guard goes on", async () => {
    await using lab = await Lab.open();
    const { network, guard } = await build(lab, { PROOF: "handshake", HOLD_AFTER: "off" });
    const client = new Agent(network.hosts.client.namespace);
    const outcomes = [];
    const path = join(guard.folder, "vedette.conf");
    const text = await readFile(path, "utf8");
    for (const phantom of ["off", "all", "traps", "off"]) {
      await writeFile(path, `${text}PHANTOM="${phantom}"\n`);
      const view = await guard.reload();
      const ports = await client.connectAll(network.target.ipv4, [23, 7001], { timeoutMs: 500 });
      outcomes.push([phantom, view.guard, ...ports.values()]);
    }
    expect(outcomes).toEqual([
      ["off", "kept", "silent", "silent"],
      ["all", "kept", "open", "open"],
      ["traps", "kept", "open", "silent"],
      ["off", "kept", "silent", "silent"],
    ]);
  });

  it.each([{ config: { BLOCK_TCP: "0" } }, { config: { PHANTOM: "off" } }])(
    "answers nothing with $config",
    async ({ config }) => {
      await using lab = await Lab.open();
      const scene = await build(lab, { PHANTOM: "traps", ...config });
      const { hosts, target } = scene.network;
      const outcome = await new Agent(hosts.client.namespace).connect(target.ipv4, 23);
      expect(outcome).toBe(config.BLOCK_TCP === "0" ? "refused" : "silent");
    },
  );
});

describeLive("PHANTOM_ANSWER", ["ncat", "tcpdump"], () => {
  it("holds a client in a tarpit, with a closed window and a byte now and then", async () => {
    await using lab = await Lab.open();
    const scene = await build(lab, { ...ALL, PHANTOM_ANSWER: "banner 7001:tarpit" });
    const { hosts, target } = scene.network;
    const client = new Agent(hosts.client.namespace);

    const caught = await client.open(target.ipv4, 7001);
    await client.send(caught, "hello");
    await client.end(caught);
    // A byte every few seconds, and never an end.
    await waitFor("the third byte", 60_000, async () => {
      return (await client.received(caught)).text.length > 2;
    });

    const { text, isEnded } = await client.received(caught);
    expect(isEnded).toBe(false);
    expect(text.length).toBeGreaterThan(2);
    expect(text.length).toBeLessThan(20);
    const sockets = await hosts.client.namespace.run("ss", ["-Htno", "dport = :7001"]);
    expect(sockets).toMatch(/FIN-WAIT-1.*(?:persist|on)/);
  });

  it("resets, by port", async () => {
    await using lab = await Lab.open();
    const scene = await build(lab, { ...ALL, PHANTOM_ANSWER: "banner 445,7001:reset" });

    const { stderr } = await ncat(scene, 7001, "hello");
    expect(stderr).toMatch(/reset by peer/i);
    expect((await ncat(scene, 23)).stdout).toBe("\r\nlogin: ");
    expect((await scene.guard.status()).phantom?.completed).toBe(2);
  });
});
