/**
 * Starts the guard as a child of this process, which is root: the way where no systemd does it.
 *
 * It inherits its sockets, and gives up root by itself before it reads anything. What it prints
 * comes through us: whoever takes it over must not hold root's terminal.
 */
import { spawn } from "node:child_process";
import type { Socket } from "node:net";
import { fileURLToPath } from "node:url";
import type { GuardEnd, StartGuard } from "./guard-child.ts";
import type { UnprivilegedUser } from "./privileges.ts";

/** Descriptors of the guard: 0 to 2 the standard ones, 3 the channel, then its sockets. */
const FIRST_HANDED_FD = 4;

/** What the guard's process is told of ours, and no more. */
const ENVIRONMENT = {
  PATH: "/usr/bin:/bin",
  // Where it is not set, the machine's own zone holds; "" would be UTC.
  TZ: process.env["TZ"],
  NODE_NO_WARNINGS: "1",
  // It loads the files that we have loaded; without root it can write nothing there.
  NODE_COMPILE_CACHE: process.env["NODE_COMPILE_CACHE"],
};

/** @param user who it becomes. */
export function spawnedGuard(user: UnprivilegedUser): StartGuard {
  return (sockets, onOutput) => {
    const file = import.meta.url.endsWith(".ts") ? "./guard-process.ts" : "./guard-process.js";
    const child = spawn(
      process.execPath,
      [
        "--max-semi-space-size=16",
        fileURLToPath(new URL(file, import.meta.url)),
        `${user.uid}`,
        `${user.gid}`,
        `${process.pid}`,
      ],
      {
        cwd: "/",
        // A session of its own: a terminal's Ctrl-C is ours to handle.
        detached: true,
        env: ENVIRONMENT,
        stdio: ["ignore", "pipe", "pipe", "pipe", ...sockets.map(({ fd }) => fd)],
      },
    );
    const ended = Promise.withResolvers<GuardEnd>();
    child.on("exit", (code, signal) => {
      ended.resolve({ how: signal ?? `exit ${code}`, exitStatus: code ?? undefined });
    });
    // Not started: "error" says why, and there is no "exit". A signal that fails says the same.
    child.on("error", (error) => {
      if (child.pid === undefined) ended.resolve({ how: error.message, exitStatus: undefined });
    });
    for (const output of [child.stdout, child.stderr]) {
      output?.setEncoding("utf8").on("data", onOutput);
    }
    const handed = sockets.map((socket, index) => ({ ...socket, fd: FIRST_HANDED_FD + index }));
    return {
      link:
        child.pid === undefined
          ? undefined
          : { channel: child.stdio[3] as Socket, sockets: handed },
      kill: () => void child.kill("SIGKILL"),
      ended: ended.promise,
    };
  };
}
