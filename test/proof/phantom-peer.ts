/** A peer of a phantom, and what it gets: segments in, segments out, no kernel between. */
import type { Probe } from "../../src/model/probe.ts";
import { parseWords } from "../../src/net/address-words.ts";
import type { PortChoice } from "../../src/net/port-choice.ts";
import { decodePacket } from "../../src/packet/decode-packet.ts";
import { PacketHeader } from "../../src/packet/packet-header.ts";
import { encodeTcpSegment } from "../../src/packet/tcp-segment.ts";
import { Cookies } from "../../src/proof/cookie.ts";
import { Phantom } from "../../src/proof/phantom.ts";
import { type PhantomAnswer, PhantomScripts } from "../../src/proof/phantom-script.ts";

export const [FIN, SYN, RST, PSH, ACK] = [0x01, 0x02, 0x04, 0x08, 0x10] as const;

const words = (text: string) => parseWords(text) as Uint32Array;

/** What the peer sends; numbers count from its first one and from the phantom's. */
export interface Said {
  readonly flags: number;
  /** Distance from the peer's SYN. Default 1: its first byte. */
  readonly at?: number;
  /** Bytes of the phantom that it has, the SYN left out. Default 0. */
  readonly has?: number;
  readonly data?: string;
}

/** What the phantom sends, in the same terms. */
export interface Heard {
  readonly flags: number;
  readonly at: number;
  /** The number of the peer's that it expects next; counts as `at` in {@link Said}. */
  readonly takes: number;
  readonly window: number;
  readonly text: string;
}

export interface PeerOptions {
  readonly answer?: PhantomAnswer;
  readonly byPort?: PortChoice<PhantomAnswer>["byPort"];
  readonly banner?: string;
  readonly port?: number;
  readonly peer?: string;
  readonly phantom?: string;
  /** The peer's first number. */
  readonly first?: number;
  /** Default 10,000. */
  readonly perSecond?: number;
  readonly seed?: number;
  /** Whether the kernel takes what is sent. Default true. */
  readonly isTaken?: boolean;
}

/** The interface where all comes in. */
const UPLINK = 3;

/** A SYN as the sensor tells it, where the port is to look open. */
export function probeOf(header: PacketHeader, seenAtMs: number): Probe {
  return {
    ...{ source: header.source, destination: header.destination, transport: "tcp" },
    ...{ port: header.destinationPort, sourcePort: header.sourcePort, kind: "tcp-syn" },
    ...{ tcpFlags: header.tcpFlags, evidence: "claimed", sensor: "nflog", startedHold: false },
    ...{ hasIpOptions: false, isFragment: false, header, interfaceIndex: UPLINK },
    ...{ looksOpen: true, seenAtMs },
  };
}

export class Peer {
  readonly phantom: Phantom;
  nowMs = 0;
  /** Interfaces that packets were sent by. */
  readonly interfaces: number[] = [];
  /** The last packet that the phantom sent. */
  last = new PacketHeader();
  lastOptions: readonly number[] = [];
  readonly #memory = new Uint8Array(1280);
  readonly #sent: Uint8Array[] = [];
  readonly #options: Required<Pick<PeerOptions, "port" | "peer" | "phantom" | "first">>;
  #theirFirst = 0;

  constructor({ answer = "banner", byPort = new Map(), banner, ...rest }: PeerOptions = {}) {
    this.#options = {
      port: rest.port ?? 23,
      peer: rest.peer ?? "192.0.2.7",
      phantom: rest.phantom ?? "198.51.100.1",
      first: rest.first ?? 0x1000,
    };
    const sent = this.#sent;
    const interfaces = this.interfaces;
    const packet = new Uint8Array(1280);
    this.phantom = new Phantom(
      {
        perSecond: rest.perSecond ?? 10_000,
        scripts: new PhantomScripts({ otherwise: answer, byPort }, banner),
      },
      {
        packet,
        send: (bytes, _source, _destination, interfaceIndex) => {
          sent.push(packet.slice(0, bytes));
          interfaces.push(interfaceIndex);
          return rest.isTaken ?? true;
        },
      },
      new Cookies("phantom", Uint32Array.of(1, 2, 3, rest.seed ?? 4)),
    );
  }

  /** Sends a SYN. @returns what came back. */
  knock(
    options: Uint8Array = new Uint8Array(),
    flags: number = SYN,
    hasService = false,
  ): Heard | undefined {
    const { heard } = this.#exchange({ flags, at: 0 }, options, 0, hasService);
    if (heard !== undefined) this.#theirFirst = this.last.tcpSequence;
    return heard;
  }

  /** Sends a segment of a conversation, with ACK unless it is a bare RST. */
  say(said: Said, hasService = false): { heard: Heard | undefined; isProven: boolean } {
    const number = said.flags & ACK ? this.#theirFirst + 1 + (said.has ?? 0) : 0;
    return this.#exchange(said, new Uint8Array(), number, hasService);
  }

  /** As {@link say}, with an acknowledgement of its own choice. */
  sayNumber(number: number, said: Said): { heard: Heard | undefined; isProven: boolean } {
    return this.#exchange(said, new Uint8Array(), number, false);
  }

  get theirFirst(): number {
    return this.#theirFirst;
  }

  #exchange(said: Said, options: Uint8Array, acknowledgement: number, hasService: boolean) {
    const { peer, phantom, port, first } = this.#options;
    const bytes = encodeTcpSegment(
      {
        source: words(peer),
        destination: words(phantom),
        sourcePort: 40_000,
        destinationPort: port,
        sequence: (first + (said.at ?? 1)) >>> 0,
        acknowledgement: acknowledgement >>> 0,
        flags: said.flags,
        window: 64_240,
        options,
        payload: Buffer.from(said.data ?? ""),
      },
      this.#memory,
    );
    const header = new PacketHeader();
    decodePacket(this.#memory, 0, bytes, header);
    const isProven = this.#hand(header, hasService);
    return { heard: this.#hear(), isProven };
  }

  /** As the kernel's report is handed over: by what it is. */
  #hand(header: PacketHeader, hasService: boolean): boolean {
    if ((header.tcpFlags & (FIN | SYN | RST | ACK)) === SYN && !hasService) {
      this.phantom.answer(probeOf(header, this.nowMs));
      return false;
    }
    return this.phantom.judge(header, UPLINK, this.nowMs, hasService) === "proven";
  }

  /** What was sent since; more than one segment is a fault of the phantom. */
  #hear(): Heard | undefined {
    const [packet, ...more] = this.#sent.splice(0);
    if (more.length > 0) throw new Error(`${more.length + 1} segments for one`);
    if (packet === undefined) return undefined;
    const header = new PacketHeader();
    const outcome = decodePacket(packet, 0, packet.length, header);
    if (outcome !== "decoded") throw new Error(`sent what is ${outcome}`);
    this.last = header;
    const { tcpOptionsOffset: start, tcpOptionBytes } = header;
    this.lastOptions = [...packet.subarray(start, start + tcpOptionBytes)];
    const isFirst = (header.tcpFlags & SYN) !== 0;
    return {
      flags: header.tcpFlags,
      at: isFirst ? 0 : (header.tcpSequence - this.#theirFirst) >>> 0,
      takes: (header.tcpAcknowledgement - this.#options.first) >>> 0,
      window: header.tcpWindow,
      text: Buffer.from(packet.subarray(header.payloadOffset)).toString("latin1"),
    };
  }
}
