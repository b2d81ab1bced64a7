/** `portsentry` as init scripts and people call it: as a daemon, alone. */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { chmod, copyFile, mkdtemp } from "node:fs/promises";
import { basename, join } from "node:path";
import { expect, it } from "vitest";
import { Guard } from "../support/guard.ts";
import { describeLive } from "../support/live.ts";
import { Lab } from "../support/namespaces.ts";
import { buildNetwork } from "../support/networks.ts";
import { isRunning, Portsentry } from "../support/portsentry.ts";
import { startServices } from "../support/services.ts";
import { waitFor } from "../support/wait-for.ts";

const BAN_AT_ONCE = { BLOCK_TCP: "1", BLOCK_UDP: "1" };

describeLive("portsentry as a daemon", ["nmap"], () => {
  it("-atcp ends with 0 when a probe is told from then on, and SIGTERM ends the daemon", async () => {
    await using lab = await Lab.open();
    const { target, hosts } = await buildNetwork(lab, ["scanner"]);
    await startServices(target.namespace, { tcp: [80] });
    const portsentry = await Portsentry.prepare(lab, target.namespace, BAN_AT_ONCE);

    const caller = await portsentry.run("-atcp");

    expect(caller).toMatchObject({ status: 0, stderr: "" });
    await hosts.scanner.namespace.run("nmap", ["-sS", "-Pn", "-n", "-p", "1001", target.ipv4]);
    await waitFor("the ban of the scanner", 30_000, async () => {
      const { stdout } = await portsentry.vedette("bans", "--json");
      return stdout.includes(`"${hosts.scanner.ipv4}"`);
    });
    expect((await portsentry.status()).mode).toEqual({ tcp: "atcp", udp: "" });

    const pid = portsentry.pid("-atcp") as number;
    // A session of its own, at the root, and the title that Debian's start script looks for.
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    expect(Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[3])).toBe(pid);
    const { stdout } = await target.namespace.exec("ps", ["axww", "-o", "pid,args"]);
    expect(stdout).toMatch(new RegExp(`^ *${pid} /usr/sbin/portsentry -atcp$`, "m"));

    await portsentry.end("-atcp");
    expect(portsentry.pid("-atcp")).toBeUndefined();
    expect((await portsentry.status()).state).toBe("absent");
  });

  it("makes each file with its own bits, whatever the caller's umask", async () => {
    await using lab = await Lab.open();
    const { target, hosts } = await buildNetwork(lab, ["scanner"]);
    const files = await mkdtemp(join(lab.folder, "files-"));
    const path = (name: string) => join(files, name);
    const portsentry = await Portsentry.prepare(lab, target.namespace, {
      ...BAN_AT_ONCE,
      BLOCK_LOG: path("block.log"),
      BLOCKED_FILE: path("blocked"),
      HISTORY_FILE: path("history"),
    });
    const umask = process.umask(0o077);
    try {
      expect(await portsentry.run("-atcp")).toMatchObject({ status: 0, stderr: "" });
    } finally {
      process.umask(umask);
    }
    await hosts.scanner.namespace.run("nmap", ["-sS", "-Pn", "-n", "-p", "1001", target.ipv4]);
    const written = ["block.log", "blocked.atcp", "history"].map(path);
    await waitFor("all files", 30_000, () => written.every((file) => existsSync(file)));
    const own = ["run/portsentry-atcp.pid", "state/guard.json"];
    const bits = [...written, ...own.map((name) => join(portsentry.folder, name))].map(
      (file) => `${basename(file)} ${(statSync(file).mode & 0o777).toString(8)}`,
    );
    expect(bits).toEqual([
      "block.log 640",
      "blocked.atcp 644",
      "history 600",
      "portsentry-atcp.pid 644",
      "guard.json 644",
    ]);
    await portsentry.end("-atcp");
  });

  it("has no more descriptors open after many reloads than after the first", async () => {
    await using lab = await Lab.open();
    const { target } = await buildNetwork(lab, ["scanner"]);
    const portsentry = await Portsentry.prepare(lab, target.namespace);
    expect(await portsentry.run("-atcp")).toMatchObject({ status: 0 });
    const broker = portsentry.pid("-atcp") as number;
    const children = readFileSync(`/proc/${broker}/task/${broker}/children`, "utf8");
    const pids = [broker, ...children.split(" ").filter(Boolean).map(Number)];
    expect(pids).toHaveLength(2);
    const open = () => pids.map((pid) => readdirSync(`/proc/${pid}/fd`).length);
    const reload = async (n: number) => {
      await portsentry.configure({
        BAN_TIME_PROVEN: `${n}h`,
        BLOCK_LOG: join(portsentry.folder, `block-${n}.log`),
      });
      expect(await portsentry.vedette("reload")).toMatchObject({ status: 0 });
    };
    await reload(1);
    const [brokers = 0, guards = 0] = open();
    for (const n of [2, 3, 4, 5, 6]) await reload(n);
    // A connection of the last reload may close a moment later.
    await waitFor("no more descriptors than before", 30_000, () => {
      const [ofBroker = 0, ofGuard = 0] = open();
      return ofBroker <= brokers && ofGuard <= guards;
    });
    await portsentry.end("-atcp");
  });

  it("-D watches both, as the file says", async () => {
    await using lab = await Lab.open();
    const { target } = await buildNetwork(lab, ["scanner"]);
    const portsentry = await Portsentry.prepare(lab, target.namespace, {
      TCP_PORTS: "1,7",
      UDP_PORTS: "7",
    });
    expect(await portsentry.run("-D")).toMatchObject({ status: 0 });
    expect((await portsentry.status()).mode).toEqual({ tcp: "stealth", udp: "stealth" });
    await portsentry.end("");
  });

  it("tells every fault of a bad file, exits 78, and leaves nobody behind", async () => {
    await using lab = await Lab.open();
    const { target } = await buildNetwork(lab, ["scanner"]);
    const portsentry = await Portsentry.prepare(lab, target.namespace, {
      SCAN_TRIGGER: "-5",
      HOLD_TIME: "soon",
    });
    const { status, stderr } = await portsentry.run("-atcp");
    expect(status).toBe(78);
    expect(stderr).toMatch(/portsentry\.conf:\d+: SCAN_TRIGGER: /);
    expect(stderr).toMatch(/portsentry\.conf:\d+: HOLD_TIME: /);
    expect(portsentry.pid("-atcp")).toBeUndefined();
    expect(
      (await target.namespace.run("ps", ["axww", "-o", "args"])).includes(portsentry.folder),
    ).toBe(false);
  });

  it("-tcp says so when every port is taken, and does not end with 0", async () => {
    await using lab = await Lab.open();
    const { target } = await buildNetwork(lab, ["scanner"]);
    await startServices(target.namespace, { tcp: [1001, 1002] });
    const portsentry = await Portsentry.prepare(lab, target.namespace, { TCP_PORTS: "1001,1002" });
    const { status, stderr } = await portsentry.run("-tcp");
    expect(status).toBe(69);
    expect(stderr).toContain("tcp 1001-1002 (in use)");
  });

  it("names a PortSentry that runs here, and does not start beside it", async () => {
    await using lab = await Lab.open();
    const { target, hosts } = await buildNetwork(lab, ["scanner"]);
    const portsentry = await Portsentry.prepare(lab, target.namespace);
    const old = join(portsentry.folder, "portsentry");
    await copyFile("/bin/sleep", old);
    await chmod(old, 0o755);
    const elsewhere = hosts.scanner.namespace.spawn(old, ["600"]);
    expect(await portsentry.run("-atcp")).toMatchObject({ status: 0 });
    await portsentry.end("-atcp");

    const here = target.namespace.spawn(old, ["600"]);
    const { status, stderr } = await portsentry.run("-atcp");

    expect(status).toBe(69);
    expect(stderr).toContain(`pid ${here.pid}: ${old} 600`);
    expect(stderr).toContain("systemctl stop portsentry");
    expect(isRunning(elsewhere.pid)).toBe(true);
    // Under our own name it stands aside instead, and says so.
    const guard = await Guard.start(lab, target.namespace);
    expect((await guard.status()).state).toBe("watching");
    expect((await guard.problem("neighbour")).text).toContain(`(pid ${here.pid})`);
  });

  it("--foreground stays until it is told to end", async () => {
    await using lab = await Lab.open();
    const { target } = await buildNetwork(lab, ["scanner"]);
    const portsentry = await Portsentry.prepare(lab, target.namespace);
    const caller = portsentry.spawn("-atcp", "--foreground");
    await waitFor("the guard", 30_000, async () => {
      // Its socket may not be there yet, though its packets are read.
      const found = await portsentry.status().catch(() => undefined);
      return found !== undefined && found.state !== "absent";
    });
    expect(isRunning(caller.pid)).toBe(true);
    expect((await caller.stop()).status).toBe(0);
  });
});
