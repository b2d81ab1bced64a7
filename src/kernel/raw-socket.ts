/**
 * Raw sockets: what answers a probe without a socket of the stack goes out here.
 *
 * Opening needs CAP_NET_RAW and CAP_NET_ADMIN (for the mark), sending does not: the guard sends
 * through descriptors that it has inherited. IPPROTO_RAW sends whole IP packets and receives
 * nothing but protocol 255, so that ordinary traffic is not copied to us.
 *
 * A guard that was taken over could send any packet here, with any source. So the broker sets a
 * mark, which a process without capabilities cannot change: rules can tell these packets and drop
 * what has no place among them.
 *
 * Each packet names the address and the interface that it answers for, or policy routing on a
 * machine with two uplinks sends it out of the wrong one. (Where answers never leave by the
 * interface that packets come in on, as with direct server return, IPv4 finds no way.) Where a
 * packet goes is a forger's choice: who calls bounds how many there are. Nothing waits, nothing
 * throws while sending, and what could not be sent is counted.
 *
 * Source: raw(7), ip(7), ipv6(7); RFC 3542 section 6.1; linux/in.h, linux/ipv6.h.
 */
import { type AddressWords, isIpv4Words } from "../net/address-words.ts";
import { ERRNO, formatErrno } from "./errno.ts";
import { addressOf, close, sendmsg, setsockoptInt, socket } from "./libc.ts";
import * as spec from "./spec.ts";

/**
 * What our raw packets bear, so that the table knows them. A whole value, never compared by bits;
 * without the bits that other programs are known to test (1, 0x2000 to 0x8000).
 */
export const RAW_MARK = 0x2d5a_0000;

/** What became of opening; whoever gets `fd` closes it. */
export type RawSocketOutcome =
  | { readonly status: "open"; readonly fd: number }
  /** Capabilities are missing. */
  | { readonly status: "forbidden" }
  /** The kernel does not speak this family. */
  | { readonly status: "no-family" }
  | { readonly status: "failed"; readonly reason: string };

/** Opens the raw socket of one address family, with {@link RAW_MARK}, non-blocking. */
export function openRawSocket(version: 4 | 6): RawSocketOutcome {
  const family = version === 4 ? spec.AF_INET : spec.AF_INET6;
  const fd = socket(family, spec.SOCK_RAW | spec.SOCK_NONBLOCK, spec.IPPROTO_RAW);
  if (fd < 0) return nameFailure(-fd);
  // What comes with protocol 255 is never read, and must not lie in memory: the least there is.
  setsockoptInt(fd, spec.SOL_SOCKET, spec.SO_RCVBUF, 0);
  const marked = setsockoptInt(fd, spec.SOL_SOCKET, spec.SO_MARK, RAW_MARK);
  if (marked >= 0) return { status: "open", fd };
  close(fd);
  return nameFailure(-marked);
}

function nameFailure(errno: number): RawSocketOutcome {
  switch (errno) {
    case ERRNO.EPERM:
    case ERRNO.EACCES:
      return { status: "forbidden" };
    case ERRNO.EAFNOSUPPORT:
      return { status: "no-family" };
    default:
      return { status: "failed", reason: formatErrno(errno) };
  }
}

/** Counts since the sender was made; they only grow. */
export interface RawSenderCounts {
  readonly sent: number;
  /** Dropped by rules of this machine on the way out (EPERM). */
  readonly refused: number;
  /** Not taken for any other reason: no route, no buffer, no socket of that family. */
  readonly failed: number;
}

/** Longest packet, bytes: what IPv6 demands of every link (RFC 8200 section 5). */
const PACKET_BYTES = 1280;

// One piece of memory: what a message is made of, and then the packet. Offsets in it, on machines
// with addresses of 64 bits: struct msghdr, struct iovec, struct sockaddr_*, struct cmsghdr.
const MESSAGE = 0;
const VECTOR = 56;
const NAME = 72;
const CONTROL = 104;
const PACKET = 144;

const CONTROL_HEADER_BYTES = 16;
const FLAGS = spec.MSG_DONTWAIT | spec.MSG_NOSIGNAL;
const IPV4_NAME_BYTES = 16;
const IPV6_NAME_BYTES = 28;
/** `struct in_pktinfo`: interface, the address to send from, and one that is not read. */
const IPV4_INFO_BYTES = 12;
/** `struct in6_pktinfo`: the address to send from, interface. */
const IPV6_INFO_BYTES = 20;

/** Sends packets through raw sockets that somebody else has opened. */
export class RawSender {
  /** The packet to send is written to the beginning of this. */
  readonly packet: Uint8Array;
  readonly #memory = Buffer.allocUnsafeSlow(PACKET + PACKET_BYTES).fill(0);
  readonly #address: bigint;
  readonly #ipv4Fd: number | undefined;
  readonly #ipv6Fd: number | undefined;
  #sent = 0;
  #refused = 0;
  #failed = 0;

  /** The descriptors stay the caller's; undefined: this family is not spoken. */
  constructor(fds: { readonly ipv4: number | undefined; readonly ipv6: number | undefined }) {
    this.#ipv4Fd = fds.ipv4;
    this.#ipv6Fd = fds.ipv6;
    this.packet = this.#memory.subarray(PACKET, PACKET + PACKET_BYTES);
    this.#address = addressOf(this.#memory);
    this.#writePointers();
  }

