/**
 * Who serves what to others, by the name of the process.
 *
 * Names and command lines are what any user can choose: they are told, and nothing is done by them.
 * Who is not root sees the ports, and the processes of his own alone.
 */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { isSystemError, OperationalError } from "../../errors.ts";
import { type Listener, SocketTable } from "../../kernel/sock-diag.ts";
import type { PortRange } from "../../net/port-range.ts";
import type { Reading, ServiceListener } from "./facts.ts";

/** A command line is told up to here. */
const MAX_COMMAND = 200;

/** The kernel's unit of time for processes: USER_HZ, which is 100 wherever Node runs. */
const TICKS_A_SECOND = 100;

/** @param ephemeral ports of UDP that belong to this machine's own questions. */
export function readListeners(ephemeral: PortRange): Reading<readonly ServiceListener[]> {
  const table = new SocketTable();
  try {
    table.open();
    const found = table.listening().filter((listener) => isReachable(listener, ephemeral));
    const owners = ownersOf(new Set(found.map(({ inode }) => inode)));
    const bootEpochMs = readBootEpochMs();
    return {
      status: "read",
      value: found.map(({ transport, address, port, inode }) => {
        const pid = owners.get(inode);
        return { transport, address, port, pid, ...describe(pid, bootEpochMs) };
      }),
    };
  } catch (error) {
    if (!(error instanceof OperationalError)) throw error;
    return { status: "unread", reason: error.message };
  } finally {
    table.close();
  }
}

function isReachable({ transport, address, port }: Listener, ephemeral: PortRange): boolean {
  const isLoopback = address === "::1" || address.startsWith("127.");
  const isOwnQuestion = transport === "udp" && port >= ephemeral.first && port <= ephemeral.last;
  return !isLoopback && !isOwnQuestion;
}

/** The first process that has each of these sockets. */
function ownersOf(inodes: ReadonlySet<number>): Map<number, number> {
  const owners = new Map<number, number>();
  for (const name of seen(() => readdirSync("/proc")) ?? []) {
    if (!/^\d+$/.test(name)) continue;
    for (const fd of seen(() => readdirSync(`/proc/${name}/fd`)) ?? []) {
      const link = seen(() => readlinkSync(`/proc/${name}/fd/${fd}`)) ?? "";
      const inode = Number(/^socket:\[(\d+)\]$/.exec(link)?.[1]);
      if (inodes.has(inode) && !owners.has(inode)) owners.set(inode, Number(name));
    }
  }
  return owners;
}

function describe(
  pid: number | undefined,
  bootEpochMs: number | undefined,
): Pick<ServiceListener, "program" | "command" | "sinceEpochMs"> {
  if (pid === undefined) return { program: undefined, command: "", sinceEpochMs: undefined };
  const read = (name: string) => seen(() => readFileSync(`/proc/${pid}/${name}`, "utf8"));
  const words = read("cmdline")?.split("\0").filter(Boolean) ?? [];
  // The name stands in brackets and may have any character; the 22nd field is when it began.
  const stat = read("stat") ?? "";
  const ticks = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19]);
  return {
    program: read("comm")?.trimEnd(),
    command: words.join(" ").slice(0, MAX_COMMAND),
    sinceEpochMs:
      bootEpochMs === undefined || !(ticks > 0)
        ? undefined
        : bootEpochMs + (ticks * 1000) / TICKS_A_SECOND,
  };
}

function readBootEpochMs(): number | undefined {
  const text = seen(() => readFileSync("/proc/stat", "utf8")) ?? "";
  const seconds = Number(/^btime (\d+)$/m.exec(text)?.[1]);
  return seconds > 0 ? seconds * 1000 : undefined;
}

/** @returns undefined for what has ended meanwhile, or is not ours to see. */
function seen<Value>(look: () => Value): Value | undefined {
  try {
    return look();
  } catch (error) {
    if (!isSystemError(error)) throw error;
    return undefined;
  }
}
