/**
 * Says which tool one probe looks like, by what is in its headers.
 *
 * A look is a hint: some of these patterns come about by chance once in 65 536 packets, and all of
 * them can be forged. `fingerprints.ts` asks several probes before it names anything.
 *
 * A packet that went through a destination NAT shows us another address than its sender wrote, so
 * the two relations that hold for the destination, masscan's and Mirai's, are lost there: unknown.
 */
import type { Probe, ProbeHeader } from "../model/probe.ts";
import type { Tool } from "../model/tool.ts";
import {
  HAS_MAXIMUM_SEGMENT_SIZE,
  HAS_SACK_PERMITTED,
  HAS_UNREADABLE_OPTION,
} from "../net/tcp-option-kinds.ts";

/** A tool; "nmap-os" are the probes of nmap's OS detection, which are like nothing else. */
export type Look = Tool | "nmap-os" | "unknown";

/** RFC 9293 section 3.1. */
const SYN_FLAG = 0x02;

/** The identification of all packets of zmap up to 4.0: zmap, packet.c, make_ip_header. */
const ZMAP_IDENTIFICATION = 54_321;
/** The window of all zmap's SYNs: zmap, packet.c, make_tcp_header. */
const ZMAP_WINDOW = 65_535;
/** hping3's own window, unless -w says another: hping, globals.h, DEFAULT_SRCWINSIZE. */
const HPING3_WINDOW = 512;
/** U1 of nmap's OS detection: nmap, osscan2.cc, send_closedudp_probe. */
const NMAP_U1_IDENTIFICATION = 0x1042;
const NMAP_U1_PAYLOAD_BYTES = 300;

/** Digest of 02 04 05 b4, a segment size of 1460: nmap, tcpip.cc. */
const SEGMENT_SIZE_1460 = 0xd65bcbe2;
/** Digest of 02 04 05 b4 01 03 03 08 01 01 04 02: zmap from 4.1 on, "windows", its default. */
const ZMAP_WINDOWS_OPTIONS = 0x306bb619;

/** What is left of a TTL of 255, for sure; the usual stacks begin with 64 or 128. */
const HIGHEST_USUAL_TTL_HOPS = 128;

/** A SYN that is sent again without an answer may leave out the window scale: Windows does. */
const STACK_OPTIONS = HAS_MAXIMUM_SEGMENT_SIZE | HAS_SACK_PERMITTED;

/** @returns the first that fits, the strongest patterns first. Allocates nothing. */
export function lookOf(probe: Probe, header: ProbeHeader): Look {
  if (probe.transport === "udp") return udpLookOf(header);
  if (probe.transport !== "tcp") return "unknown";
  const isSyn = probe.kind === "tcp-syn";
  if (isSyn && isMirai(probe, header)) return "mirai";
  if (isSyn && isMasscan(probe, header)) return "masscan";
  if (isSyn && isZmap(header)) return "zmap";
  if (isNmapOsProbe(header)) return "nmap-os";
  if (isNmap(probe, header)) return "nmap";
  if (isHping3(header)) return "hping3";
  return isSyn && isStack(header) ? "connect" : "unknown";
}

function udpLookOf(header: ProbeHeader): Look {
  const { version, ipIdentification, hasDontFragment, payloadBytes } = header;
  if (version !== 4 || hasDontFragment) return "unknown";
  if (ipIdentification === ZMAP_IDENTIFICATION) return "zmap";
  const isU1 =
    ipIdentification === NMAP_U1_IDENTIFICATION && payloadBytes === NMAP_U1_PAYLOAD_BYTES;
  return isU1 ? "nmap-os" : "unknown";
}

/** The destination is the sequence number: Mirai, scanner.c. One chance in 2^32. */
function isMirai({ destination }: Probe, { version, tcpSequence }: ProbeHeader): boolean {
  return version === 4 && tcpSequence === destination[3];
}

/** The identification holds the rest of the header: masscan, templ-pkt.c. One chance in 2^16. */
function isMasscan({ destination, port }: Probe, header: ProbeHeader): boolean {
  const { version, hasDontFragment, ipIdentification, tcpSequence } = header;
  const expected = ((destination[3] as number) ^ port ^ tcpSequence) & 0xffff;
  return version === 4 && !hasDontFragment && ipIdentification === expected;
}

/**
 * From 4.1 on, the identification is random, and the options are those of Windows; but Windows sets
 * Don't Fragment, and a TTL of 128.
 */
