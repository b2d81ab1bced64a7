/**
 * The `portsentry` command under test: its daemons, each found again by its pid file, in folders of
 * their own below the lab's.
 *
 * The lab ends what is left in the namespace, so a test that fails leaves no daemon behind.
 */
import { readFileSync } from "node:fs";
import { chmod, mkdtemp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { StatusView } from "../../src/api/contract.ts";
import { askApi } from "./api.ts";
import type { Ended, LiveProcess } from "./live-process.ts";
import type { Lab, Namespace } from "./namespaces.ts";
import { PROJECT, VEDETTE } from "./programs.ts";
import { waitFor } from "./wait-for.ts";

const PORTSENTRY = join(PROJECT, "bin/portsentry");

export class Portsentry {
  readonly folder: string;
  readonly namespace: Namespace;

  /** Words before each command. */
  readonly #prefix: readonly string[];
  /** undefined: the command reads /etc/portsentry/portsentry.conf. */
  readonly #configPath: string | undefined;

  private constructor(
    folder: string,
    namespace: Namespace,
    prefix: readonly string[] = [],
    configPath?: string,
  ) {
    this.folder = folder;
    this.namespace = namespace;
    this.#prefix = prefix;
    this.#configPath = configPath;
  }

  /** For a machine's files that are there already, as `prefix` shows them to a command. */
  static async prepareWith(
    lab: Lab,
    namespace: Namespace,
    prefix: readonly string[],
  ): Promise<Portsentry> {
    const folder = await mkdtemp(join(lab.folder, "portsentry-"));
    await chmod(folder, 0o755);
    return new Portsentry(folder, namespace, prefix);
  }

  /** Folders and a configuration; nothing is started. @param config lines as KEY: value. */
  static async prepare(
    lab: Lab,
    namespace: Namespace,
    config: Readonly<Record<string, string>> = {},
  ): Promise<Portsentry> {
    const folder = await mkdtemp(join(lab.folder, "portsentry-"));
    await chmod(folder, 0o755);
    const configPath = join(folder, "portsentry.conf");
    const portsentry = new Portsentry(folder, namespace, [], configPath);
    await writeFile(join(folder, "portsentry.ignore"), "");
    await portsentry.configure(config);
    return portsentry;
  }

  /** Writes the configuration anew. */
  async configure(config: Readonly<Record<string, string>>): Promise<void> {
    const all = { IGNORE_FILE: join(this.folder, "portsentry.ignore"), ...config };
    const lines = Object.entries(all).map(([key, value]) => `${key}="${value}"\n`);
    await writeFile(this.configPath, lines.join(""));
  }

  get configPath(): string {
    return this.#configPath ?? "/etc/portsentry/portsentry.conf";
  }

  /** Starts the command and returns at once. */
  spawn(...words: readonly string[]): LiveProcess {
    const { folder } = this;
    const env = {
      VEDETTE_RUN_DIR: join(folder, "run"),
      VEDETTE_STATE_DIR: join(folder, "state"),
    };
    const file = this.#configPath === undefined ? [] : ["-c", this.#configPath];
    const [program = PORTSENTRY, ...args] = [...this.#prefix, PORTSENTRY, ...words, ...file];
    return this.namespace.spawn(program, args, { env });
  }

  /** Runs the command to its end: that of the caller's process, not of a daemon. */
  async run(...words: readonly string[]): Promise<Ended> {
    return this.spawn(...words).ended;
  }

  /** The daemon that was started by this word; undefined when it has left no pid. */
  pid(word: string): number | undefined {
    try {
      return Number(readFileSync(join(this.folder, "run", `portsentry${word}.pid`), "utf8"));
    } catch {
      return undefined;
    }
  }

  /** Sends a signal to that daemon and waits until it is gone. */
  async end(word: string, signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    const pid = this.pid(word);
    if (pid === undefined) throw new Error(`portsentry ${word} does not run`);
    process.kill(pid, signal);
    await waitFor(`the end of portsentry ${word}`, 30_000, () => !isRunning(pid));
  }

  async vedette(...words: readonly string[]): Promise<Ended> {
    const folders = ["--run", join(this.folder, "run"), "--state", join(this.folder, "state")];
    return this.namespace.exec(VEDETTE, [...folders, ...words], 60_000);
  }

  /** @throws {Error} when no guard answers; a guard that is absent does not count as one. */
  async status(): Promise<StatusView> {
    const answer = await askApi(join(this.folder, "run/api.sock"), "/v1/status");
    if (answer !== undefined) return answer as StatusView;
    const { status, stdout, stderr } = await this.vedette("status", "--json");
    if (status !== 0) throw new Error(stderr);
    return JSON.parse(stdout) as StatusView;
  }
}

/** A zombie, which nobody has waited for, does not. */
export function isRunning(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2)[0] !== "Z";
  } catch {
    return false;
  }
}
