/**
 * The command under test, guarding a namespace with folders and a configuration of its own.
 *
 * It logs JSON lines, which are the events that tests wait for; what a person would see is asked
 * for through the same commands that a person has. Everything lies below the lab's folder, so that
 * a restart finds the journal and nothing of the machine is read.
 */
import { readFileSync } from "node:fs";
import { chmod, mkdtemp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { BanView, ReloadView, StatusView } from "../../src/api/contract.ts";
import { askApi } from "./api.ts";
import type { Ended, LiveProcess } from "./live-process.ts";
import type { Lab, Namespace } from "./namespaces.ts";
import { VEDETTE } from "./programs.ts";
import { waitFor } from "./wait-for.ts";

/** Longest that a guard may take to stand. Milliseconds. */
const READY_MS = 60_000;

export interface GuardEvent {
  readonly time: string;
  readonly level: string;
  readonly event: string;
  readonly text: string;
  readonly [field: string]: string | number | boolean;
}

export interface GuardOptions {
  /** Lines of the configuration file as KEY: value. LOG_FORMAT and IGNORE_FILE are set already. */
  readonly config?: Readonly<Record<string, string>>;
  /** Arguments after `guard`. */
  readonly args?: readonly string[];
  /** Lines of the ignore file. */
  readonly ignore?: readonly string[];
  /** Words that go before the command: a program that starts it under other circumstances. */
  readonly prefix?: readonly string[];
  /** The command under test. Default: the checkout's own. */
  readonly program?: string;
  /** A guard that ran before: its folders, and so its journal, are used again. */
  readonly after?: Guard;
}

/** The two halves: `broker` is the process that was started, `guard` its unprivileged child. */
export type Half = "broker" | "guard";

/** What /proc says of a process; undefined when it is no more, or a zombie. */
function readProcess(pid: number): { parent: number; isZombie: boolean } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const [state, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return { parent: Number(parent), isZombie: state === "Z" };
  } catch {
    // It has ended.
    return undefined;
  }
}

export class Guard {
  /** --run and --state folders, configuration and ignore file. */
  readonly folder: string;
  readonly namespace: Namespace;
  readonly process: LiveProcess;
  readonly #program: string;

  private constructor(folder: string, namespace: Namespace, process: LiveProcess, program: string) {
    this.folder = folder;
    this.namespace = namespace;
    this.process = process;
    this.#program = program;
  }

  /** Starts a guard and returns at once, ready or not. */
  static async launch(lab: Lab, namespace: Namespace, options: GuardOptions = {}): Promise<Guard> {
    const folder = options.after?.folder ?? (await mkdtemp(join(lab.folder, "guard-")));
    // Also a guard that was started by somebody else than root has its folders here.
    // With the sticky bit, as /tmp: a guard takes no configuration from where others can replace it.
    await chmod(folder, 0o1777);
    const config = {
      LOG_FORMAT: "json",
      IGNORE_FILE: join(folder, "vedette.ignore"),
      ...options.config,
    };
    const lines = Object.entries(config).map(([key, value]) => `${key}="${value}"\n`);
    await writeFile(join(folder, "vedette.conf"), lines.join(""));
    await writeFile(join(folder, "vedette.ignore"), `${(options.ignore ?? []).join("\n")}\n`);
    const program = options.program ?? VEDETTE;
    const [first = program, ...words] = [
      ...(options.prefix ?? []),
      ...[program, "guard", "-c", join(folder, "vedette.conf")],
      ...["--run", join(folder, "run"), "--state", join(folder, "state")],
      ...(options.args ?? []),
    ];
    const process = namespace.spawn(first, words);
    return new Guard(folder, namespace, process, program);
  }

  /**
   * Starts a guard. @returns when it says that it is ready. @throws {Error} with its output if not.
   */
  static async start(lab: Lab, namespace: Namespace, options: GuardOptions = {}): Promise<Guard> {
    const guard = await Guard.launch(lab, namespace, options);
    await guard.ready();
    return guard;
  }

  /** Resolves when the guard has said that it is ready. */
  async ready(): Promise<void> {
    await waitFor(
      () => `the guard's line that ends in "ready"; its output:\n${this.process.output}`,
      READY_MS,
      () => {
        if (this.process.isOver) throw new Error(`the guard ended:\n${this.process.output}`);
        return (
          this.process.lines.some((line) => line.endsWith(" ready")) ||
          this.events().some(({ text }) => text.endsWith(" ready"))
        );
      },
    );
  }

  /** All events so far, or those of one name. */
  events(name?: string): GuardEvent[] {
    return this.process.lines
      .filter((line) => line.startsWith("{"))
      .map((line) => JSON.parse(line) as GuardEvent)
      .filter(({ event }) => name === undefined || event === name);
  }

