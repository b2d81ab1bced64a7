/** The configuration read again while the guard runs: by command, by SIGHUP, good and bad. */
import { existsSync } from "node:fs";
import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import type { ReloadView } from "../../src/api/contract.ts";
import { Agent } from "../support/agent.ts";
import { Guard, type GuardOptions } from "../support/guard.ts";
import { describeLive } from "../support/live.ts";
import { Lab } from "../support/namespaces.ts";
import { buildNetwork, type Network } from "../support/networks.ts";
import { startServices } from "../support/services.ts";
import { letPass, waitFor } from "../support/wait-for.ts";

interface Scene {
  readonly network: Network<"scanner">;
  readonly guard: Guard;
  readonly scanner: Agent;
}

async function build(lab: Lab, options: GuardOptions = {}): Promise<Scene> {
  const network = await buildNetwork(lab, ["scanner"]);
  await startServices(network.target.namespace, { tcp: [80] });
  const guard = await Guard.start(lab, network.target.namespace, options);
  return { network, guard, scanner: new Agent(network.hosts.scanner.namespace) };
}

/** Sets keys in the guard's file; undefined takes one out. */
async function write(guard: Guard, changes: Readonly<Record<string, string>>): Promise<void> {
  const path = join(guard.folder, "vedette.conf");
  const lines = (await readFile(path, "utf8")).split("\n").filter((line) => {
    const [key = ""] = line.split("=");
    return line !== "" && !Object.hasOwn(changes, key);
  });
  const added = Object.entries(changes).map(([key, value]) => `${key}="${value}"`);
  await writeFile(path, `${[...lines, ...added].join("\n")}\n`);
}

async function reload(guard: Guard): Promise<ReloadView> {
  return JSON.parse(await guard.ask("reload", "--json")) as ReloadView;
}

/** One SYN each to these ports, one after the other. */
async function touch({ scanner, network }: Scene, ports: readonly number[]): Promise<void> {
  for (const port of ports) await scanner.connect(network.target.ipv4, port, { timeoutMs: 100 });
}

const WATCH_ALONE = { HOLD_AFTER: "off", ANSWER: "pass", PROOF: "none" };

