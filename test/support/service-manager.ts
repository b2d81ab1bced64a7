/**
 * Stands for systemd where a test listens to what a service tells it: the socket of NOTIFY_SOCKET,
 * and every message that has come, in order.
 */
import { bind, close, recv, socket } from "../../src/kernel/libc.ts";
import { AF_UNIX, MSG_DONTWAIT, SOCK_DGRAM } from "../../src/kernel/spec.ts";
import { encodeUnixAddress } from "../../src/kernel/unix-address.ts";
import { waitFor } from "./wait-for.ts";

export class ServiceManager implements Disposable {
  /** Words that start a program as one of its services. */
  readonly prefix: readonly string[];
  readonly #fd: number;
  readonly #messages: string[] = [];

  /** @param path of its socket, which must not exist. */
  constructor(path: string) {
    this.prefix = ["env", `NOTIFY_SOCKET=${path}`];
    this.#fd = socket(AF_UNIX, SOCK_DGRAM, 0);
    const address = encodeUnixAddress(path);
    if (address === undefined || bind(this.#fd, address) < 0) throw new Error(`no socket ${path}`);
  }

  /** All so far. */
  messages(): readonly string[] {
    const into = Buffer.alloc(4096);
    for (;;) {
      const bytes = recv(this.#fd, into, MSG_DONTWAIT);
      if (bytes < 0) return this.#messages;
      this.#messages.push(into.toString("utf8", 0, bytes));
    }
  }

  /** Waits until a message with this assignment has come after the first `from` of them. */
  async heard(assignment: string, from = 0): Promise<void> {
    const missing = () => `${assignment}; heard:\n${this.messages().join("\n--\n")}`;
    await waitFor(missing, 30_000, () =>
      this.messages()
        .slice(from)
        .some((message) => message.split("\n").includes(assignment)),
    );
  }

  [Symbol.dispose](): void {
    close(this.#fd);
  }
}
