/**
 * BLOCK_LOG on a real kernel: what is dropped of banned and held sources has its lines, in the form
 * of the kernel's own LOG, and nothing that a shut-out sender does makes more of them than that.
 */
import { mkdirSync, readFileSync, renameSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { LINES_A_SOURCE } from "../../src/broker/legacy/block-log.ts";
import { Agent } from "../support/agent.ts";
import { forge } from "../support/forge.ts";
import { Guard } from "../support/guard.ts";
import { describeLive } from "../support/live.ts";
import { Lab, type Namespace } from "../support/namespaces.ts";
import { buildNetwork, publishPorts, TARGET_INTERFACE } from "../support/networks.ts";
import { startServices } from "../support/services.ts";
import { waitFor } from "../support/wait-for.ts";

const SERVICE = 80;
const UNUSED_PORTS = [1001, 1002, 1003, 1004];
/** Shut-out sources that the kernel counts at once. */
const KNOCK_SOURCES = 16_384;
const BRIEFLY = { timeoutMs: 100 };

/** Destination, source and type of Ethernet, as the kernel writes them. */
const MAC = "(?:[0-9a-f]{2}:){13}[0-9a-f]{2}";

/** A line of a SYN as nf_log_syslog.c writes it, behind what a system log puts before. */
const synLine = (addresses: string, port: number | string) =>
  new RegExp(
    `^\\w{3} [ \\d]\\d \\d\\d:\\d\\d:\\d\\d \\S+ portsentry\\[\\d+\\]: Portsentry: dropping: ` +
      `IN=${TARGET_INTERFACE} OUT= MAC=${MAC} ${addresses} ` +
      `PROTO=TCP SPT=\\d+ DPT=${port} WINDOW=\\d+ RES=0x00 SYN URGP=0 $`,
  );

const ipv4Line = (source: string, target: string, port: number | string) =>
  synLine(`SRC=${source} DST=${target} LEN=60 TOS=0x00 PREC=0x00 TTL=63 ID=\\d+ DF`, port);

/** "2001:db8:a01::2" with all of its digits. */
function inFull(address: string): string {
  const [head = "", tail = ""] = address.split("::");
  const [first, last] = [head.split(":"), tail.split(":")];
  const zeros = Array.from({ length: 8 - first.length - last.length }, () => "0");
  return [...first, ...zeros, ...last].map((group) => group.padStart(4, "0")).join(":");
}

/** The file's lines; none while it does not exist. */
function linesOf(path: string): string[] {
  try {
    return readFileSync(path, "utf8").split("\n").slice(0, -1);
  } catch {
    // Not made yet.
    return [];
  }
}

/** Packets of a named counter in the namespace. */
async function packetsOf(namespace: Namespace, table: string, counter: string): Promise<number> {
  const text = await namespace.run("nft", ["list", "counter", "inet", table, counter]);
  return Number(/packets (\d+)/.exec(text)?.[1]);
}

/** Packets of banned sources that the kernel has dropped. */
const shutOut = (namespace: Namespace) => packetsOf(namespace, "vedette", "shut_out");

/** A target with one service, a scanner before it and a guard that writes into `path`. */
async function build(lab: Lab, config: Readonly<Record<string, string>> = {}) {
  const { hosts, target } = await buildNetwork(lab, ["scanner", "forger"]);
  await startServices(target.namespace, { tcp: [SERVICE] });
  const path = join(lab.folder, "portsentry.block.log");
  const guard = await Guard.start(lab, target.namespace, {
    config: { BLOCK_LOG: path, ...config },
  });
  const scanner = new Agent(hosts.scanner.namespace);
  const lines = (count: number) =>
    waitFor(
      () => `${count} lines, of which there are:\n${linesOf(path).join("\n")}`,
      30_000,
      () => linesOf(path).length >= count && linesOf(path),
    );
  return { target, hosts, guard, scanner, path, lines };
}

describeLive("the block log", [], () => {
  it("has at most 3 lines of a banned scanner, as the kernel would write them", async () => {
    await using lab = await Lab.open();
    const { target, hosts, guard, scanner, path, lines } = await build(lab, {
      HOLD_AFTER: "off",
    });

    await scanner.connectAll(target.ipv4, UNUSED_PORTS, BRIEFLY);
    await guard.banned(hosts.scanner.ipv4);
    const before = (await guard.status()).probes;
    for (let attempt = 0; attempt < 6; attempt += 1) {
      expect(await scanner.connect(target.ipv4, SERVICE, BRIEFLY)).toBe("silent");
    }
    await lines(LINES_A_SOURCE);
    await scanner.askByUdp(target.ipv4, 53, 10, 100);

    const written = linesOf(path);
    expect(written).toHaveLength(LINES_A_SOURCE);
    for (const line of written) {
      // On a slow machine a SYN of the scan itself may be sent again and find the ban.
      const port = `(?:${[SERVICE, ...UNUSED_PORTS].join("|")})`;
      expect(line).toMatch(ipv4Line(hosts.scanner.ipv4, target.ipv4, port));
    }
    expect((await guard.status()).probes).toBe(before);
    expect((await guard.status()).health.map(({ code }) => code)).not.toContain("block-log-failed");
  });

  it("tells of UDP and of a ping of a banned source", async () => {
    await using lab = await Lab.open();
    const { target, hosts, guard, scanner, lines } = await build(lab);
    await guard.ask("ban", hosts.scanner.ipv4, "--for", "1h");

    await scanner.askByUdp(target.ipv4, 53, 10, 100);
    await hosts.scanner.namespace.exec("ping", ["-c", "1", "-W", "1", target.ipv4]);

    const [udp, ping] = await lines(2);
    expect(udp).toMatch(
      / LEN=38 TOS=0x00 PREC=0x00 TTL=63 ID=\d+ DF PROTO=UDP SPT=\d+ DPT=53 LEN=18 $/,
    );
    expect(ping).toMatch(
      / LEN=84 TOS=0x00 PREC=0x00 TTL=63 ID=\d+ DF PROTO=ICMP TYPE=8 CODE=0 ID=\d+ SEQ=1 $/,
    );
  });

  it("tells of fragments, which a ban drops before they are put together", async () => {
    await using lab = await Lab.open();
    const { target, hosts, guard, lines } = await build(lab);
    await guard.ask("ban", hosts.scanner.ipv4, "--for", "1h");

    const args = ["-c", "1", "-W", "1", "-s", "2000", target.ipv4];
    await hosts.scanner.namespace.exec("ping", args);

    const [first, second] = await lines(2);
    expect(first).toMatch(
      / LEN=1500 TOS=0x00 PREC=0x00 TTL=63 ID=\d+ MF PROTO=ICMP TYPE=8 CODE=0 ID=\d+ SEQ=1 $/,
    );
    // 1480 bytes of the datagram came before, in units of 8.
    expect(second).toMatch(/ LEN=548 TOS=0x00 PREC=0x00 TTL=63 ID=\d+ FRAG:185 PROTO=ICMP $/);
  });

  it("tells of a held source that nobody has banned, also at a published port", async () => {
    await using lab = await Lab.open();
    const { target, hosts, guard, scanner, lines } = await build(lab, {
      DETECTOR: "trigger",
      SCAN_TRIGGER: "65535",
      HOLD_TIME: "1m",
    });
    const inside = await publishPorts(lab, target, new Map([[8080, 8000]]));
    await startServices(inside, { tcp: [8000] });
    expect(await scanner.connect(target.ipv4, 8080)).toBe("open");

    await scanner.connectAll(target.ipv4, UNUSED_PORTS, BRIEFLY);
    await guard.held(hosts.scanner.ipv4);
    expect(await scanner.connect(target.ipv4, SERVICE, BRIEFLY)).toBe("silent");
    const [own] = await lines(1);
    expect(await scanner.connect(target.ipv4, 8080, BRIEFLY)).toBe("silent");
    const [, published] = await lines(2);

    expect(await guard.bans()).toEqual([]);
    expect(own).toMatch(ipv4Line(hosts.scanner.ipv4, target.ipv4, SERVICE));
    // Behind DNAT and one hop further, as a LOG rule in the forward chain sees it.
    expect(published).toMatch(/ SRC=203\.0\.113\.10 DST=192\.0\.2\.2 LEN=60 .* DPT=8000 .* SYN /);
  });

  it("tells of IPv6 sources by the /64 that is banned", async () => {
    await using lab = await Lab.open();
    const { target, hosts, guard, scanner, lines, path } = await build(lab);
    const network = hosts.scanner.ipv6.replace(/::.*/, "");
    await guard.ask("ban", `${network}::/64`, "--for", "1h");
    const addresses = [1, 2, 3, 4, 5, 6].map((host) => `${network}::7:${host}`);
    await hosts.scanner.namespace.configure(
      addresses.map((address) => `addr add ${address}/64 dev eth0 nodad`),
    );

    for (const from of addresses) {
      expect(await scanner.connect(target.ipv6, SERVICE, { ...BRIEFLY, from })).toBe("silent");
    }
    const [first] = await lines(LINES_A_SOURCE);
    await guard.ask("ban", hosts.scanner.ipv4, "--for", "1h");
    await scanner.connect(target.ipv4, SERVICE, BRIEFLY);
    const written = await lines(LINES_A_SOURCE + 1);

    const [source, destination] = [addresses[0] ?? "", target.ipv6].map(inFull);
    expect(first).toMatch(
      synLine(`SRC=${source} DST=${destination} LEN=80 TC=0 HOPLIMIT=63 FLOWLBL=\\d+`, SERVICE),
    );
    expect(written).toHaveLength(LINES_A_SOURCE + 1);
    expect(linesOf(path).at(-1)).toMatch(ipv4Line(hosts.scanner.ipv4, target.ipv4, SERVICE));
  });

  it("does not grow with a banned source's flood, and the detection goes on", async () => {
    await using lab = await Lab.open();
    const { target, hosts, guard, scanner, path, lines } = await build(lab);
    await guard.ask("ban", hosts.forger.ipv4, "--for", "1h");

    const flood = forge(hosts.forger.namespace, {
      from: hosts.forger.ipv4,
      to: target.ipv4,
      ports: [SERVICE],
      repeats: 60_000,
      perSecond: 20_000,
    });
    await lines(1);
    await scanner.connectAll(target.ipv4, UNUSED_PORTS, BRIEFLY);
    await guard.banned(hosts.scanner.ipv4);
    const sent = await flood;
    expect(await scanner.connect(target.ipv4, SERVICE, BRIEFLY)).toBe("silent");
    await waitFor("a line of the scanner", 30_000, () =>
      linesOf(path).some((line) => line.includes(` SRC=${hosts.scanner.ipv4} `)),
    );

    const ofForger = linesOf(path).filter((line) => line.includes(` SRC=${hosts.forger.ipv4} `));
    expect(ofForger.length).toBeLessThanOrEqual(LINES_A_SOURCE);
    expect(await shutOut(target.namespace)).toBeGreaterThan(0.9 * sent);
    const { lost, unlogged } = await guard.status();
    expect({ lost, unlogged }).toEqual({ lost: 0, unlogged: 0 });
  });

  it("is bounded in all, and more sources than the kernel counts are dropped like others", async () => {
    await using lab = await Lab.open();
    const { target, hosts, guard, path, lines } = await build(lab);
    await guard.ask("ban", "10.0.0.0/16", "--for", "1h");
    await target.namespace.load(`table inet oracle {
      counter arrived { }
      chain before {
        type filter hook prerouting priority -400; policy accept;
        ip saddr 10.0.0.0/16 counter name arrived
      }
    }
    `);

    const startedAtMs = performance.now();
    const sent = await forge(hosts.forger.namespace, {
      from: "10.0.0.1",
      sources: KNOCK_SOURCES + 4000,
      to: target.ipv4,
      ports: [SERVICE],
      perSecond: 5000,
    });
    await lines(30);
    const seconds = Math.ceil((performance.now() - startedAtMs) / 1000);

    expect(linesOf(path).length).toBeLessThanOrEqual(30 + 10 * seconds);
    const arrived = await packetsOf(target.namespace, "oracle", "arrived");
    expect(arrived).toBeGreaterThan(Math.max(KNOCK_SOURCES, 0.9 * sent));
    expect(await shutOut(target.namespace)).toBe(arrived);
    const { probes, lost, unlogged } = await guard.status();
    expect({ probes, lost, unlogged }).toEqual({ probes: 0, lost: 0, unlogged: 0 });
  });

  it("that cannot be written is a health problem, and the guard goes on", async () => {
    await using lab = await Lab.open();
    const path = join(lab.folder, "portsentry.block.log");
    mkdirSync(path);
    const { target, hosts, guard, scanner } = await build(lab);
    const codes = async () => (await guard.status()).health.map(({ code }) => code);
    await waitFor("the problem", 30_000, async () => (await codes()).includes("block-log-failed"));

    await scanner.connectAll(target.ipv4, UNUSED_PORTS, BRIEFLY);
    await guard.banned(hosts.scanner.ipv4);
    expect(await scanner.connect(target.ipv4, SERVICE, BRIEFLY)).toBe("silent");

    rmdirSync(path);
    await guard.ask("ban", hosts.forger.ipv4, "--for", "1h");
    await new Agent(hosts.forger.namespace).connect(target.ipv4, SERVICE, BRIEFLY);
    const line = await waitFor("the forger's line", 30_000, () =>
      linesOf(path).find((each) => each.includes(` SRC=${hosts.forger.ipv4} `)),
    );
    expect(line).toMatch(ipv4Line(hosts.forger.ipv4, target.ipv4, SERVICE));
    await waitFor("its end", 30_000, async () => !(await codes()).includes("block-log-failed"));
  });

  it("goes on in a new file after a rotation, and not at all after the stop", async () => {
    await using lab = await Lab.open();
    const { target, hosts, guard, scanner, path, lines } = await build(lab);
    await guard.ask("ban", hosts.scanner.ipv4, "--for", "1h");
    await scanner.connect(target.ipv4, SERVICE, BRIEFLY);
    expect(await lines(1)).toHaveLength(1);

    renameSync(path, `${path}.1`);
    await scanner.connect(target.ipv4, SERVICE, BRIEFLY);
    expect(await lines(1)).toHaveLength(1);
    expect(linesOf(`${path}.1`)).toHaveLength(1);

    await guard.stop();
    expect(await scanner.connect(target.ipv4, SERVICE, BRIEFLY)).toBe("silent");
    const chain = ["-s", "list", "chain", "inet", "vedette", "knock"];
    expect(await target.namespace.run("nft", chain)).not.toContain("update");
  });

  it("takes its rules away when it is not wanted any more", async () => {
    await using lab = await Lab.open();
    const { target, guard } = await build(lab);
    const listing = () => target.namespace.run("nft", ["-s", "list", "table", "inet", "vedette"]);
    expect(await listing()).toContain("jump knock");
    await guard.stop();

    await Guard.start(lab, target.namespace, { config: { BLOCK_LOG: "" }, after: guard });
    expect(await listing()).not.toMatch(/jump knock|chain knock|chain report_drop/);
  });
});
