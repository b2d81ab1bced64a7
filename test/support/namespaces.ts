/**
 * Network namespaces of one live test, and everything that runs in them.
 *
 * A name is "vt", the id of the test process, a counter and a label, so that tests never meet and a
 * later run can tell what a dead one left behind: {@link Lab.open} sweeps it. Nothing is done to
 * the machine's own namespace: links are made between two namespaces directly. Disposal ends every
 * process by id, also those that our own children started and forgot, because nobody else is in a
 * namespace that we made.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { chmod } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Ended, LiveProcess, type SpawnOptions } from "./live-process.ts";

const NAMES_FOLDER = "/run/netns";
const OUR_NAME = /^vt(\d+)-\d+-[a-z0-9]+$/;
/** Longest that one command of a test may take unless it says otherwise. Milliseconds. */
const COMMAND_MS = 60_000;

/** Namespaces that this process has made so far, over all labs. */
let made = 0;
let hasSwept = false;

/** Looks for processes of a namespace until there are none; what was about to start is one, too. */
const ROUNDS = 50;

function endByForce(name: string): void {
  for (let round = 0; round < ROUNDS && killAll(name) > 0; round += 1);
  execFileSync("ip", ["netns", "delete", name]);
}

/** @returns how many were told to end. */
function killAll(name: string): number {
  const pids = execFileSync("ip", ["netns", "pids", name], { encoding: "utf8" });
  const found = pids
    .split("\n")
    .map(Number)
    .filter((pid) => pid > 0);
  for (const pid of found) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It ended between the question and the signal, which is what was wanted.
    }
  }
  return found.length;
}

/** Removes the namespaces of test processes that are no more. */
function sweepLeftovers(): void {
  if (hasSwept || !existsSync(NAMES_FOLDER)) return;
  hasSwept = true;
  for (const name of readdirSync(NAMES_FOLDER)) {
    const owner = OUR_NAME.exec(name)?.[1];
    if (owner !== undefined && !existsSync(`/proc/${owner}`)) endByForce(name);
  }
}

export class Namespace {
  readonly name: string;
  readonly #lab: Lab;

  constructor(lab: Lab, name: string) {
    this.#lab = lab;
    this.name = name;
  }

  /** Starts a command in here; the lab ends it. */
  spawn(command: string, args: readonly string[], options: SpawnOptions = {}): LiveProcess {
    return this.#lab.track(
      new LiveProcess("ip", ["netns", "exec", this.name, command, ...args], options),
    );
  }

  /** Runs a command to its end, whatever its status. Killed after `timeoutMs`, status 137. */
  async exec(
    command: string,
    args: readonly string[],
    timeoutMs: number = COMMAND_MS,
  ): Promise<Ended> {
    const child = this.spawn(command, args);
    const timer = setTimeout(() => child.signal("SIGKILL"), timeoutMs);
    const ended = await child.ended;
    clearTimeout(timer);
    return ended;
  }

  /** Runs a command that must succeed. @returns its output. @throws {Error} with what it said. */
  async run(command: string, args: readonly string[], timeoutMs?: number): Promise<string> {
    const { status, stdout, stderr } = await this.exec(command, args, timeoutMs);
    if (status === 0) return stdout;
    throw new Error(`${this.name}: ${command} ${args.join(" ")}: ${status}\n${stdout}${stderr}`);
  }

  /** Runs `ip` commands, one a line, in one process. */
  async configure(lines: readonly string[]): Promise<void> {
    const child = this.#lab.track(new LiveProcess("ip", ["-n", this.name, "-batch", "-"]));
    child.write(`${lines.join("\n")}\n`);
    child.end();
    const { status, stderr } = await child.ended;
    if (status !== 0) throw new Error(`${this.name}: ${lines.join("; ")}: ${stderr}`);
  }

  /** Loads nftables text. */
  async load(rules: string): Promise<void> {
    const child = this.spawn("nft", ["-f", "-"]);
    child.write(rules);
    child.end();
    const { status, stderr } = await child.ended;
    if (status !== 0) throw new Error(`${this.name}: nft: ${stderr}`);
  }

  /** Sets kernel parameters of this namespace: `["net.ipv4.ip_forward=1"]`. */
  async set(parameters: readonly string[]): Promise<void> {
    await this.run("sysctl", ["-q", "-w", ...parameters]);
  }

  /** Reads a counter such as `["Tcp", "PassiveOpens"]` from /proc/net/snmp or netstat. */
  async counter(file: "snmp" | "netstat", group: string, name: string): Promise<number> {
    const text = await this.run("cat", [`/proc/net/${file}`]);
    const [heads, values] = text.split("\n").filter((line) => line.startsWith(`${group}: `));
    const column = heads?.split(" ").indexOf(name) ?? -1;
    const value = values?.split(" ")[column];
    if (column < 1 || value === undefined) throw new Error(`no counter ${group} ${name}`);
    return Number(value);
  }
}

export class Lab implements AsyncDisposable {
  /** A folder of this lab's own that every user may read; removed with the lab. */
  readonly folder: string;
  readonly #namespaces: Namespace[] = [];
  readonly #processes: LiveProcess[] = [];
  /** Last resort when the test process ends without disposing of its labs. */
  readonly #atExit = (): void => this.#removeAll();

  private constructor(folder: string) {
    this.folder = folder;
    process.once("exit", this.#atExit);
  }

  /** A lab without namespaces; leftovers of dead test processes are gone afterwards. */
  static async open(): Promise<Lab> {
    sweepLeftovers();
    const folder = mkdtempSync(join(tmpdir(), "vedette-live-"));
    // The guard's unprivileged half has to reach its folders below this one.
    await chmod(folder, 0o755);
    return new Lab(folder);
  }

  /** A new namespace with loopback up and without the waits of duplicate address detection. */
  async namespace(label: string): Promise<Namespace> {
    made += 1;
    const namespace = new Namespace(this, `vt${process.pid}-${made}-${label}`);
    execFileSync("ip", ["netns", "add", namespace.name]);
    this.#namespaces.push(namespace);
    await namespace.set([
      "net.ipv6.conf.all.accept_dad=0",
      "net.ipv6.conf.default.accept_dad=0",
      "net.ipv6.conf.default.accept_ra=0",
      "net.ipv4.conf.all.rp_filter=0",
      "net.ipv4.conf.default.rp_filter=0",
    ]);
    await namespace.configure(["link set lo up"]);
    return namespace;
  }

  /** Remembers a process, so that it does not outlive the lab. */
  track(process: LiveProcess): LiveProcess {
    this.#processes.push(process);
    return process;
  }

  /** Ends all processes, removes all namespaces and the folder. May be called twice. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#processes.map((child) => child.stop()));
    this.#removeAll();
    process.off("exit", this.#atExit);
  }

  #removeAll(): void {
    // First those that are on their way into a namespace, and not seen there yet.
    for (const child of this.#processes) child.signal("SIGKILL");
    for (const { name } of this.#namespaces.splice(0)) endByForce(name);
    rmSync(this.folder, { recursive: true, force: true });
  }
}
