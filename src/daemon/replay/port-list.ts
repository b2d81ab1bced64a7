/**
 * The ports that one source touched, however many: a short list, then one bit a port.
 *
 * 8 KiB and no more for a source that touches many; whoever keeps many of these bounds their number.
 */
import { formatPorts } from "../../net/port-range.ts";

/** From so many on, bits are smaller. */
const LISTED = 64;

const WORDS = 65_536 / 32;

export class PortList {
  #listed: number[] | undefined = [];
  #bits: Uint32Array | undefined;

  add(port: number): void {
    const listed = this.#listed;
    if (listed !== undefined) {
      if (listed.includes(port)) return;
      if (listed.length < LISTED) {
        listed.push(port);
        return;
      }
      this.#bits = new Uint32Array(WORDS);
      for (const each of listed) this.#set(each);
      this.#listed = undefined;
    }
    this.#set(port);
  }

  /** @returns "20-25,80"; "" for none. */
  toString(): string {
    return formatPorts(this.#ports());
  }

  #set(port: number): void {
    const bits = this.#bits as Uint32Array;
    bits[port >>> 5] = (bits[port >>> 5] as number) | (1 << (port & 31));
  }

  *#ports(): Generator<number, undefined> {
    if (this.#listed !== undefined) {
      yield* this.#listed;
      return;
    }
    const bits = this.#bits as Uint32Array;
    for (let port = 0; port < 65_536; port += 1) {
      if ((((bits[port >>> 5] as number) >>> (port & 31)) & 1) === 1) yield port;
    }
  }
}
