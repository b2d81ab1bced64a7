/**
 * Reads the kernel's socket tables: who listens, and who is connected.
 *
 * The answer is one moment's, and of this network namespace only. It needs no privilege, but the
 * kernel walks whole hash tables for it and the event loop waits: name the remote prefix where one
 * is meant, so that a machine with many connections copies few, and limit how often you ask.
 *
 * Source: linux/inet_diag.h, linux/sock_diag.h, sock_diag(7); states: include/net/tcp_states.h.
 */
import { OperationalError } from "../errors.ts";
import { formatWords, wordsOf } from "../net/address-words.ts";
import type { IpAddress } from "../net/ip-address.ts";
import { familyOfPrefix, firstAddressOf, lengthOf, type Prefix } from "../net/prefix.ts";
import type { Transport } from "../net/transport.ts";
import { formatErrno } from "./errno.ts";
import { close } from "./libc.ts";
import { findAttribute, type NetlinkAttribute } from "./netlink.ts";
import { openNetlink, request } from "./netlink-socket.ts";
import * as spec from "./spec.ts";

/** Numbers of the TCP states that can be asked for. */
const TCP_STATES = {
  established: 1,
  "syn-sent": 2,
  "syn-received": 3,
  "fin-wait-1": 4,
  "fin-wait-2": 5,
  "time-wait": 6,
  "close-wait": 8,
  "last-ack": 9,
  closing: 11,
} as const;
/** UDP sockets that are bound and not connected are in this state. */
const STATE_CLOSE = 7;
const STATE_LISTEN = 10;

/** Bytes of `struct inet_diag_msg`; attributes follow. */
const ENTRY_BYTES = 72;

/** Connections that one question after ports reads: more than any honest client has. */
const MAX_READ = 16_384;

type TcpState = keyof typeof TCP_STATES;

const STATE_NAMES = new Map<number, TcpState>(
  (Object.keys(TCP_STATES) as TcpState[]).map((name) => [TCP_STATES[name], name]),
);

/** What every socket has. */
interface KernelSocket {
  /** Own address; "0.0.0.0" or "::" when bound to none. */
  readonly address: IpAddress;
  readonly port: number;
  /** Owner. 0 for root, and for sockets that belong to nobody any more. */
  readonly uid: number;
  /** Number in /proc/PID/fd (`socket:[N]`); 0 when no process has it any more. */
  readonly inode: number;
  /** Interface the socket is bound to (SO_BINDTODEVICE); 0 for all. */
  readonly interfaceIndex: number;
}

/** A TCP socket in LISTEN, or a UDP socket that takes datagrams from anybody. */
export interface Listener extends KernelSocket {
  readonly transport: Transport;
  /** IPv6 without IPv4: false for "::" that takes both, and for IPv4 sockets. */
  readonly isV6Only: boolean;
}

/** A TCP connection, seen from the end that this machine has. */
export interface Connection extends KernelSocket {
  readonly remoteAddress: IpAddress;
  readonly remotePort: number;
  readonly state: TcpState;
}

export interface ConnectionFilter {
  /** States wanted. Default: all of {@link TcpState}. */
  readonly states?: readonly TcpState[];
  /** Only connections with an address of this prefix, on dual-stack sockets too. Default: all. */
  readonly remote?: Prefix;
}

export class SocketTable {
  #fd = -1;

