/**
 * Opens the socket on which the kernel delivers the packets of one log group.
 *
 * This part needs CAP_NET_ADMIN; reading does not ({@link NflogReader}), and the descriptor may be
 * handed to an unprivileged child. A group belongs to one socket in a network namespace, and lives
 * exactly as long as that socket: when the last copy of the descriptor is closed, the kernel lets
 * the group go. NETLINK_NO_ENOBUFS stays off, so that an overrun is told.
 *
 * Source: linux/netfilter/nfnetlink_log.h; `nfulnl_recv_config` in nfnetlink_log.c.
 */
import { OperationalError } from "../errors.ts";
import { ERRNO, formatErrno } from "./errno.ts";
import { readRulesetGeneration } from "./generation.ts";
import { close, setsockoptInt } from "./libc.ts";
import { encodeUint16, encodeUint32, type NetlinkAttribute } from "./netlink.ts";
import { openNetlink, request } from "./netlink-socket.ts";
import * as spec from "./spec.ts";

/** The kernel's own upper limit, NFULNL_NLBUFSIZ_MAX in nfnetlink_log.c. */
const DATAGRAM_BYTES = 131_072;
/**
 * Unit of NFULA_CFG_TIMEOUT is 10 ms: how long a lone packet waits for others. 0: until the kernel's
 * next tick, 4 ms at 250 Hz, so that a scanner is not given the rest of 10 ms; under 10,000 probes a
 * second that is still 40 in a datagram.
 */
const FLUSH_AFTER_CENTISECONDS = 0;
/**
 * Packets that make one datagram full; a rule's own queue-threshold can only lower it. 64 against
 * 16 saves a third of the reader's CPU.
 */
const DATAGRAM_PACKETS = 64;
/** Bounds how long {@link NflogReader.stop} takes: a receive that waits cannot be called off. */
const RECEIVE_TIMEOUT_MS = 200;

export interface NflogOptions {
  /** Log group, as in the rule's `log group`. 0 to 65 535; group 0 is also the kernel's own log. */
  readonly group: number;
  /** Bytes of a packet to copy, from the network header on. The rule's own snaplen also limits. */
  readonly snapBytes: number;
  /**
   * Receive buffer (bytes). Default 16 MiB, which the kernel doubles for its own overhead: 120,000
   * SYNs when they come in batches, or half a second without an event loop under 200,000 a second.
   * Without CAP_NET_ADMIN net.core.rmem_max limits it.
   */
  readonly receiveBufferBytes?: number;
}

/**
 * Binds a log group and returns the socket's descriptor, which the caller closes.
 * @throws {OperationalError} ERR_ALREADY_RUNNING when somebody listens on the group, ERR_PERMISSION
 * without CAP_NET_ADMIN, ERR_UNAVAILABLE when the kernel has no NFLOG.
 */
export function openNflog(options: NflogOptions): number {
  const fd = openNetlink(spec.NETLINK_NETFILTER, RECEIVE_TIMEOUT_MS);
  try {
    // Before the group is bound: the first flood must find the buffer in its full size.
    setReceiveBuffer(fd, options.receiveBufferBytes ?? 16 * 1024 * 1024);
    bindGroup(fd, options.group, options.snapBytes);
    return fd;
  } catch (error) {
    close(fd);
    throw error;
  }
}

/** One message, so that no packet is logged with half of the configuration. */
function bindGroup(fd: number, group: number, snapBytes: number): void {
  const outcome = request(fd, {
    type: (spec.NFNL_SUBSYS_ULOG << 8) | spec.NFULNL_MSG_CONFIG,
    flags: spec.NLM_F_ACK,
    // struct nfgenmsg: AF_UNSPEC, version 0, the group.
    body: Buffer.concat([Buffer.alloc(2), encodeUint16(group)]),
    attributes: configuration(snapBytes),
  });
  if (outcome.status === "failed") throw bindError(fd, group, outcome.errno);
}

function configuration(snapBytes: number): NetlinkAttribute[] {
  const copyMode = Buffer.concat([
    encodeUint32(snapBytes),
    Uint8Array.of(spec.NFULNL_COPY_PACKET, 0),
  ]);
  return [
    { type: spec.NFULA_CFG_CMD, value: Uint8Array.of(spec.NFULNL_CFG_CMD_BIND) },
    { type: spec.NFULA_CFG_MODE, value: copyMode },
    { type: spec.NFULA_CFG_NLBUFSIZ, value: encodeUint32(DATAGRAM_BYTES) },
    { type: spec.NFULA_CFG_TIMEOUT, value: encodeUint32(FLUSH_AFTER_CENTISECONDS) },
    { type: spec.NFULA_CFG_QTHRESH, value: encodeUint32(DATAGRAM_PACKETS) },
    { type: spec.NFULA_CFG_FLAGS, value: encodeUint16(spec.NFULNL_CFG_F_SEQ) },
  ];
}

function setReceiveBuffer(fd: number, bytes: number): void {
  const forced = setsockoptInt(fd, spec.SOL_SOCKET, spec.SO_RCVBUFFORCE, bytes);
  // A smaller buffer is a poorer guard, not a broken one: losses are counted.
  if (forced < 0) setsockoptInt(fd, spec.SOL_SOCKET, spec.SO_RCVBUF, bytes);
}

/**
 * The kernel says EPERM for a missing capability, and also for a group that another socket owns.
 * The ruleset's generation needs the same capability and nothing else, so asking for it tells.
 */
function bindError(fd: number, group: number, errno: number): OperationalError {
  if (errno === ERRNO.EPERM) {
    const probe = readRulesetGeneration(fd);
    if (probe.status === "failed" && probe.errno === ERRNO.EPERM) {
      return new OperationalError(
        "ERR_PERMISSION",
        "packets can be logged only with CAP_NET_ADMIN: start as root, or by the systemd unit",
      );
    }
  }
  if (errno === ERRNO.EPERM || errno === ERRNO.EBUSY) {
    return new OperationalError(
      "ERR_ALREADY_RUNNING",
      `group ${group} is taken in this network namespace: another Vedette or a ulogd listens; ` +
        "stop it or choose NFLOG_GROUP",
    );
  }
  return new OperationalError(
    "ERR_UNAVAILABLE",
    `the kernel refuses to log packets to group ${group} (${formatErrno(errno)}): ` +
      "load the module nfnetlink_log, or use a kernel that has it",
  );
}
