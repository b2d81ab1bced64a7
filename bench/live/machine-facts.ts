/** What a reader has to know of the machine to judge the numbers. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { cpus, loadavg, release, totalmem } from "node:os";
import type { MachineFacts } from "./results.ts";
import { iperf3Of, type Tools } from "./tools.ts";

/** @returns the first match of what the program says; some say their version and fail. */
function say(words: readonly string[], pattern: RegExp): string {
  const [program = "", ...args] = words;
  try {
    // wrk and nginx write theirs to standard error.
    const script = '"$@" 2>&1 || true';
    const output = execFileSync("sh", ["-c", script, "sh", program, ...args], { encoding: "utf8" });
    return pattern.exec(output)?.[1] ?? "unknown";
  } catch {
    return "unknown";
  }
}

function systemName(): string {
  try {
    return /^PRETTY_NAME="(.*)"$/m.exec(readFileSync("/etc/os-release", "utf8"))?.[1] ?? "Linux";
  } catch {
    // A system without that file has no name to tell.
    return "Linux";
  }
}

/** Average load of the last minute. */
export function loadNow(): number {
  return Math.round((loadavg()[0] ?? 0) * 100) / 100;
}

/** All but the load after the run. */
export function readMachineFacts(tools: Tools): Omit<MachineFacts, "loadAfter"> {
  const revision = say(
    ["git", "-C", import.meta.dirname, "describe", "--always", "--dirty=+"],
    /^([0-9a-f]{7,40}\+?)$/m,
  );
  return {
    startedAt: new Date().toISOString().replace(/\.\d+Z$/, "Z"),
    processor: cpus()[0]?.model ?? "unknown",
    processors: cpus().length,
    memoryBytes: totalmem(),
    kernel: release(),
    system: systemName(),
    ...(revision === "unknown" ? {} : { revision }),
    tools: {
      Node: process.version.slice(1),
      nginx: say(["nginx", "-v"], /nginx\/([\d.]+)/),
      wrk: say(["wrk", "-v"], /^wrk (\S+)/m),
      iperf3: say([...iperf3Of(tools), "-v"], /^iperf ([\d.]+)/m),
      nmap: say(["nmap", "-V"], /Nmap version ([\d.]+)/),
      masscan: say(["masscan", "-V"], /Masscan version ([\d.]+)/),
      hping3: say(["hping3", "-v"], /hping3 version ([\w.-]+)/),
      nftables: say(["nft", "-v"], /v([\d.]+)/),
      iptables: say(["iptables", "-V"], /v([\d.]+ .*)/),
    },
    loadBefore: loadNow(),
  };
}