describeLive("reload", ["nmap"], () => {
  it("convicts by the fourth port whoever had touched three before it, under new rules", async () => {
    await using lab = await Lab.open();
    const scene = await build(lab, { config: WATCH_ALONE });
    const { guard, network } = scene;
    const before = await guard.status();
    await touch(scene, [1001, 1002, 1003]);
    await guard.event("probe", ({ port }) => port === 1003);
    const pid = guard.pid("guard");
    await write(guard, { BAN_TIME_CLAIMED: "2h", ANSWER: "drop" });

    const view = await reload(guard);

    expect(view).toMatchObject({ status: "reloaded", guard: "kept", memory: "kept", faults: [] });
    expect([...view.changed].sort()).toEqual(["ANSWER", "BAN_TIME_CLAIMED"]);
    expect(view.config_revision).not.toBe(before.config_revision);
    expect((await guard.status()).config_revision).toBe(view.config_revision);
    expect(guard.pid("guard")).toBe(pid);
    expect(await scene.scanner.connect(network.target.ipv4, 1004)).toBe("silent");
    const ban = await guard.banned(network.hosts.scanner.ipv4);
    expect(ban.remaining_seconds).toBeGreaterThan(7000);
    expect(ban.config_revision).toBe(view.config_revision);
  });

  it("tells every fault of a bad file, exits 78, and changes nothing until it is mended", async () => {
    await using lab = await Lab.open();
    const { guard } = await build(lab);
    const before = await guard.status();
    await write(guard, { SCAN_TRIGGER: "many", HOLD_TIME: "soon" });

    const { status, stderr } = await guard.command("reload");

    expect(status).toBe(78);
    expect(stderr).toMatch(/vedette\.conf:\d+: SCAN_TRIGGER: /);
    expect(stderr).toMatch(/vedette\.conf:\d+: HOLD_TIME: /);
    expect(stderr).toContain(before.config_revision);
    expect((await guard.status()).config_revision).toBe(before.config_revision);
    expect(guard.events("reload").map(({ level }) => level)).toEqual(["error", "error"]);
    const found = await guard.problem("reload-failed");
    expect(found.text).toContain("SCAN_TRIGGER");

    await write(guard, { SCAN_TRIGGER: "3", HOLD_TIME: "10s" });
    expect(await reload(guard)).toMatchObject({
      status: "unchanged",
      config_revision: before.config_revision,
    });
    await waitFor("the problem to be over", 30_000, async () =>
      (await guard.status()).health.every(({ code }) => code !== "reload-failed"),
    );
  });

  it("names a key that cannot change while it runs", async () => {
    await using lab = await Lab.open();
    const { guard } = await build(lab);
    await write(guard, { IPV6_PREFIX: "56", SCAN_TRIGGER: "5" });
    const { status, stderr } = await guard.command("reload");
    expect(status).toBe(78);
    expect(stderr).toMatch(/vedette\.conf:\d+: IPV6_PREFIX: it cannot change/);
  });

  it("is what SIGHUP does: the log tells, and the other ignore file is in force", async () => {
    await using lab = await Lab.open();
    const scene = await build(lab);
    const { guard, network } = scene;
    const ignore = join(guard.folder, "other.ignore");
    await writeFile(ignore, `${network.hosts.scanner.ipv4}\n`);
    await write(guard, { IGNORE_FILE: ignore });

    guard.process.signal("SIGHUP");

    const event = await guard.event("reload");
    expect(event).toMatchObject({ level: "notice" });
    expect(event.text).toContain("IGNORE_FILE");
    const trusted = JSON.parse(await guard.ask("trusted", "--json")) as { address: string }[];
    expect(trusted.map(({ address }) => address)).toContain(network.hosts.scanner.ipv4);
    await touch(scene, [1001, 1002, 1003, 1004]);
    expect(await scene.scanner.connect(network.target.ipv4, 80)).toBe("open");
  });

  it("tells a scan to its end whose response is under way", async () => {
    await using lab = await Lab.open();
    const folder = await mkdtemp(join(lab.folder, "hook-"));
    const [started, goOn, history] = ["started", "go-on", "history"].map((name) =>
      join(folder, name),
    ) as [string, string, string];
    const scene = await build(lab, {
      config: {
        ...WATCH_ALONE,
        KILL_RUN_CMD: `touch ${started}; until test -e ${goOn}; do sleep 0.1; done`,
        HISTORY_FILE: history,
      },
    });
    const { guard, network } = scene;
    await touch(scene, [1001, 1002, 1003, 1004]);
    await waitFor("the start of the response", 30_000, () => existsSync(started));
    await write(guard, { BAN_TIME_PROVEN: "2h" });
    expect(await reload(guard)).toMatchObject({ status: "reloaded", guard: "kept" });
    await writeFile(goOn, "");
    await waitFor("the line of the block", 30_000, async () => {
      const text = existsSync(history) ? await readFile(history, "utf8") : "";
      return text.includes(`/${network.hosts.scanner.ipv4} Port: 1004 TCP Blocked\n`);
    });
  });

  it("replaces the guard process where its sockets change, and bans stand", async () => {
    await using lab = await Lab.open();
    const scene = await build(lab, { config: WATCH_ALONE });
    const { guard, network, scanner } = scene;
    await touch(scene, [1001, 1002, 1003, 1004]);
    await guard.banned(network.hosts.scanner.ipv4);
    const pid = guard.pid("guard");
    await write(guard, { TCP_MODE: "tcp", TCP_PORTS: "7001,7002", NFLOG_GROUP: "77" });

    const view = await reload(guard);

    expect(view).toMatchObject({ status: "reloaded", guard: "replaced", memory: "saved" });
    expect(guard.pid("guard")).not.toBe(pid);
    expect(guard.events("guard-died")).toEqual([]);
    expect((await guard.status()).mode).toEqual({ tcp: "tcp", udp: "audp" });
    expect(await scanner.connect(network.target.ipv4, 80)).toBe("silent");
    await guard.ask("unban", network.hosts.scanner.ipv4);
    expect(await scanner.connect(network.target.ipv4, 7001)).toBe("open");
    await guard.event("probe", ({ port, kind }) => port === 7001 && kind === "tcp-connect");

    await write(guard, { TCP_PORTS: "7002" });
    expect(await reload(guard)).toMatchObject({ guard: "replaced" });
    expect(await scanner.connect(network.target.ipv4, 7001)).toBe("refused");
    expect(await scanner.connect(network.target.ipv4, 7002)).toBe("open");
  });

  it("lets no probe pass unlogged during twenty reloads", async () => {
    await using lab = await Lab.open();
    const never = { DETECTOR: "trigger", SCAN_TRIGGER: "65535" };
    const scene = await build(lab, { config: { ...WATCH_ALONE, ...never } });
    const { guard, network } = scene;
    await network.target.namespace.load(`table inet oracle {
      counter arrived { }
      chain before {
        type filter hook prerouting priority -400; policy accept;
        tcp flags & (syn|ack) == syn tcp dport 2001-2900 counter name arrived
      }
    }
    `);
    const arrivals = async () => {
      const counter = ["list", "counter", "inet", "oracle", "arrived"];
      return Number(/packets (\d+)/.exec(await network.target.namespace.run("nft", counter))?.[1]);
    };
    const scan = network.hosts.scanner.namespace.spawn("nmap", [
      ...[
        "-sS",
        "-Pn",
        "-n",
        "--max-retries",
        "0",
        "--scan-delay",
        "5ms",
        "--max-scan-delay",
        "5ms",
      ],
      ...["-p", "2001-2800", network.target.ipv4],
    ]);
    await guard.event("probe");
    // More than 60 a minute would be refused.
    for (let reloads = 0; reloads < 20 || (reloads < 50 && !scan.isOver); reloads++) {
      await write(guard, {
        HOLD_TIME: `${10 + (reloads % 5)}s`,
        BAN_TIME_PROVEN: `${1 + reloads}h`,
      });
      expect(await guard.reload()).toMatchObject({ status: "reloaded" });
      await letPass(100);
    }
    expect((await scan.ended).status).toBe(0);
    // What nmap has sent last may still be on its way when it ends; what the log has lost on its way
    // to a guard that a busy machine keeps waiting is counted, and known by the next probe.
    await touch(scene, [2900]);
    let found = "";
    await waitFor(
      () => `every probe told; ${found}`,
      60_000,
      async () => {
        const arrived = await arrivals();
        const { probes, lost, unlogged } = await guard.status();
        found = `${arrived} SYNs, ${probes} probes, ${lost} lost, ${unlogged} unlogged`;
        return arrived > 800 && probes + lost === arrived && unlogged === 0;
      },
    );
  });
});
