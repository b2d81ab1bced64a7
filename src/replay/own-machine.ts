/**
 * The machine that a capture was made on, or for: its addresses, and what its sockets take.
 *
 * Both are said by whoever replays, or come from the first reading of the capture.
 */
import type { AddressWords } from "../net/address-words.ts";
import type { PortSet } from "../net/port-range.ts";
import type { PrefixSet } from "../net/prefix-set.ts";
import type { PacketHeader } from "../packet/packet-header.ts";
import { PROTOCOL_TCP } from "../packet/spec.ts";
import type { SocketKnowledge } from "./kernel-model.ts";
import { KeyTable, NOWHERE } from "./key-table.ts";
import type { PortHistory } from "./port-history.ts";

/** Ports that are open for the whole capture, on every address of ours. */
export interface OpenPorts {
  readonly tcp: PortSet;
  readonly udp: PortSet;
}

/** Answers whether an address is ours; the last answer is remembered, because packets come in runs. */
export class OwnAddresses {
  readonly #prefixes: PrefixSet<unknown> | undefined;
  readonly #addresses: KeyTable;

  /** @param prefixes as said; undefined: `addresses`, each of them, are ours. */
  constructor(prefixes: PrefixSet<unknown> | undefined, addresses: readonly AddressWords[] = []) {
    this.#prefixes = prefixes;
    this.#addresses = new KeyTable(Math.max(1, addresses.length));
    for (const words of addresses) {
      if (this.#addresses.find(words, 0) === NOWHERE) this.#addresses.insert(words, 0);
    }
  }

  has(words: AddressWords): boolean {
    if (this.#prefixes !== undefined) return this.#prefixes.coveringWords(words) !== undefined;
    return this.#addresses.find(words, 0) !== NOWHERE;
  }
}

/** Sockets as far as a capture shows them. */
export class CaptureSockets implements SocketKnowledge {
  readonly #said: OpenPorts | undefined;
  readonly #learned: PortHistory;
  /** Wall time of the packet at hand; the model has monotonic time only. */
  packetAtEpochMs = 0;

  /** @param said when given, nothing else is open. */
  constructor(said: OpenPorts | undefined, learned: PortHistory) {
    this.#said = said;
    this.#learned = learned;
  }

  hasSocket({ destination, destinationPort, protocol }: PacketHeader): boolean {
    if (this.#said !== undefined) {
      return this.#said[protocol === PROTOCOL_TCP ? "tcp" : "udp"].has(destinationPort);
    }
    return this.#learned.isOpen(destination, protocol, destinationPort, this.packetAtEpochMs);
  }
}
