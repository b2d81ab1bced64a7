/**
 * What a peer finds where it runs: an /etc, /run and /dev of its own, and a log that we read.
 *
 * The peers have their paths compiled in, write to /etc/hosts.deny and log to /dev/log. All of these
 * lie in a mount namespace that ends with the peer, so the machine's own are neither read nor
 * written; its list of users is copied, and has the peer's own user besides.
 */
import { readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import { chmod, copyFile, cp, mkdir, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { LiveProcess } from "../../../test/support/live-process.ts";
import type { Lab, Namespace } from "../../../test/support/namespaces.ts";
import { Syslog } from "../../../test/support/syslog.ts";
import { waitFor } from "../../../test/support/wait-for.ts";
import { dropsOf } from "../raw-drops.ts";
import { POLL_MS, READY_MS } from "../tools.ts";
import type { ShutOut } from "./contestant.ts";
import { bytesBelow } from "./written.ts";

/** $1: the folder that becomes /etc. The line tells when the peer itself begins. */
const ENTER = `mount --bind "$1" /etc && mount -t tmpfs none /run && mkdir -p /run/scanlogd/empty &&
  shift && echo begins && exec "$@"`;

/** What programs of a Debian look for in /etc; alternatives leads to iptables. */
const COPIED = ["passwd", "group", "nsswitch.conf", "protocols", "services", "ld.so.cache"];

export class PeerMachine {
  /** Its /etc. */
  readonly etc: string;
  readonly #namespace: Namespace;
  readonly #log: Syslog;

  private constructor(etc: string, namespace: Namespace, log: Syslog) {
    this.etc = etc;
    this.#namespace = namespace;
    this.#log = log;
  }

  static async prepare(lab: Lab, namespace: Namespace): Promise<PeerMachine> {
    const etc = await mkdtemp(join(lab.folder, "etc-"));
    await chmod(etc, 0o755);
    for (const name of COPIED) {
      // A small machine lacks some of them, and then nobody needs them.
      await copyFile(join("/etc", name), join(etc, name)).catch(() => undefined);
    }
    await cp("/etc/alternatives", join(etc, "alternatives"), {
      recursive: true,
      verbatimSymlinks: true,
    }).catch(() => undefined);
    const users = await readFile(join(etc, "passwd"), "utf8");
    if (!users.includes("\nscanlogd:")) {
      await writeFile(
        join(etc, "passwd"),
        `${users}scanlogd:x:65533:65534::/nonexistent:/usr/sbin/nologin\n`,
      );
    }
    await mkdir(join(etc, "portsentry"));
    await writeFile(join(etc, "hosts.deny"), "");
    return new PeerMachine(etc, namespace, await Syslog.start(lab, namespace));
  }

  /** What it has logged so far. */
  get log(): string {
    return this.#log.output;
  }

  /** Bytes of its log and of its files in /etc. */
  writtenBytes(): number {
    const { size } = statSync(join(this.etc, "hosts.deny"));
    return Buffer.byteLength(this.log) + size + bytesBelow(join(this.etc, "portsentry"));
  }

  /** By the rules that its command has made, each for good. */
  async shutOut(): Promise<ShutOut> {
    const rules = await this.#namespace.run("iptables", ["-S", "INPUT"]);
    const sources = rules.split("\n").filter((rule) => rule.endsWith("-j DROP")).length;
    return { sources, forLong: sources };
  }

  /** Starts a peer. @returns its milliseconds from then until `isReady`. */
  async start(
    command: readonly string[],
    isReady: (child: LiveProcess) => boolean,
  ): Promise<{ readonly startMs: number; readonly child: LiveProcess }> {
    const [program = "", ...words] = this.#log.prefix;
    const child = this.#namespace.spawn(program, [
      ...words,
      ...["sh", "-c", ENTER, "sh", this.etc, ...command],
    ]);
    const what = () => `${command[0]} to be ready:\n${child.output}\n${this.log}`;
    while (!child.output.includes("begins") && !child.isOver) await child.changed();
    const startAtMs = performance.now();
    await waitFor(what, READY_MS, () => isReady(child), POLL_MS);
    return { startMs: performance.now() - startAtMs, child };
  }
}

/** Processes of this name in the network namespace of `pid`. */
export function pidsNamed(name: string, pid: number): number[] {
  const network = readlinkSync(`/proc/${pid}/ns/net`);
  return readdirSync("/proc")
    .map(Number)
    .filter((each) => {
      try {
        return (
          each > 0 &&
          readFileSync(`/proc/${each}/comm`, "utf8").trim() === name &&
          readlinkSync(`/proc/${each}/ns/net`) === network
        );
      } catch {
        // It has ended meanwhile.
        return false;
      }
    });
}

/** Does somebody in the network namespace of `pid` read TCP from a raw socket? */
export function hasRawTcpSocket(pid: number): boolean {
  return /^ *\d+: [0-9A-F]+:0006 /m.test(readFileSync(`/proc/${pid}/net/raw`, "utf8"));
}

/** TCP packets so far that raw sockets in the network namespace of `pid` had no room for. */
export function rawDrops(pid: number): number {
  return dropsOf(readFileSync(`/proc/${pid}/net/raw`, "utf8"));
}

/** Calls of read() so far: a peer with a raw socket makes one for each packet it is given. */
export function readCalls(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => {
    const text = readFileSync(`/proc/${pid}/io`, "utf8");
    return sum + Number(/^syscr: (\d+)$/m.exec(text)?.[1]);
  }, 0);
}
