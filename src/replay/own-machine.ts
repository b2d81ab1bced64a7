/**
 * The machine that a capture was made on, or for: its addresses, and what its sockets take.
 *
 * Both are said by whoever replays, or come from the first reading of the capture.
 */
import type { AddressWords } from "../net/address-words.ts";
import type { PortSet } from "../net/port-range.ts";
import type { PrefixSet } from "../net/prefix-set.ts";
import type { PacketHeader } from "../packet/packet-header.ts";
import { PROTOCOL_TCP, TCP_ACK, TCP_RST, TCP_SYN } from "../packet/spec.ts";
import { ExchangeMemory } from "./exchange-memory.ts";
import type { SocketKnowledge } from "./kernel-model.ts";
import { KeyTable, NOWHERE } from "./key-table.ts";
import type { PortHistory } from "./port-history.ts";

const SYN_ACK = TCP_SYN | TCP_ACK;

/** Ports that are open for the whole capture, on every address of ours. */
export interface OpenPorts {
  readonly tcp: PortSet;
  readonly udp: PortSet;
}

/** Answers whether an address is ours. */
export class OwnAddresses {
  readonly #prefixes: PrefixSet<unknown> | undefined;
  readonly #addresses: KeyTable;
  /** The last one that was ours: packets come in runs. */
  readonly #last = new Uint32Array(4);
  #hasLast = false;

  /** @param prefixes as said; undefined: `addresses`, each of them, are ours. */
  constructor(prefixes: PrefixSet<unknown> | undefined, addresses: readonly AddressWords[] = []) {
    this.#prefixes = prefixes;
    this.#addresses = new KeyTable(Math.max(1, addresses.length));
    for (const words of addresses) {
      if (this.#addresses.find(words, 0) === NOWHERE) this.#addresses.insert(words, 0);
    }
  }

  has(words: AddressWords): boolean {
    const last = this.#last;
    const isLast =
      words[3] === last[3] && words[2] === last[2] && words[1] === last[1] && words[0] === last[0];
    if (isLast && this.#hasLast) return true;
    if (!this.#knows(words)) return false;
    for (let index = 0; index < 4; index += 1) last[index] = words[index] as number;
    this.#hasLast = true;
    return true;
  }

  #knows(words: AddressWords): boolean {
    if (this.#prefixes !== undefined) return this.#prefixes.coveringWords(words) !== undefined;
    return this.#addresses.find(words, 0) !== NOWHERE;
  }
}

/** How long (ms) a socket of ours is taken to wait for answers after it last sent. */
const UDP_WAITS_MS = 60_000;
const TCP_LASTS_MS = 600_000;

/**
 * Sockets as far as a capture shows them: ports that are open, and what has been sent from here.
 *
 * Our SYN+ACK is no connection yet: a guard that ran when the capture was made may have sent it as a
 * challenge.
 */
export class CaptureSockets implements SocketKnowledge {
  readonly #said: OpenPorts | undefined;
  readonly #learned: PortHistory;
  readonly #ours = new ExchangeMemory();
  #nowMs = 0;
  #packetAtEpochMs = 0;
  /** Of the packet at hand, which the kernel's model and others ask after in turn. */
  #answeredHeader: PacketHeader | undefined;
  #hasAnsweredSocket = false;
  #lastSentAtMs = Number.NEGATIVE_INFINITY;

  /** @param said when given, no other port is open. */
  constructor(said: OpenPorts | undefined, learned: PortHistory) {
    this.#said = said;
    this.#learned = learned;
  }

  /** To be told before each packet: monotonic time, and the packet's own. */
  setTime(nowMs: number, packetAtEpochMs: number): void {
    this.#nowMs = nowMs;
    this.#packetAtEpochMs = packetAtEpochMs;
    this.#answeredHeader = undefined;
  }

  /** Takes a packet that we sent. */
  observeOurs(header: PacketHeader): void {
    const flags = header.tcpFlags;
    const isAnswer = (flags & TCP_RST) !== 0 || (flags & SYN_ACK) === SYN_ACK;
    if (isAnswer) return;
    this.#ours.remember(header, 0, this.#nowMs);
    this.#lastSentAtMs = this.#nowMs;
  }

  hasSocket(header: PacketHeader): boolean {
    if (this.#answeredHeader !== header) {
      this.#hasAnsweredSocket = this.#findSocket(header);
      this.#answeredHeader = header;
    }
    return this.#hasAnsweredSocket;
  }

  #findSocket(header: PacketHeader): boolean {
    const { destination, destinationPort, protocol } = header;
    const isTcp = protocol === PROTOCOL_TCP;
    const isOpen =
      this.#said === undefined
        ? this.#learned.isOpen(destination, protocol, destinationPort, this.#packetAtEpochMs)
        : this.#said[isTcp ? "tcp" : "udp"].has(destinationPort);
    if (isOpen) return true;
    const withinMs = isTcp ? TCP_LASTS_MS : UDP_WAITS_MS;
    // Under a flood we send nothing, and every look-up costs.
    if (this.#nowMs - this.#lastSentAtMs > withinMs) return false;
    return this.#ours.recallOpposite(header, this.#nowMs, withinMs) !== undefined;
  }
}