  /**
   * Opens the netlink socket; does nothing when it is open.
   * @throws {OperationalError} ERR_UNAVAILABLE when the kernel has no NETLINK_SOCK_DIAG.
   */
  open(): void {
    if (this.#fd < 0) this.#fd = openNetlink(spec.NETLINK_SOCK_DIAG);
  }

  /**
   * Every TCP listener and every unconnected UDP socket, IPv4 and IPv6.
   * @throws {OperationalError} ERR_UNAVAILABLE when the kernel does not answer.
   */
  listening(): Listener[] {
    const found: Listener[] = [];
    for (const transport of ["tcp", "udp"] as const) {
      const state = transport === "tcp" ? STATE_LISTEN : STATE_CLOSE;
      for (const family of [spec.AF_INET, spec.AF_INET6]) {
        this.#dump(family, transport, 1 << state, [], (buffer, start, end) => {
          const isV6Only =
            findAttribute(buffer, start + ENTRY_BYTES, end, spec.INET_DIAG_SKV6ONLY)?.[0] === 1;
          found.push({ ...decodeSocket(buffer, start), transport, isV6Only });
          return undefined;
        });
      }
    }
    return found;
  }

  /**
   * TCP connections that match the filter; half-open requests count as "syn-received".
   * @throws {OperationalError} ERR_UNAVAILABLE when the kernel does not answer.
   */
  connections(filter: ConnectionFilter = {}): Connection[] {
    const found: Connection[] = [];
    const mask = stateMask(filter.states ?? [...STATE_NAMES.values()]);
    const attributes = filter.remote === undefined ? [] : [encodeRemote(filter.remote)];
    // An IPv4 peer may sit on a dual-stack socket, so both families are asked in any case.
    for (const family of [spec.AF_INET, spec.AF_INET6]) {
      this.#dump(family, "tcp", mask, attributes, (buffer, start) => {
        const state = STATE_NAMES.get(buffer.readUInt8(start + 1));
        if (state === undefined) return undefined;
        found.push({
          ...decodeSocket(buffer, start),
          remoteAddress: decodeAddress(buffer, start, start + 24),
          remotePort: buffer.readUInt16BE(start + 6),
          state,
        });
        return undefined;
      });
    }
    return found;
  }

  /**
   * This machine's own ports of the TCP connections that match; at most 65,536, and nothing is made
   * for a connection but the number of its port.
   *
   * Whoever holds a service full of connections makes the answer long. So `maxRead` of them are
   * read and no more: what he hides by that are connections of the prefix that is asked after.
   * @param maxRead connections that are read. 1 or more.
   * @throws {OperationalError} ERR_UNAVAILABLE when the kernel does not answer.
   */
  connectedPorts(filter: ConnectionFilter, maxRead: number = MAX_READ): ReadonlySet<number> {
    const ports = new Set<number>();
    const mask = stateMask(filter.states ?? [...STATE_NAMES.values()]);
    const attributes = filter.remote === undefined ? [] : [encodeRemote(filter.remote)];
    let read = 0;
    for (const family of [spec.AF_INET, spec.AF_INET6]) {
      this.#dump(family, "tcp", mask, attributes, (buffer, start) => {
        ports.add(buffer.readUInt16BE(start + 4));
        read += 1;
        return read >= maxRead ? "enough" : undefined;
      });
      if (read < maxRead) continue;
      // What is left of the answer would be in the way of the next question.
      this.close();
      this.open();
      break;
    }
    return ports;
  }

  /** Lets the socket go. May be called twice; open opens it again. */
  close(): void {
    if (this.#fd >= 0) close(this.#fd);
    this.#fd = -1;
  }

  #dump(
    family: number,
    transport: Transport,
    states: number,
    attributes: readonly NetlinkAttribute[],
    onEntry: (buffer: Buffer, start: number, end: number) => "enough" | undefined,
  ): void {
    if (this.#fd < 0) throw new Error("the socket table is not open");
    const outcome = request(
      this.#fd,
      {
        type: spec.SOCK_DIAG_BY_FAMILY,
        flags: spec.NLM_F_DUMP,
        body: encodeDumpRequest(family, transport, states),
        attributes,
      },
      (_type, buffer, start, end) =>
        end - start >= ENTRY_BYTES ? onEntry(buffer, start, end) : undefined,
    );
    if (outcome.status === "failed") {
      throw new OperationalError(
        "ERR_UNAVAILABLE",
        `the kernel does not list its ${transport} sockets (${formatErrno(outcome.errno)}): ` +
          `load the modules inet_diag and ${transport}_diag`,
      );
    }
  }
}

/** `struct inet_diag_req_v2`; the socket identity is ignored in a dump and stays zero. */
function encodeDumpRequest(family: number, transport: Transport, states: number): Buffer {
  const body = Buffer.alloc(56);
  body.writeUInt8(family, 0);
  body.writeUInt8(transport === "tcp" ? spec.IPPROTO_TCP : spec.IPPROTO_UDP, 1);
  body.writeUInt32LE(states, 4);
  return body;
}

function stateMask(states: readonly TcpState[]): number {
  return states.reduce((mask, state) => mask | (1 << TCP_STATES[state]), 0);
}

/**
 * A filter of one instruction, `struct inet_diag_bc_op` and `struct inet_diag_hostcond`: does the
 * remote address match? Landing exactly on the end accepts, landing beyond it refuses. The kernel
 * applies an IPv4 condition to the mapped addresses of IPv6 sockets too.
 */
function encodeRemote(remote: Prefix): NetlinkAttribute {
  const isIpv4 = familyOfPrefix(remote) === 4;
  const allWords = wordsOf(firstAddressOf(remote));
  const words = isIpv4 ? allWords.subarray(3) : allWords;
  const value = Buffer.alloc(12 + words.length * 4);
  value.writeUInt8(spec.INET_DIAG_BC_D_COND, 0);
  value.writeUInt8(value.length, 1);
  value.writeUInt16LE(value.length + 4, 2);
  value.writeUInt8(isIpv4 ? spec.AF_INET : spec.AF_INET6, 4);
  value.writeUInt8(lengthOf(remote), 5);
  value.writeInt32LE(-1, 8); // any port
  words.forEach((word, index) => {
    value.writeUInt32BE(word, 12 + index * 4);
  });
  return { type: spec.INET_DIAG_REQ_BYTECODE, value };
}

/** The own end in `struct inet_diag_msg`: ports at 4, addresses at 8 and 24, interface at 40. */
function decodeSocket(buffer: Buffer, start: number): KernelSocket {
  return {
    address: decodeAddress(buffer, start, start + 8),
    port: buffer.readUInt16BE(start + 4),
    interfaceIndex: buffer.readUInt32LE(start + 40),
    uid: buffer.readUInt32LE(start + 64),
    inode: buffer.readUInt32LE(start + 68),
  };
}

function decodeAddress(buffer: Buffer, start: number, at: number): IpAddress {
  const isIpv4 = buffer.readUInt8(start) === spec.AF_INET;
  const words = [0, 4, 8, 12].map((offset) => buffer.readUInt32BE(at + offset));
  return formatWords(
    isIpv4 ? Uint32Array.of(0, 0, 0xffff, words[0] ?? 0) : Uint32Array.from(words),
  );
}