  /** Waits for an event. @returns the first that fits. */
  async event(
    name: string,
    fits: (event: GuardEvent) => boolean = () => true,
    timeoutMs = 30_000,
  ): Promise<GuardEvent> {
    const missing = () => `an event "${name}" of the guard; its output:\n${this.process.output}`;
    return waitFor(missing, timeoutMs, () => this.events(name).find(fits));
  }

  /** Runs one of the commands against this guard's folders, whatever its status. */
  async command(...args: readonly string[]): Promise<Ended> {
    const folders = ["--run", join(this.folder, "run"), "--state", join(this.folder, "state")];
    return this.namespace.exec(this.#program, [...folders, ...args], 60_000);
  }

  /** Runs a command that must succeed. @returns its output. */
  async ask(...args: readonly string[]): Promise<string> {
    const { status, stdout, stderr } = await this.command(...args);
    if (status === 0) return stdout;
    throw new Error(`vedette ${args.join(" ")}: ${status}\n${stdout}${stderr}`);
  }

  async bans(): Promise<BanView[]> {
    return (await this.#answer("/v1/bans", "bans")) as BanView[];
  }

  async status(): Promise<StatusView> {
    return (await this.#answer("/v1/status", "status")) as StatusView;
  }

  /** Waits until `status` names this problem; the broker's come to it a moment later. */
  async problem(code: string): Promise<StatusView["health"][number]> {
    return waitFor(`the problem ${code}`, 30_000, async () =>
      (await this.status()).health.find((each) => each.code === code),
    );
  }

  /** Has the configuration read again, as `vedette reload` does. */
  async reload(): Promise<ReloadView> {
    const view = await askApi(join(this.folder, "run/api.sock"), "/v1/reload", "POST");
    if (view === undefined) throw new Error(`no reload; output:\n${this.process.output}`);
    return view as ReloadView;
  }

  async #answer(path: string, command: string): Promise<unknown> {
    const answer = await askApi(join(this.folder, "run/api.sock"), path);
    return answer ?? JSON.parse(await this.ask(command, "--json"));
  }

  /** Waits until `bans` lists this address or prefix. */
  async banned(address: string, timeoutMs = 30_000): Promise<BanView> {
    return waitFor(`a ban of ${address}`, timeoutMs, async () =>
      (await this.bans()).find((ban) => ban.address === address),
    );
  }

  /** Waits until the kernel holds this address back: it is an element of a hold set. */
  async held(address: string, timeoutMs = 30_000): Promise<void> {
    await waitFor(`a hold of ${address}`, timeoutMs, async () =>
      (await this.elementsOf(address.includes(":") ? "held6" : "held4")).includes(address),
    );
  }

  /** Addresses in a set of the guard's table; none without the set. */
  async elementsOf(set: string): Promise<string[]> {
    const { status, stdout } = await this.namespace.exec("nft", [
      ...["-j", "list", "set", "inet", "vedette", set],
    ]);
    if (status !== 0) return [];
    const { nftables } = JSON.parse(stdout) as { nftables: { set?: { elem?: unknown[] } }[] };
    const elements = nftables.flatMap(({ set: found }) => found?.elem ?? []);
    return elements.map(formatElement);
  }

  /** Does the guard's table stand? */
  async hasTable(): Promise<boolean> {
    const { status } = await this.namespace.exec("nft", ["list", "table", "inet", "vedette"]);
    return status === 0;
  }

  /** @returns the process id of a half; undefined while there is none. */
  pid(half: Half): number | undefined {
    if (half === "broker") return readProcess(this.process.pid) && this.process.pid;
    const children = readFileSync(
      `/proc/${this.process.pid}/task/${this.process.pid}/children`,
      "utf8",
    );
    return children
      .split(" ")
      .map(Number)
      .find((pid) => pid > 0 && readProcess(pid)?.isZombie === false);
  }

  /** Kills one half at once. @returns its process id. */
  kill(half: Half): number {
    const pid = this.pid(half);
    if (pid === undefined) throw new Error(`there is no ${half} to kill`);
    process.kill(pid, "SIGKILL");
    return pid;
  }

  /** Resident memory of a half. Bytes. */
  residentBytes(half: Half): number {
    const status = readFileSync(`/proc/${this.pid(half)}/status`, "utf8");
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
  }

  /** Stops it as a service manager does. @returns how it ended. */
  async stop(): Promise<Ended> {
    return this.process.stop();
  }
}

/** An element as nft lists it: bare, with a prefix, or wrapped because it has a time-out. */
function formatElement(element: unknown): string {
  if (typeof element === "string") return element;
  const { elem, prefix } = element as {
    elem?: { val: unknown };
    prefix?: { addr: string; len: number };
  };
  if (elem) return formatElement(elem.val);
  return prefix ? `${prefix.addr}/${prefix.len}` : JSON.stringify(element);
}
