/**
 * A PortSentry 2.x that whoever runs the benchmark has built: PORTSENTRY2 is the path of its program.
 *
 * Nobody packages it for Debian. It captures by libpcap, from shared memory, so what it was given
 * cannot be counted from outside.
 */
import { execFileSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Contestant } from "./contestant.ts";
import { PeerMachine, pidsNamed } from "./peer-machine.ts";

const { PORTSENTRY2 } = process.env;

/** The ports of its example configuration. */
const PORTS =
  "1,7,9,11,13,15,17,19,20,21,70,79,111,113,119,389,512-515,540,543-544,873,989,990,992,1080";

const configurationIn = (folder: string) => `TCP_PORTS="${PORTS}"
HISTORY_FILE="${folder}/history"
BLOCKED_FILE="${folder}/blocked"
RESOLVE_HOST="0"
BLOCK_TCP="1"
KILL_ROUTE="/usr/sbin/iptables -I INPUT -s $TARGET$ -j DROP"
SCAN_TRIGGER="0"
`;

export const PORTSENTRY_2: Contestant = {
  id: "portsentry-2",
  title: "PortSentry 2",
  setting: "`portsentry --stealth -m pcap` of PORTSENTRY2, BLOCK_TCP=1 with an iptables rule",
  convictsAfter: 1,
  async version() {
    if (PORTSENTRY2 === undefined) return undefined;
    const [first = ""] = execFileSync(PORTSENTRY2, ["-V"], { encoding: "utf8" }).split("\n");
    return first.replace(/^Portsentry /, "");
  },
  async start(lab, { target, pid }) {
    const machine = await PeerMachine.prepare(lab, target.namespace);
    const folder = join(machine.etc, "portsentry");
    const file = join(folder, "portsentry.conf");
    await writeFile(file, configurationIn(folder));
    const words = [
      "--stealth",
      "-m",
      "pcap",
      "-l",
      "syslog",
      "-c",
      "/etc/portsentry/portsentry.conf",
    ];
    const { startMs, child } = await machine.start([PORTSENTRY2 ?? "", ...words], (started) =>
      (started.output + machine.log).includes("now active and listening"),
    );
    const name = (PORTSENTRY2 ?? "").split("/").at(-1) ?? "";
    const pids = () => [...new Set([child.pid, ...pidsNamed(name, pid)])];
    return {
      startMs,
      pids,
      packets: async () => undefined,
      writtenBytes: () => machine.writtenBytes(),
      shutOut: () => machine.shutOut(),
      shutOutCount: async () => (await machine.shutOut()).sources,
    };
  },
};
