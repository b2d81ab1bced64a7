/**
 * One machine of a private network: a process that moves into a network of its own and does there
 * what the command that started it asks.
 *
 * It ends when the command ends, however that came, takes every program in its network with it and
 * removes the folder that the command works in: a command that was killed leaves nothing behind.
 */
import { execFile, spawn } from "node:child_process";
import { rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import { createInterface } from "node:readline";
import { OperationalError } from "../../errors.ts";
import { close } from "../../kernel/libc.ts";
import { enterPrivateNetwork } from "../../kernel/network-namespace.ts";
import { openNflog } from "../../kernel/nflog.ts";
import { type Nftables, openNftables } from "../../kernel/nftables.ts";
import { openRawSocket } from "../../kernel/raw-socket.ts";
import { SNAP_BYTES } from "../../kernel/table-log.ts";
import type {
  ConnectOutcome,
  MachineAct,
  MachineActs,
  MachineMessage,
  MachineRequest,
  ProgramOutcome,
} from "./machine-protocol.ts";
import { killProcessesIn, networkOf } from "./network-processes.ts";

/** What a program may print in all. Bytes. */
const MAX_OUTPUT_BYTES = 1_048_576;

/** Does one kind of act. */
type Doers = {
  readonly [Act in MachineAct]: (
    asked: MachineActs[Act]["asked"],
  ) => MachineActs[Act]["told"] | Promise<MachineActs[Act]["told"]>;
};

let nftables: Nftables | undefined;

const DOERS: Doers = {
  run: ({ command, args, timeoutMs }) => runProgram(command, args, timeoutMs),
  start: ({ command, args }) => startProgram(command, args),
  serve: ({ port }) => servePort(port),
  connect: tryToConnect,
  nft: ({ commands }) => {
    nftables ??= openNftables();
    return nftables.runJson(commands);
  },
  nflog: ({ group }) => {
    close(openNflog({ group, snapBytes: SNAP_BYTES }));
    return null;
  },
  raw: ({ version }) => tryRawSocket(version),
};

function tell(message: MachineMessage): void {
  // A command that is gone is told nothing any more.
  if (process.connected) process.send?.(message);
}

function runProgram(
  command: string,
  args: readonly string[],
  timeoutMs: number,
): Promise<ProgramOutcome> {
  return new Promise((resolve) => {
    const options = { timeout: timeoutMs, maxBuffer: MAX_OUTPUT_BYTES, encoding: "utf8" } as const;
    const child = execFile(command, args, options, (error, stdout, stderr) => {
      const reason = child.pid === undefined ? (error?.message ?? "") : stderr;
      const isMissing = child.pid === undefined && error?.code === "ENOENT";
      resolve({ isMissing, status: child.exitCode, stdout, stderr: reason });
    });
  });
}

function startProgram(command: string, args: readonly string[]): number {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
  for (const output of [child.stdout, child.stderr]) {
    createInterface({ input: output }).on("line", (text) => tell({ kind: "line", text }));
  }
  child.once("error", ({ message }) => tell({ kind: "ended", how: message }));
  // When its last line has been read, too.
  child.once("close", (status, signal) => {
    tell({ kind: "ended", how: signal ?? `exit status ${status}` });
  });
  return child.pid ?? 0;
}

function servePort(port: number): Promise<null> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => {
      socket.on("error", () => socket.destroy());
      socket.end("served\n");
    });
    server.once("error", reject);
    server.listen(port, () => resolve(null));
  });
}

function tryToConnect({
  from,
  to,
  port,
  timeoutMs,
}: MachineActs["connect"]["asked"]): Promise<ConnectOutcome> {
  return new Promise((resolve) => {
    const socket = connect({ host: to, port, localAddress: from });
    const finish = (outcome: ConnectOutcome): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(outcome);
    };
    const timer = setTimeout(() => finish("silent"), timeoutMs);
    socket.once("connect", () => finish("open"));
    // Whatever else the stack says (no route, no neighbour) is no answer of the other end.
    socket.once("error", ({ code }: NodeJS.ErrnoException) => {
      finish(code === "ECONNREFUSED" ? "refused" : "silent");
    });
  });
}

function tryRawSocket(version: 4 | 6): string | null {
  const outcome = openRawSocket(version);
  if (outcome.status !== "open") return "reason" in outcome ? outcome.reason : outcome.status;
  close(outcome.fd);
  return null;
}

async function answer<Act extends MachineAct>({ id, act, asked }: MachineRequest<Act>) {
  try {
    tell({ kind: "told", id, told: await DOERS[act](asked) });
  } catch (error) {
    if (!(error instanceof OperationalError)) throw error;
    tell({ kind: "fault", id, code: error.code, message: error.message });
  }
}

/** What the command works in; removed when it ends without having done so. */
const [, , folder] = process.argv;
const before = networkOf("self");
const outcome = enterPrivateNetwork();
const network = networkOf("self");

process.once("disconnect", () => {
  if (network !== undefined && network !== before) killProcessesIn(network, process.pid);
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  process.exit();
});

if (outcome.status === "entered" && network !== undefined && network !== before) {
  process.on("message", (request: MachineRequest) => void answer(request));
  tell({ kind: "entered", network });
} else if (outcome.status === "forbidden") {
  tell({
    kind: "fault",
    id: undefined,
    code: "ERR_PERMISSION",
    message:
      "no network namespace can be made: this needs root with CAP_SYS_ADMIN, which containers lack",
  });
} else {
  const reason = outcome.status === "failed" ? outcome.reason : "/proc is not readable";
  tell({
    kind: "fault",
    id: undefined,
    code: "ERR_UNAVAILABLE",
    message: `no network namespace can be made (${reason}): the kernel needs CONFIG_NET_NS`,
  });
}