function isZmap(header: ProbeHeader): boolean {
  if (header.version !== 4 || header.hasDontFragment || header.tcpWindow !== ZMAP_WINDOW) {
    return false;
  }
  return (
    header.ipIdentification === ZMAP_IDENTIFICATION ||
    (header.tcpOptionsDigest === ZMAP_WINDOWS_OPTIONS && header.ttlHops > HIGHEST_USUAL_TTL_HOPS)
  );
}

/** Windows and options of SEQ, ECN and T2 to T7: nmap, osscan2.cc, prbOpts and prbWindowSz. */
function isNmapOsProbe({ tcpOptionsDigest, tcpWindow }: ProbeHeader): boolean {
  switch (tcpOptionsDigest) {
    // T2 to T6: 03030a 01 02040109 080affffffff00000000 0402.
    case 0x6ff41b16:
      return (
        tcpWindow === 128 ||
        tcpWindow === 256 ||
        tcpWindow === 1024 ||
        tcpWindow === 31_337 ||
        tcpWindow === 32_768
      );
    // T7: 03030f 01 02040109 080affffffff00000000 0402.
    case 0x4cbac10b:
      return tcpWindow === 65_535;
    // SEQ 1: 03030a 01 020405b4 080affffffff00000000 0402.
    case 0xfe592b69:
      return tcpWindow === 1;
    // SEQ 2: 02040578 030300 0402 080affffffff00000000 00.
    case 0xb7634dc4:
      return tcpWindow === 63;
    // SEQ 3: 080affffffff00000000 0101 030305 01 02040280.
    case 0xab4b3d95:
      return tcpWindow === 4;
    // SEQ 4: 0402 080affffffff00000000 03030a 00.
    case 0xdb780d39:
      return tcpWindow === 4;
    // SEQ 5: 02040218 0402 080affffffff00000000 03030a 00.
    case 0xcf38354d:
      return tcpWindow === 16;
    // SEQ 6: 02040109 0402 080affffffff00000000.
    case 0x07f94285:
      return tcpWindow === 512;
    // ECN: 03030a 01 020405b4 0402 0101.
    case 0x38d89109:
      return tcpWindow === 3;
    default:
      return false;
  }
}

/**
 * A scan of any kind: a window of 1024 (one to four times that in old releases), at most a segment
 * size if there is a SYN flag, and the code of the probe in the sequence number or in the acknowledgement, never in
 * both: nmap, scan_engine_raw.cc, sendIPScanProbe.
 */
function isNmap({ tcpFlags }: Probe, header: ProbeHeader): boolean {
  const { tcpWindow, tcpOptionsDigest, tcpSequence, tcpAcknowledgement } = header;
  return (
    !header.hasDontFragment &&
    tcpWindow >= 1024 &&
    tcpWindow <= 4096 &&
    tcpWindow % 1024 === 0 &&
    (tcpOptionsDigest === 0 ||
      ((tcpFlags & SYN_FLAG) !== 0 && tcpOptionsDigest === SEGMENT_SIZE_1460)) &&
    (tcpSequence === 0) !== (tcpAcknowledgement === 0)
  );
}

/**
 * Both numbers are rand(), whatever the flags say, and so without their highest bit: hping,
 * sendtcp.c. No stack sends a SYN that acknowledges something.
 */
function isHping3(header: ProbeHeader): boolean {
  const { tcpWindow, tcpOptionsDigest, tcpSequence, tcpAcknowledgement } = header;
  return (
    header.version === 4 &&
    !header.hasDontFragment &&
    tcpWindow === HPING3_WINDOW &&
    tcpOptionsDigest === 0 &&
    tcpAcknowledgement !== 0 &&
    tcpSequence < 0x8000_0000 &&
    tcpAcknowledgement < 0x8000_0000
  );
}

/**
 * The SYN of an operating system of these years: path MTU discovery (RFC 1191), and the options that
 * all of them offer. IPv6 has no flag to tell; there a TTL of 255, which some stacks set for IPv4,
 * is a tool's.
 */
function isStack(header: ProbeHeader): boolean {
  return (
    (header.version === 6 ? header.ttlHops <= HIGHEST_USUAL_TTL_HOPS : header.hasDontFragment) &&
    header.tcpAcknowledgement === 0 &&
    (header.tcpOptionKinds & (STACK_OPTIONS | HAS_UNREADABLE_OPTION)) === STACK_OPTIONS
  );
}
