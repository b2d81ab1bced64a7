/**
 * Debian's scanlogd: it tells scans and does nothing about them.
 *
 * Debian's reads every TCP packet of the machine from a raw socket, one read() each.
 */
import { join } from "node:path";
import type { Contestant } from "./contestant.ts";
import { hasRawTcpSocket, PeerMachine, pidsNamed, rawDrops, readCalls } from "./peer-machine.ts";

export const SCANLOGD: Contestant = {
  id: "scanlogd",
  title: "scanlogd",
  setting: "Debian's `scanlogd`, which only tells",
  version: async ({ peers }) => peers?.versions.get("scanlogd"),
  async start(lab, { target, pid }, { peers }) {
    const machine = await PeerMachine.prepare(lab, target.namespace);
    const program = join(peers?.folder ?? "", "usr/sbin/scanlogd");
    // It says nothing when it is ready.
    const { startMs } = await machine.start([program], () => hasRawTcpSocket(pid));
    const pids = () => pidsNamed("scanlogd", pid);
    return {
      startMs,
      pids,
      packets: async () => readCalls(pids()),
      missed: () => rawDrops(pid),
      writtenBytes: () => machine.writtenBytes(),
    };
  },
};
