/** PortSentry's lines, where their readers look for them, under real scans. */
import { existsSync, readFileSync, statSync } from "node:fs";
import { chmod, mkdtemp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { describeLive } from "../support/live.ts";
import type { LiveProcess } from "../support/live-process.ts";
import { Lab } from "../support/namespaces.ts";
import { buildNetwork, type Network } from "../support/networks.ts";
import { PORTSENTRY } from "../support/programs.ts";
import { startNameServer, startServices } from "../support/services.ts";
import { Syslog } from "../support/syslog.ts";
import { waitFor } from "../support/wait-for.ts";

const READY_2X = "Portsentry is now active and listening.";
const READY_12 = "adminalert: PortSentry is now active and listening.";
const WATCHING = "Nothing is held or banned: BLOCK_TCP and BLOCK_UDP are 0.";
const GAIN = expect.stringMatching(/To be gained in profile vedette: .* config import/);

/** fail2ban's stock filter for the history of 1.2, and 2.x's own, with what stands for <HOST>. */
const STOCK_FILTER = /\/(?<host>[0-9a-fA-F.:]+) Port: [0-9]+ (TCP|UDP) Blocked$/;
const FILTER_OF_2X = /^[^ ]* Scan from: \[(?<host>[0-9a-fA-F.:]+)\]/;

interface Scene {
  readonly network: Network<"scanner">;
  readonly historyPath: string;
  readonly process: LiveProcess;
  /** Scans the target with nmap, one packet a port. */
  readonly scan: (...words: readonly string[]) => Promise<void>;
}

/** `portsentry` with files of its own; `prefix`: words before the command. */
async function start(
  lab: Lab,
  network: Network<"scanner">,
  words: readonly string[],
  config: Readonly<Record<string, string>>,
  prefix: readonly string[] = [],
  ignore: readonly string[] = [],
): Promise<Scene> {
  const folder = await mkdtemp(join(lab.folder, "portsentry-"));
  // The guard's unprivileged half has its journal below it.
  await chmod(folder, 0o755);
  const historyPath = join(folder, "portsentry.history");
  const file = join(folder, "portsentry.conf");
  const keys = {
    IGNORE_FILE: join(folder, "portsentry.ignore"),
    HISTORY_FILE: historyPath,
    ...config,
  };
  const lines = Object.entries(keys).map(([key, value]) => `${key}="${value}"\n`);
  await writeFile(file, lines.join(""));
  await writeFile(keys.IGNORE_FILE, `${ignore.join("\n")}\n`);
  const { target, hosts } = network;
  const [program = PORTSENTRY, ...args] = [...prefix, PORTSENTRY, ...words, "-c", file];
  const env = {
    VEDETTE_RUN_DIR: join(folder, "run"),
    VEDETTE_STATE_DIR: join(folder, "state"),
  };
  const process = target.namespace.spawn(program, args, { env });
  const scan = async (...options: readonly string[]) => {
    const quick = ["-n", "-Pn", "--max-retries", "0", "--host-timeout", "20s"];
    await hosts.scanner.namespace.run("nmap", [...quick, ...options, target.ipv4]);
  };
  return { network, historyPath, process, scan };
}

/** Told where the machine has no user of that name, as those have that only try it. */
const isAboutTheUser = (line: string) => line.includes("The user vedette does not exist");

/** Waits for one more line than `read` has shown so far that is `text`, or fails with all of them. */
async function told(read: () => readonly string[], text: string): Promise<void> {
  const before = () => read().join("\n");
  await waitFor(
    () => `the line "${text}"; there are:\n${before()}`,
    30_000,
    () => read().includes(text),
  );
}

function historyOf({ historyPath }: Scene): string[] {
  return readFileSync(historyPath, "utf8").split("\n").slice(0, -1);
}

describeLive("dialects", ["nmap", "unshare"], () => {
  it("2.x, watching: each kind of scan has its line on the standard output, and nothing else has", async () => {
    await using lab = await Lab.open();
    const network = await buildNetwork(lab, ["scanner"]);
    const config = { TCP_PORTS: "11,15", UDP_PORTS: "7" };
    const scene = await start(lab, network, ["--stealth"], config);
    const { process, scan } = scene;
    const read = () => process.lines.filter((each) => !isAboutTheUser(each));
    await told(read, READY_2X);
    const { ipv4 } = network.hosts.scanner;
    const line = (protocol: string, port: number, type: string) =>
      `Scan from: [${ipv4}] (${ipv4}) protocol: [${protocol}] port: [${port}] type: [${type}] ` +
      "IP opts: [not set] ignored: [false] triggered: [true] noblock: [true] blocked: [false]";
    const scans = [
      { words: ["-sS", "-p", "11"], line: line("TCP", 11, "TCP SYN/Normal scan") },
      { words: ["-sN", "-p", "15"], line: line("TCP", 15, "TCP NULL scan") },
      { words: ["-sF", "-p", "15"], line: line("TCP", 15, "TCP FIN scan") },
      { words: ["-sX", "-p", "15"], line: line("TCP", 15, "TCP XMAS scan") },
      { words: ["-sU", "-p", "7"], line: line("UDP", 7, "UDP") },
    ];
    for (const { words, line: expected } of scans) {
      await scan(...words);
      await told(read, expected);
    }
    const { status } = await process.stop();

    expect(status).toBe(0);
    expect(read()).toEqual([
      expect.stringMatching(/^Portsentry, /),
      WATCHING,
      GAIN,
      READY_2X,
      ...scans.map(({ line: expected }) => expected),
      "Portsentry is shutting down",
    ]);
    const history = historyOf(scene);
    expect(history.map((each) => each.replace(/^\S+ /, ""))).toEqual(
      scans.map(({ line: expected }) => expected),
    );
    for (const each of history) {
      expect(each).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d{4} S/);
      expect(FILTER_OF_2X.exec(each)?.groups?.["host"]).toBe(ipv4);
    }
  });

  it("2.x, blocking: below the trigger, then the ban, in this order", async () => {
    await using lab = await Lab.open();
    const network = await buildNetwork(lab, ["scanner"]);
    const config = { TCP_PORTS: "11,15", BLOCK_TCP: "1", SCAN_TRIGGER: "2" };
    const scene = await start(lab, network, ["--stealth"], config);
    const { process, scan } = scene;
    const read = () => process.lines;
    await told(read, READY_2X);
    const { ipv4 } = network.hosts.scanner;
    const begin = (port: number) =>
      `from: [${ipv4}] (${ipv4}) protocol: [TCP] port: [${port}] type: [TCP SYN/Normal scan] ` +
      "IP opts: [not set] ignored: [false]";
    const below = `Scan below trigger ${begin(11)} triggered: [false] noblock: [unset] blocked: [unset]`;
    const blocked = `Scan ${begin(15)} triggered: [true] noblock: [false] blocked: [true]`;

    await scan("-sS", "-p", "11");
    await told(read, below);
    await scan("-sS", "-p", "15");
    await told(read, blocked);
    await process.stop();

    expect(read().slice(read().indexOf(READY_2X) + 1)).toEqual([
      below,
      `attackalert: Host ${ipv4} has been blocked via nftables for good`,
      blocked,
      "Portsentry is shutting down",
    ]);
    expect(historyOf(scene).map((each) => FILTER_OF_2X.exec(each)?.groups?.["host"])).toEqual([
      undefined,
      ipv4,
    ]);
  });

  it("2.x, by a command: run once, told in both places, and already blocked from then on", async () => {
    await using lab = await Lab.open();
    const network = await buildNetwork(lab, ["scanner"]);
    const syslog = await Syslog.start(lab, network.target.namespace);
    const config = {
      TCP_PORTS: "11,15",
      BLOCK_TCP: "1",
      KILL_RUN_CMD: "/bin/true $TARGET$ $PORT$ $MODE$",
    };
    const words = ["--stealth", "-l", "stdout", "-l", "syslog"];
    const scene = await start(lab, network, words, config, syslog.prefix);
    const { process, scan } = scene;
    await told(() => process.lines, READY_2X);
    const { ipv4 } = network.hosts.scanner;
    const line = (port: number) =>
      `Scan from: [${ipv4}] (${ipv4}) protocol: [TCP] port: [${port}] type: [TCP SYN/Normal scan] ` +
      "IP opts: [not set] ignored: [false] triggered: [true] noblock: [false] blocked: [true]";

    for (const port of [11, 15]) {
      await scan("-sS", "-p", `${port}`);
      await told(() => process.lines, line(port));
    }
    await process.stop();
    await told(() => syslog.texts, "Portsentry is shutting down");

    for (const read of [process.lines, syslog.texts]) {
      expect(read.slice(read.indexOf(READY_2X) + 1)).toEqual([
        `attackalert: External command run for host: ${ipv4} using command: "/bin/true ${ipv4} 11 stealth"`,
        line(11),
        `attackalert: Host: ${ipv4}/${ipv4} is already blocked Ignoring`,
        line(15),
        "Portsentry is shutting down",
      ]);
    }
  });

  it("2.x, by a command that fails: it says so, and no history has it as blocked", async () => {
    await using lab = await Lab.open();
    const network = await buildNetwork(lab, ["scanner"]);
    const config = { TCP_PORTS: "11", BLOCK_TCP: "1", KILL_RUN_CMD: "/bin/false $TARGET$" };
    const scene = await start(lab, network, ["--stealth"], config);
    const { process, scan } = scene;
    const read = () => process.lines;
    await told(read, READY_2X);
    const { ipv4 } = network.hosts.scanner;

    await scan("-sS", "-p", "11");
    await told(read, `attackalert: Error during target dispose ${ipv4}/${ipv4}!`);
    await process.stop();

    expect(read().filter((line) => line.startsWith("Scan from:"))).toEqual([
      expect.stringMatching(/triggered: \[true\] noblock: \[false\] blocked: \[false\]$/),
    ]);
    expect(read()).toContainEqual(
      expect.stringMatching(new RegExp(`^Response command failed for host ${ipv4}: `)),
    );
    expect(historyOf(scene)).toEqual([
      expect.stringMatching(/triggered: \[true\] noblock: \[false\] blocked: \[false\]$/),
    ]);
  });

  it("2.x, connecting: says where it listens, and who is ignored by which file", async () => {
    await using lab = await Lab.open();
    const network = await buildNetwork(lab, ["scanner"]);
    const { ipv4 } = network.hosts.scanner;
    const config = { TCP_PORTS: "11,15" };
    const scene = await start(lab, network, ["--connect", "-v"], config, [], [ipv4]);
    const { process, scan } = scene;
    const read = () => process.lines;
    await told(read, READY_2X);
    expect(read()).toContain("Listen on AF_INET6: TCP port: 11");
    expect(read()).toContain("Listen on AF_INET6: TCP port: 15");
    const ignored =
      `Ignored scan from: [${ipv4}] (${ipv4}) protocol: [TCP] port: [11] type: [Connect] ` +
      "IP opts: [unknown] ignored: [true] triggered: [unset] noblock: [unset] blocked: [unset]";

    await scan("-sT", "-p", "11");
    await told(read, ignored);
    await process.stop();

    expect(read()[read().indexOf(ignored) - 1]).toMatch(
      new RegExp(`^Host: ${ipv4} found in ignore file /.*/portsentry\\.ignore, aborting actions$`),
    );
    expect(existsSync(scene.historyPath)).toBe(false);
  });

  it("1.2, RESOLVE_HOST: lines and the history have the name that DNS has", async () => {
    await using lab = await Lab.open();
    const network = await buildNetwork(lab, ["scanner"]);
    const { target, hosts } = network;
    const { ipv4 } = hosts.scanner;
    await startNameServer(target.namespace, 0);
    const syslog = await Syslog.start(lab, target.namespace);
    const resolverPath = join(lab.folder, "resolv.conf");
    await writeFile(resolverPath, "nameserver 127.0.0.1\n");
    const ownResolver = 'mount --bind "$1" /etc/resolv.conf && shift && exec "$@"';
    const prefix = [...syslog.prefix, "sh", "-c", ownResolver, "sh", resolverPath];
    const config = { TCP_PORTS: "11", RESOLVE_HOST: "1" };
    const words = ["-stcp", "--foreground"];
    const scene = await start(lab, network, words, config, prefix);
    await told(() => syslog.texts, READY_12);

    await scene.scan("-sS", "-p", "11");
    const from = `from host: scanner.example.org/${ipv4} to TCP port: 11`;
    await told(() => syslog.texts, `attackalert: TCP SYN/Normal scan ${from}`);
    await scene.process.stop();

    expect(historyOf(scene)).toEqual([
      expect.stringMatching(
        new RegExp(` Host: scanner\\.example\\.org/${ipv4} Port: 11 TCP Blocked$`),
      ),
    ]);
  });

  it("1.2: every line is in the system's log, as it was, and nothing on the standard output", async () => {
    await using lab = await Lab.open();
    const network = await buildNetwork(lab, ["scanner"]);
    const { target, hosts } = network;
    await startServices(target.namespace, { tcp: [80] });
    const syslog = await Syslog.start(lab, target.namespace);
    const config = { ADVANCED_PORTS_TCP: "1024", ADVANCED_EXCLUDE_TCP: "113,139" };
    const words = ["-atcp", "--foreground"];
    const scene = await start(lab, network, words, config, syslog.prefix);
    const { process, scan } = scene;
    const read = () => syslog.texts.filter((each) => !isAboutTheUser(each));
    await told(read, READY_12);
    const { ipv4 } = hosts.scanner;
    const scans = [
      { words: ["-sS", "-p", "11"], kind: "TCP SYN/Normal scan", port: 11 },
      { words: ["-sN", "-p", "12"], kind: " TCP NULL scan", port: 12 },
      { words: ["-sX", "-p", "13"], kind: "TCP XMAS scan", port: 13 },
    ];
    const line = (kind: string, port: number) =>
      `attackalert: ${kind} from host: ${ipv4}/${ipv4} to TCP port: ${port}`;
    for (const { words: options, kind, port } of scans) {
      await scan(...options);
      await told(read, line(kind, port));
    }
    const { status, stdout } = await process.stop();
    await told(read, "adminalert: PortSentry is shutting down");

    expect({ status, stdout }).toEqual({ status: 0, stdout: "" });
    const ignoring = "attackalert: Ignoring TCP response per configuration file setting.";
    const served = "adminalert: Advanced Stealth scan detection mode activated. Ignored TCP port:";
    expect(read()).toEqual([
      "adminalert: PortSentry 1.2 is starting.",
      "adminalert: Advanced mode will monitor first 1024 ports",
      "adminalert: Advanced mode will manually exclude port: 113 ",
      "adminalert: Advanced mode will manually exclude port: 139 ",
      ...[80, 113, 139].map((port) => `${served} ${port}`),
      `adminalert: ${WATCHING}`,
      GAIN,
      READY_12,
      ...scans.flatMap(({ kind, port }) => [line(kind, port), ignoring]),
      "securityalert: PortSentry is shutting down",
      "adminalert: PortSentry is shutting down",
    ]);
    // Facility daemon, level notice; both processes under one name and number.
    expect(new Set(syslog.lines.map(({ priority }) => priority))).toEqual(new Set(["29"]));
    const tags = new Set(syslog.lines.map(({ tag }) => tag));
    expect([...tags]).toEqual([expect.stringMatching(/^portsentry\[\d+\]$/)]);

    const history = historyOf(scene);
    expect(history.map((each) => STOCK_FILTER.exec(each)?.groups?.["host"])).toEqual([ipv4]);
    expect(history[0]).toMatch(
      /^\d+ - \d\d\/\d\d\/\d{4} \d\d:\d\d:\d\d Host: ([\d.]+)\/\1 Port: 11 TCP Blocked$/,
    );
    expect(statSync(scene.historyPath).mode & 0o777).toBe(0o600);
  });
});
