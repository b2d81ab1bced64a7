/**
 * Who has asked for which transport: the `portsentry` that is the guard, and those that have joined.
 *
 * A transport has one watcher. Another one is refused by the name of the one that is there.
 */
import type { Configuration } from "../config/load.ts";
import type { ReloadOutcome } from "../model/reload.ts";
import type { Transport } from "../net/transport.ts";
import type { JoinAnswer, JoinRequest } from "./join-protocol.ts";

export interface WatchersParts {
  /** The configuration in force. */
  readonly configuration: () => Configuration;
  /** Changes a mode; fulfilled when it is in force or refused. */
  readonly setMode: (key: "TCP_MODE" | "UDP_MODE", text: string) => Promise<ReloadOutcome>;
  /** This process's. */
  readonly pid: number;
}

const MODE_KEYS = { tcp: "TCP_MODE", udp: "UDP_MODE" } as const;

export class Watchers {
  readonly #parts: WatchersParts;
  /** The pid of who has joined, by the transport that it asked for. */
  readonly #joined = new Map<Transport, number>();
  /** Until the transport is taken away again; never rejected. */
  readonly #leaving = new Map<Transport, Promise<unknown>>();

  constructor(parts: WatchersParts) {
    this.#parts = parts;
  }

  /** Never rejects. Who comes back while its transport is still taken away waits for that. */
  async join(request: JoinRequest, pid: number): Promise<JoinAnswer> {
    const { configuration, setMode, pid: own } = this.#parts;
    const { transport, mode, configPath } = request;
    await this.#leaving.get(transport);
    const { path, texts } = configuration();
    if (path !== configPath) {
      const message = `portsentry runs here by another file (pid ${own}, ${path}): stop it first, or name that file`;
      return { status: "refused", code: "ERR_ALREADY_RUNNING", message };
    }
    const key = MODE_KEYS[transport];
    if (texts[key] !== "" || this.#joined.has(transport)) {
      const watcher = this.#joined.get(transport) ?? own;
      const message = `portsentry watches ${transport.toUpperCase()} here already (pid ${watcher}, mode ${texts[key]}): stop it first`;
      return { status: "refused", code: "ERR_ALREADY_RUNNING", message };
    }
    // Before it is in force, so that nobody else gets in between.
    this.#joined.set(transport, pid);
    const outcome = await setMode(key, mode);
    if (outcome.faults.length === 0) return { status: "joined", pid: own };
    this.#joined.delete(transport);
    const code = outcome.status === "invalid" ? "ERR_CONFIG_INVALID" : "ERR_UNAVAILABLE";
    return { status: "refused", code, message: outcome.faults.join("\n") };
  }

  /** Takes the transport away again. */
  async leave(transport: Transport): Promise<void> {
    const left = this.#parts.setMode(MODE_KEYS[transport], "");
    this.#leaving.set(transport, left);
    await left;
    this.#leaving.delete(transport);
    this.#joined.delete(transport);
  }
}
