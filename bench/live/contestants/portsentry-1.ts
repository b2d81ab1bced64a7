/**
 * Debian's PortSentry 1.2 in its advanced TCP mode, which blocks by an iptables rule a source.
 *
 * It reads every TCP packet of the machine from a raw socket, one read() each. Debian ships it with
 * blocking off; on, as here, is how guides and its own documentation run it.
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Namespace } from "../../../test/support/namespaces.ts";
import type { Contestant } from "./contestant.ts";
import { PeerMachine, pidsNamed, rawDrops, readCalls } from "./peer-machine.ts";

/** Debian's own values, but for BLOCK_TCP and KILL_ROUTE. */
const configurationIn = (folder: string) => `ADVANCED_PORTS_TCP="1024"
ADVANCED_EXCLUDE_TCP="113,139"
IGNORE_FILE="/etc/portsentry/portsentry.ignore"
HISTORY_FILE="${folder}/history"
BLOCKED_FILE="${folder}/blocked"
RESOLVE_HOST = "0"
BLOCK_TCP="1"
KILL_ROUTE="/usr/sbin/iptables -I INPUT -s $TARGET$ -j DROP"
KILL_HOSTS_DENY="ALL: $TARGET$ : DENY"
SCAN_TRIGGER="0"
`;

/** Rules as its command makes them, of addresses that nobody has; iptables makes their chain. */
async function rulesOf(namespace: Namespace, bans: number): Promise<string> {
  await namespace.run("iptables", ["-P", "INPUT", "ACCEPT"]);
  const places = Array.from({ length: bans }, (_, place) => `20.0.${place >> 8}.${place & 255}`);
  return places
    .map((address) => `insert rule ip filter INPUT ip saddr ${address} counter drop\n`)
    .join("");
}

export const PORTSENTRY_1: Contestant = {
  id: "portsentry-1",
  title: "PortSentry 1.2",
  setting: "Debian's `portsentry -atcp`, BLOCK_TCP=1 with an iptables rule and hosts.deny",
  convictsAfter: 1,
  mostBans: 1000,
  async startWithBans(lab, machine, tools, bans) {
    const { namespace } = machine.target;
    await namespace.load(await rulesOf(namespace, bans));
    const running = await PORTSENTRY_1.start(lab, machine, tools);
    const iptables = async (...words: string[]): Promise<void> => {
      await namespace.run("iptables", words);
    };
    return {
      running,
      loadMs: running.startMs ?? 0,
      ban: (address) => iptables("-I", "INPUT", "-s", address, "-j", "DROP"),
      unban: (address) => iptables("-D", "INPUT", "-s", address, "-j", "DROP"),
      list: () => iptables("-S", "INPUT"),
    };
  },
  version: async ({ peers }) => peers?.versions.get("portsentry"),
  async start(lab, { target, pid }, { peers }) {
    const machine = await PeerMachine.prepare(lab, target.namespace);
    const folder = join(machine.etc, "portsentry");
    await writeFile(join(folder, "portsentry.conf"), configurationIn(folder));
    await writeFile(join(folder, "portsentry.ignore"), "");
    const program = join(peers?.folder ?? "", "usr/sbin/portsentry");
    const isReady = () => machine.log.includes("is now active and listening");
    const { startMs } = await machine.start([program, "-atcp"], isReady);
    const pids = () => pidsNamed("portsentry", pid);
    return {
      startMs,
      pids,
      packets: async () => readCalls(pids()),
      missed: () => rawDrops(pid),
      writtenBytes: () => machine.writtenBytes(),
      shutOut: () => machine.shutOut(),
      shutOutCount: async () => (await machine.shutOut()).sources,
    };
  },
};
