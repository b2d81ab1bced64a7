/**
 * Tells the service manager how this process is, in the form of sd_notify(3).
 *
 * One datagram a message to the Unix socket that NOTIFY_SOCKET names, by its path, or with an "@"
 * in front by its name in the abstract namespace. Never waits: a manager that is stuck must not
 * stop a sentry. What could not be sent is lost. Nothing throws.
 */
import { close, sendto, socket } from "./libc.ts";
import { AF_UNIX, MSG_DONTWAIT, MSG_NOSIGNAL, SOCK_DGRAM } from "./spec.ts";
import { encodeUnixAddress } from "./unix-address.ts";

export class NotifySocket {
  readonly #address: Uint8Array | undefined;

  /** @param name the value of NOTIFY_SOCKET; where it is no name of a socket nothing is sent. */
  constructor(name: string) {
    const address = encodeUnixAddress(name);
    if (address !== undefined && name.startsWith("@")) {
      // An abstract name begins with a zero and has none at its end.
      address[2] = 0;
      this.#address = address.subarray(0, -1);
    } else if (name.startsWith("/")) this.#address = address;
  }

  /** Sends assignments, one a line: "READY=1\nSTATUS=guarding". @returns whether it has left. */
  send(text: string): boolean {
    if (this.#address === undefined) return false;
    const fd = socket(AF_UNIX, SOCK_DGRAM, 0);
    if (fd < 0) return false;
    const message = Buffer.from(text);
    const sent = sendto(fd, message, this.#address, MSG_DONTWAIT | MSG_NOSIGNAL);
    close(fd);
    return sent === message.length;
  }
}
