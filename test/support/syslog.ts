/**
 * A system log of a test's own: /dev/log for whoever is started behind {@link Syslog.prefix}.
 *
 * The machine's /dev/log is never touched: the command gets a /dev of its own in a mount namespace,
 * with the few devices that a program needs and a link to the log of the test.
 */
import { join } from "node:path";
import type { LiveProcess } from "./live-process.ts";
import type { Lab, Namespace } from "./namespaces.ts";
import { NODE } from "./programs.ts";
import { waitFor } from "./wait-for.ts";

/** Lines that may wait for the log: Linux takes 10 where nobody has said more. */
const WAITING_LINES = 512;

/** A mount namespace that util-linux makes is private: nothing of this is seen outside. */
const SCRIPT = `mount -t tmpfs none /mnt &&
  for device in null zero full random urandom tty; do
    : > "/mnt/$device" && mount --bind "/dev/$device" "/mnt/$device" || exit 1
  done &&
  ln -s /proc/self/fd /mnt/fd && ln -s "$1" /mnt/log && mount --rbind /mnt /dev && shift &&
  exec "$@"`;

export interface SyslogLine {
  /** "29": facility and severity, RFC 3164 section 4.1.1. */
  readonly priority: string;
  /** "portsentry[412]". */
  readonly tag: string;
  readonly text: string;
}

const LINE = /^<(\d+)>[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d ([^:]+): (.*)$/;

export class Syslog {
  /** Words before a command whose lines are to come here. */
  readonly prefix: readonly string[];
  readonly #process: LiveProcess;

  private constructor(path: string, process: LiveProcess) {
    this.prefix = ["unshare", "--mount", "sh", "-c", SCRIPT, "sh", path];
    this.#process = process;
  }

  static async start(lab: Lab, namespace: Namespace): Promise<Syslog> {
    await namespace.set([`net.unix.max_dgram_qlen=${WAITING_LINES}`]);
    const path = join(lab.folder, "log");
    const program = join(import.meta.dirname, "syslog-child.ts");
    const process = namespace.spawn(NODE, [program, path]);
    await waitFor(
      () => `the log to listen; its output:\\n${process.output}`,
      60_000,
      () => process.lines.includes("listening"),
    );
    return new Syslog(path, process);
  }

  /** Every line so far. @throws {Error} when one is in no form that a log knows. */
  get lines(): SyslogLine[] {
    return this.#process.lines.slice(1).map((line) => {
      const [whole, priority = "", tag = "", text = ""] = LINE.exec(line) ?? [];
      if (whole === undefined) throw new Error(`no line of a log: ${line}`);
      return { priority, tag, text };
    });
  }

  get texts(): string[] {
    return this.lines.map(({ text }) => text);
  }

  /** Everything so far as it came, for lines that end in a line feed of their own. */
  get output(): string {
    return this.#process.output;
  }
}