  /**
   * Sends the first `packetBytes` of {@link packet}, a whole IP packet between these addresses.
   * @param interfaceIndex the interface by which it leaves; 0: whichever the routes say.
   * @returns whether the kernel has taken it. Allocates nothing.
   */
  send(
    packetBytes: number,
    source: AddressWords,
    destination: AddressWords,
    interfaceIndex: number,
  ): boolean {
    const fd = isIpv4Words(destination) ? this.#ipv4Fd : this.#ipv6Fd;
    if (fd === undefined) {
      this.#failed++;
      return false;
    }
    this.#memory.writeUInt32LE(packetBytes, VECTOR + 8);
    const result = isIpv4Words(destination)
      ? this.#sendIpv4(fd, source, destination, interfaceIndex)
      : this.#sendIpv6(fd, source, destination, interfaceIndex);
    if (result === packetBytes) this.#sent++;
    else if (result === -ERRNO.EPERM) this.#refused++;
    else this.#failed++;
    return result === packetBytes;
  }

  counts(): RawSenderCounts {
    return { sent: this.#sent, refused: this.#refused, failed: this.#failed };
  }

  /** Lengths are 64 bits; their upper halves stay 0. */
  #writePointers(): void {
    const memory = this.#memory;
    memory.writeBigUInt64LE(this.#address + BigInt(NAME), MESSAGE);
    memory.writeBigUInt64LE(this.#address + BigInt(VECTOR), MESSAGE + 16);
    memory.writeUInt32LE(1, MESSAGE + 24);
    memory.writeBigUInt64LE(this.#address + BigInt(CONTROL), MESSAGE + 32);
    memory.writeBigUInt64LE(this.#address + BigInt(PACKET), VECTOR);
  }

  #sendIpv4(
    fd: number,
    source: AddressWords,
    destination: AddressWords,
    interfaceIndex: number,
  ): number {
    const memory = this.#memory;
    this.#writeLengths(IPV4_NAME_BYTES, IPV4_INFO_BYTES, spec.IPPROTO_IP, spec.IP_PKTINFO);
    memory.writeUInt16LE(spec.AF_INET, NAME);
    memory.writeUInt16LE(0, NAME + 2);
    memory.writeUInt32BE(destination[3] as number, NAME + 4);
    const info = CONTROL + CONTROL_HEADER_BYTES;
    memory.writeUInt32LE(interfaceIndex, info);
    memory.writeUInt32BE(source[3] as number, info + 4);
    memory.writeUInt32LE(0, info + 8);
    return sendmsg(fd, this.#address, FLAGS);
  }

  /**
   * The kernel takes a route by another interface, if it is better, as soon as it knows the source
   * (ip6_route_output_flags). So it is asked without one first; and with it where only rules by
   * source lead to the route.
   */
  #sendIpv6(
    fd: number,
    source: AddressWords,
    destination: AddressWords,
    interfaceIndex: number,
  ): number {
    this.#addressIpv6(destination, interfaceIndex);
    if (interfaceIndex > 0) {
      const result = sendmsg(fd, this.#address, FLAGS);
      if (result !== -ERRNO.ENETUNREACH) return result;
    }
    const info = CONTROL + CONTROL_HEADER_BYTES;
    for (let index = 0; index < 4; index += 1) {
      this.#memory.writeUInt32BE(source[index] as number, info + index * 4);
    }
    return sendmsg(fd, this.#address, FLAGS);
  }

  /** Without an address to send from. */
  #addressIpv6(destination: AddressWords, interfaceIndex: number): void {
    const memory = this.#memory;
    this.#writeLengths(IPV6_NAME_BYTES, IPV6_INFO_BYTES, spec.IPPROTO_IPV6, spec.IPV6_PKTINFO);
    const info = CONTROL + CONTROL_HEADER_BYTES;
    // Port and flow label.
    memory.writeUInt16LE(spec.AF_INET6, NAME);
    memory.writeUInt16LE(0, NAME + 2);
    memory.writeUInt32LE(0, NAME + 4);
    for (let index = 0; index < 4; index += 1) {
      memory.writeUInt32BE(destination[index] as number, NAME + 8 + index * 4);
      memory.writeUInt32LE(0, info + index * 4);
    }
    // The zone, without which a link-local address is nobody's.
    memory.writeUInt32LE(interfaceIndex, NAME + 24);
    memory.writeUInt32LE(interfaceIndex, info + 16);
  }

  #writeLengths(nameBytes: number, infoBytes: number, level: number, type: number): void {
    const memory = this.#memory;
    memory.writeUInt32LE(nameBytes, MESSAGE + 8);
    memory.writeUInt32LE(CONTROL_HEADER_BYTES + infoBytes, MESSAGE + 40);
    memory.writeUInt32LE(CONTROL_HEADER_BYTES + infoBytes, CONTROL);
    memory.writeInt32LE(level, CONTROL + 8);
    memory.writeInt32LE(type, CONTROL + 12);
  }
}
