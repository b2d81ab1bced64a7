/**
 * The fields of one packet's headers, filled again and again so that a flood allocates nothing.
 *
 * Valid until the next packet is decoded into it, and as far as {@link DecodeOutcome} says: after
 * "truncated" and "malformed" nothing here may be read. Everything is what the sender wrote, and
 * no checksum is verified. Offsets count in the array that was decoded.
 */
import type { AddressWords } from "../net/address-words.ts";
import type { Transport } from "../net/transport.ts";
import { UNKNOWN_END_OFFSET } from "./spec.ts";
import { digestOfTcpOptions, kindsOfTcpOptions } from "./tcp-options.ts";

const NO_BYTES = new Uint8Array(0);

/** One reusable set of fields. */
export class PacketHeader {
  version: 4 | 6 = 4;
  readonly source: AddressWords = new Uint32Array(4);
  readonly destination: AddressWords = new Uint32Array(4);
  /** Protocol number behind the IP header and all extension headers that were followed. */
  protocol = 0;
  /** "tcp" or "udp" iff the outcome is "decoded". */
  transport: Transport | undefined = undefined;

  /** 0 to 65535; both ports are valid iff the outcome is "decoded". */
  sourcePort = 0;
  destinationPort = 0;

  /** The octet of control bits, ECE and CWR included; 0 unless TCP. */
  tcpFlags = 0;
  /** 0 to 4294967295; 0 unless TCP. */
  tcpSequence = 0;
  /** 0 to 4294967295, whether or not the ACK flag is set; 0 unless TCP. */
  tcpAcknowledgement = 0;
  /** As sent, not scaled; 0 unless TCP. */
  tcpWindow = 0;
  /** Where the TCP options begin; valid iff `tcpOptionBytes` is above 0. */
  tcpOptionsOffset = 0;
  /** Bytes of TCP options that the array holds: 0 to 40, fewer than sent where it was cut. */
  tcpOptionBytes = 0;

  /** 0 to 255; undefined unless ICMP of the packet's own family, the outcome "other-protocol". */
  icmpType: number | undefined = undefined;

  /** 16 bits in IPv4; 32 bits in an IPv6 packet with a fragment header, else 0. */
  ipIdentification = 0;
  /** Time to live, or hop limit. */
  ttlHops = 0;
  /** IPv4 options, or IPv6 hop-by-hop options, destination options or a routing header. */
  hasIpOptions = false;
  /** One piece of several. An IPv6 "atomic" fragment (RFC 6946) is whole, and none. */
  isFragment = false;
  /** The piece that begins with the transport header; never true of a whole packet. */
  isFirstFragment = false;
  /** IPv4 only; false for IPv6, which no router fragments. */
  hasDontFragment = false;

  /** Where the transport header begins. */
  transportOffset = 0;
  /** Where the data behind the transport header begins; may lie beyond a capture that was cut. */
  payloadOffset = 0;
  /**
   * Where the packet ends by its own length field; may lie beyond a capture that was cut.
   * {@link UNKNOWN_END_OFFSET} for an IPv6 jumbogram.
   */
  packetEndOffset = UNKNOWN_END_OFFSET;
  /**
   * Data behind the transport header, as sent: more than the array holds when a capture was cut.
   * Bytes; those of this piece alone for a fragment, 0 for a jumbogram and unless the outcome is
   * "decoded".
   */
  payloadBytes = 0;

  #optionsHolder: Uint8Array = NO_BYTES;
  #areOptionsCut = false;
  /** Whether the two behind it are those of this packet. */
  #areOptionsRead = false;
  #optionKinds = 0;
  #optionsDigest = 0;

  /** Which options there are: bits of net/tcp-option-kinds.ts. */
  get tcpOptionKinds(): number {
    if (!this.#areOptionsRead) this.#readOptions();
    return this.#optionKinds;
  }

  /** 32-bit FNV-1a over those bytes, values and padding included; 0 when there are none. */
  get tcpOptionsDigest(): number {
    if (!this.#areOptionsRead) this.#readOptions();
    return this.#optionsDigest;
  }

  /**
   * Says where the TCP options are. They are read when somebody asks for them, which few do of the
   * packets of a capture, and until the next packet nobody may change the bytes.
   * @param isCut whether the sender wrote more of them.
   */
  placeTcpOptions(bytes: Uint8Array, offset: number, optionBytes: number, isCut: boolean): void {
    this.tcpOptionsOffset = offset;
    this.tcpOptionBytes = optionBytes;
    this.#optionsHolder = bytes;
    this.#areOptionsCut = isCut;
    this.#areOptionsRead = false;
  }

  /** Puts back what a packet may leave unset; the addresses stay until they are overwritten. */
  clear(): void {
    this.protocol = 0;
    this.transport = undefined;
    this.sourcePort = 0;
    this.destinationPort = 0;
    this.tcpFlags = 0;
    this.tcpSequence = 0;
    this.tcpAcknowledgement = 0;
    this.tcpWindow = 0;
    this.tcpOptionsOffset = 0;
    this.tcpOptionBytes = 0;
    this.#areOptionsCut = false;
    this.#areOptionsRead = false;
    this.icmpType = undefined;
    this.ipIdentification = 0;
    this.ttlHops = 0;
    this.hasIpOptions = false;
    this.isFragment = false;
    this.isFirstFragment = false;
    this.hasDontFragment = false;
    this.transportOffset = 0;
    this.payloadOffset = 0;
    this.packetEndOffset = UNKNOWN_END_OFFSET;
    this.payloadBytes = 0;
  }

  #readOptions(): void {
    const bytes = this.#optionsHolder;
    const start = this.tcpOptionsOffset;
    const end = start + this.tcpOptionBytes;
    this.#areOptionsRead = true;
    this.#optionKinds = kindsOfTcpOptions(bytes, start, end, this.#areOptionsCut);
    this.#optionsDigest = digestOfTcpOptions(bytes, start, end);
  }
}
