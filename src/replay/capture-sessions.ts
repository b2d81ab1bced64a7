/**
 * Who is, or lately was, connected to a service of the machine, as far as a capture shows it: what
 * the guard asks the kernel's socket table after (src/daemon/service-sessions.ts).
 *
 * A connection begins with the handshake's last segment and ends as the kernel forgets it: with a
 * reset or the second FIN at once, and a minute later where the machine has closed it first.
 * Connections that stood before the capture began are not known.
 *
 * Who writes the capture decides how many connections there are. They are bounded; beyond the bound
 * those without an end go that are older than an hour, and then new ones are not seen, which lets a
 * client of theirs look like one who is not connected.
 */
import type { AddressWords } from "../net/address-words.ts";
import { wordsOf } from "../net/address-words.ts";
import { firstAddressOf, type Prefix } from "../net/prefix.ts";
import type { SourceKeys } from "../net/source-keys.ts";
import type { PacketHeader } from "../packet/packet-header.ts";
import { TCP_FIN, TCP_RST } from "../packet/spec.ts";
import { KeyTable, NOWHERE } from "./key-table.ts";

/** Connections that are known at once. */
const MAX_CONNECTIONS = 65_536;

/** Sources and services with a connection, those included that are over. */
const MAX_PAIRS = 65_536;

/** Services that are looked for when a source is asked after. */
const MAX_SERVICES = 1024;

/** How long (ms) the kernel keeps a connection that its machine has closed first: net/tcp.h. */
const TIME_WAIT_MS = 60_000;

/** From when on (ms) a connection may go that has no end in the capture. */
const FORGOTTEN_AFTER_MS = 3_600_000;

/** Times are monotonic milliseconds and never go back. */
export class CaptureSessions {
  readonly #keys: SourceKeys;
  /** By client and both ports. */
  readonly #connections = new KeyTable(MAX_CONNECTIONS);
  readonly #begunAtMs = new Float64Array(MAX_CONNECTIONS);
  /** By slot: whether the client has sent its FIN. */
  readonly #isHalfClosed = new Uint8Array(MAX_CONNECTIONS);
  /** By source and service. */
  readonly #pairs = new KeyTable(MAX_PAIRS);
  readonly #open = new Uint32Array(MAX_PAIRS);
  readonly #lingersUntilMs = new Float64Array(MAX_PAIRS);
  readonly #services = new Set<number>();
  readonly #key = new Uint32Array(4);
  #nowMs = 0;

  constructor(keys: SourceKeys) {
    this.#keys = keys;
  }

  /** Whether there is a connection whose end is still to come. */
  get hasOpen(): boolean {
    return this.#connections.size > 0;
  }

  /** To be told before each packet that is looked at. */
  setTime(nowMs: number): void {
    this.#nowMs = nowMs;
  }

  /** Takes the client's segment that completes a handshake with a service. */
  begin({ source, sourcePort, destinationPort }: PacketHeader): void {
    if (this.#connections.isFull) this.#forgetOld();
    const flow = placeOf(sourcePort, destinationPort);
    if (this.#connections.find(source, flow) !== NOWHERE) return;
    const pair = this.#pairOf(source, destinationPort);
    if (pair === NOWHERE) return;
    const slot = this.#connections.insert(source, flow);
    if (slot === NOWHERE) return;
    this.#begunAtMs[slot] = this.#nowMs;
    this.#isHalfClosed[slot] = 0;
    this.#open[pair] = (this.#open[pair] as number) + 1;
  }

  /** Takes a segment with FIN or RST; others are passed over. @param isOurs the machine sent it. */
  end(header: PacketHeader, isOurs: boolean): void {
    if ((header.tcpFlags & (TCP_FIN | TCP_RST)) === 0) return;
    const client = isOurs ? header.destination : header.source;
    const [clientPort, port] = isOurs
      ? [header.destinationPort, header.sourcePort]
      : [header.sourcePort, header.destinationPort];
    const slot = this.#connections.find(client, placeOf(clientPort, port));
    if (slot === NOWHERE) return;
    const isReset = (header.tcpFlags & TCP_RST) !== 0;
    if (!isReset && !isOurs) {
      this.#isHalfClosed[slot] = 1;
      return;
    }
    const isFirst = !isReset && this.#isHalfClosed[slot] === 0;
    this.#close(slot, isFirst ? this.#nowMs + TIME_WAIT_MS : this.#nowMs);
  }

  /** @returns the services to which the source has, or lately had, a connection, ascending. */
  portsOf(source: Prefix): number[] {
    const words = wordsOf(firstAddressOf(source));
    return [...this.#services]
      .filter((port) => {
        const pair = this.#pairs.find(words, port);
        if (pair === NOWHERE) return false;
        return (
          (this.#open[pair] as number) > 0 || (this.#lingersUntilMs[pair] as number) > this.#nowMs
        );
      })
      .sort((a, b) => a - b);
  }

  #close(slot: number, untilMs: number): void {
    const port = this.#connections.fifthAt(slot) & 0xffff;
    const pair = this.#pairOf(this.#connections.wordsAt(slot), port);
    this.#connections.remove(slot);
    this.#open[pair] = (this.#open[pair] as number) - 1;
    this.#lingersUntilMs[pair] = Math.max(this.#lingersUntilMs[pair] as number, untilMs);
  }

  #pairOf(client: AddressWords, port: number): number {
    this.#keys.keyOf(client, this.#key);
    const known = this.#pairs.find(this.#key, port);
    if (known !== NOWHERE) return known;
    if (!this.#services.has(port) && this.#services.size >= MAX_SERVICES) return NOWHERE;
    if (this.#pairs.isFull) this.#forgetIdle();
    const pair = this.#pairs.insert(this.#key, port);
    if (pair === NOWHERE) return NOWHERE;
    this.#services.add(port);
    this.#open[pair] = 0;
    this.#lingersUntilMs[pair] = 0;
    return pair;
  }

  #forgetOld(): void {
    this.#connections.each((slot) => {
      if (this.#nowMs - (this.#begunAtMs[slot] as number) > FORGOTTEN_AFTER_MS) {
        this.#close(slot, this.#nowMs);
      }
    });
  }

  #forgetIdle(): void {
    this.#pairs.each((pair) => {
      const isOver = (this.#lingersUntilMs[pair] as number) <= this.#nowMs;
      if (isOver && this.#open[pair] === 0) this.#pairs.remove(pair);
    });
  }
}

function placeOf(clientPort: number, port: number): number {
  return ((clientPort << 16) | port) >>> 0;
}
