/**
 * A machine of a private network as its command sees it: asks, and gets what became of it.
 *
 * The machine is a process in a network namespace without a name. Ending it, and everything else
 * that runs in there, is all that it takes to undo whatever was done.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { OperationalError } from "../../errors.ts";
import type {
  MachineAct,
  MachineActs,
  MachineMessage,
  MachineRequest,
  ProgramOutcome,
} from "./machine-protocol.ts";
import { killProcessesIn, processesIn } from "./network-processes.ts";

/** Longest that processes which were killed may take to be gone. Milliseconds. */
const END_MS = 3000;
const LOOK_MS = 10;

interface Waiting {
  readonly resolve: (told: unknown) => void;
  readonly reject: (error: OperationalError) => void;
}

/** What a machine tells unasked. */
export interface MachineListener {
  /** A line of the program that was started there. */
  readonly onLine: (text: string) => void;
  /** That program has ended. */
  readonly onEnd: (how: string) => void;
}

export class PrivateMachine {
  /** Its process, and the network that it lives in. */
  readonly pid: number;
  readonly network: string;
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;
  #listener: MachineListener | undefined;

  private constructor(child: ChildProcess, network: string) {
    this.#child = child;
    this.pid = child.pid as number;
    this.network = network;
    child.on("message", (message: MachineMessage) => this.#take(message));
    child.once("exit", (status, signal) => this.#lost(`${signal ?? `exit status ${status}`}`));
  }

  /**
   * Starts a machine in a new, empty network.
   * @param folder removed by the machine when this process ends without closing it; undefined: none.
   * @throws {OperationalError} ERR_PERMISSION or ERR_UNAVAILABLE when no network can be made.
   */
  static async open(folder?: string): Promise<PrivateMachine> {
    const file = import.meta.url.endsWith(".ts") ? "./machine-process.ts" : "./machine-process.js";
    const child = spawn(
      process.execPath,
      [fileURLToPath(new URL(file, import.meta.url)), ...(folder === undefined ? [] : [folder])],
      {
        cwd: "/",
        // A session of its own: Ctrl-C is for this process to handle.
        detached: true,
        env: environment(),
        stdio: ["ignore", "ignore", "inherit", "ipc"],
      },
    );
    const first = await new Promise<MachineMessage>((resolve, reject) => {
      child.once("message", resolve);
      child.once("error", reject);
      child.once("exit", () => {
        reject(new OperationalError("ERR_UNAVAILABLE", "a process of the private network died"));
      });
    });
    if (first.kind === "entered") return new PrivateMachine(child, first.network);
    child.disconnect();
    if (first.kind === "fault") throw new OperationalError(first.code, first.message);
    throw new Error(`a machine began with ${first.kind}`);
  }

  /** Who is told what the started program says; there is one. */
  listen(listener: MachineListener): void {
    this.#listener = listener;
  }

  /** @throws {OperationalError} what the act throws; ERR_UNAVAILABLE when the machine is gone. */
  ask<Act extends MachineAct>(
    act: Act,
    asked: MachineActs[Act]["asked"],
  ): Promise<MachineActs[Act]["told"]> {
    const request: MachineRequest<Act> = { id: ++this.#lastId, act, asked };
    return new Promise((resolve, reject) => {
      if (!this.#child.connected) {
        reject(goneBecause("it was ended"));
        return;
      }
      // The process answers an act with what is told of this act.
      const settle = resolve as (told: unknown) => void;
      this.#waiting.set(request.id, { resolve: settle, reject });
      this.#child.send(request);
    });
  }

  /**
   * Runs a program that must succeed.
   * @param hint follows "the program NAME is missing".
   * @throws {OperationalError} ERR_UNAVAILABLE with its words.
   */
  async run(command: string, args: readonly string[], hint = ""): Promise<ProgramOutcome> {
    const ended = await this.ask("run", { command, args, timeoutMs: 10_000 });
    if (ended.status === 0) return ended;
    const words = [command, ...args].join(" ");
    if (ended.isMissing) {
      throw new OperationalError("ERR_UNAVAILABLE", `the program ${command} is missing${hint}`);
    }
    const said = (ended.stderr || ended.stdout).trim() || `ended with ${ended.status}`;
    throw new OperationalError("ERR_UNAVAILABLE", `${words}: ${said}`);
  }

  /**
   * Ends the machine and everything in its network. May be called twice.
   * @returns how many processes have outlived it; 0 as it should be.
   */
  async close(): Promise<number> {
    for (let waited = 0; waited < END_MS; waited += LOOK_MS) {
      killProcessesIn(this.network);
      if (processesIn(this.network).length === 0) return 0;
      await pause(LOOK_MS);
    }
    return processesIn(this.network).length;
  }

  #take(message: MachineMessage): void {
    switch (message.kind) {
      case "told":
        this.#settle(message.id)?.resolve(message.told);
        return;
      case "fault":
        this.#settle(message.id ?? 0)?.reject(new OperationalError(message.code, message.message));
        return;
      case "line":
        this.#listener?.onLine(message.text);
        return;
      case "ended":
        this.#listener?.onEnd(message.how);
        return;
      case "entered":
        return;
    }
  }

  #settle(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    return waiting;
  }

  #lost(how: string): void {
    for (const { reject } of this.#waiting.values()) reject(goneBecause(how));
    this.#waiting.clear();
    this.#listener?.onEnd(`its machine is gone: ${how}`);
  }
}

function goneBecause(how: string): OperationalError {
  return new OperationalError(
    "ERR_UNAVAILABLE",
    `a machine of the private network is gone: ${how}`,
  );
}

/** Nothing of the caller's own guard, service manager or locale gets into the private network. */
function environment(): NodeJS.ProcessEnv {
  return {
    PATH: `${process.env["PATH"] ?? ""}:/usr/sbin:/usr/bin:/sbin:/bin`,
    LC_ALL: "C",
    NODE_NO_WARNINGS: "1",
    VEDETTE_COMMAND: "vedette",
  };
}
