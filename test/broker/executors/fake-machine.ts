/**
 * A machine with routes and one iptables chain that our command lines change, for tests of what
 * runs them. Any other line ends as the test has said, or is not found.
 */
import type { CommandOutcome, RunCommand } from "../../../src/broker/executors/command-runner.ts";
import type { LegacySettings } from "../../../src/broker/executors/responses.ts";
import type { RouteTables } from "../../../src/broker/executors/route-check.ts";

/** How the seed's file blocks with iptables. */
export const SEED_RUN_CMD =
  "/sbin/iptables -I INPUT -s $TARGET$ -j DROP && /sbin/iptables -I INPUT -s $TARGET$ " +
  "-m limit --limit 3/minute --limit-burst 5 -j LOG --log-level debug " +
  "--log-prefix 'Portsentry: dropping: '";
export const SEED_ROUTE = "/sbin/route add -host $TARGET$ reject";
const SEED_LINE = "ALL: $TARGET$ : DENY";

/** The three of the seed's file, with the usual bounds. */
export function seedSettings(hostsDenyPath: string): LegacySettings {
  return {
    killHostsDeny: SEED_LINE,
    killRoute: SEED_ROUTE,
    killRunCmd: SEED_RUN_CMD,
    killRunCmdFirst: false,
    unkillRoute: undefined,
    unkillRunCmd: undefined,
    hookTimeoutMs: 10_000,
    hookQueue: 1000,
    hostsDenyPath,
  };
}

export class FakeMachine {
  /** Every line that was run, checks included. */
  readonly lines: string[] = [];
  /** Destinations of reject routes; a list, because a test may want one twice. */
  readonly routes: string[] = [];
  /** Rules without their chain, the first first. */
  readonly rules: string[] = [];
  /** Status of other lines. */
  readonly statusOf = new Map<string, number>();
  /** Commands that say that all is well, and do nothing. */
  readonly idle = new Set<string>();
  /** Commands whose time runs out. */
  readonly slow = new Set<string>();
  /** Awaited before each line. */
  before: (text: string) => Promise<void> = async () => {};

  /** What was run to change something. */
  get acts(): string[] {
    return this.lines.filter((line) => !/ -[CS] /.test(line));
  }

  readonly run: RunCommand = async (text) => {
    await this.before(text);
    this.lines.push(text);
    if (this.slow.has(text)) {
      return { status: "timed-out", afterMs: 10_000, output: { stdout: "", stderr: "" } };
    }
    let status = 0;
    let stdout = "";
    for (const [, separator = "", command = ""] of text.matchAll(
      /(; | && |^)(.+?)(?=; | && |$)/g,
    )) {
      if (separator === " && " && status !== 0) continue;
      const result = this.#execute(command);
      status = result.status;
      stdout += result.stdout;
    }
    return ended(status, stdout);
  };

  readonly readRoutes = async (): Promise<RouteTables> => {
    const hex = (part: string) => Number(part).toString(16).toUpperCase().padStart(2, "0");
    const lines = this.routes.map((destination) => {
      const address = destination.split(".").reverse().map(hex).join("");
      return `*\t${address}\t00000000\t0205\t0\t0\t0\tFFFFFFFF\t0\t0\t0`;
    });
    return { 4: `Iface\tDestination\n${lines.join("\n")}\n`, 6: "" };
  };

  #execute(command: string): { status: number; stdout: string } {
    const done = (status: number, stdout = "") => ({ status, stdout });
    if (this.idle.has(command)) return done(0);
    const given = this.statusOf.get(command);
    if (given !== undefined) return done(given);
    const [, verb, destination = ""] =
      /^\/sbin\/route (add|del) -host (\S+) reject$/.exec(command) ?? [];
    if (verb !== undefined) return done(change(this.routes, verb === "add", destination, true));
    const [, act, spec = ""] = /^\/sbin\/iptables -([IDCS]) INPUT ?(.*)$/.exec(command) ?? [];
    switch (act) {
      case "I":
      case "D":
        return done(change(this.rules, act === "I", spec, false));
      case "C":
        return done(this.rules.includes(spec) ? 0 : 1);
      case "S":
        return done(0, this.rules.map((rule) => `${listed(rule)}\n`).join(""));
      default:
        return done(127);
    }
  }
}

function ended(exitStatus: number, stdout: string): CommandOutcome {
  return { status: "ended", exitStatus, output: { stdout, stderr: "" } };
}

/** @returns the program's status. */
function change(list: string[], isAdding: boolean, what: string, isOnce: boolean): number {
  const at = list.indexOf(what);
  if (isAdding) {
    if (isOnce && at >= 0) return 7;
    list.unshift(what);
    return 0;
  }
  if (at < 0) return 1;
  list.splice(at, 1);
  return 0;
}

/** iptables 1.8 lists a rule in words of its own. */
function listed(rule: string): string {
  return `-A INPUT ${rule}`
    .replace(/-s (\S+)/, "-s $1/32")
    .replace("3/minute --limit-burst 5", "3/min")
    .replace(
      "--log-level debug --log-prefix 'Portsentry: dropping: '",
      '--log-prefix "P" --log-level 7',
    );
}
