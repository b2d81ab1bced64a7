/**
 * What PortSentry calls a probe, by the octet of its TCP control bits (RFC 9293 section 3.1).
 *
 * PortSentry never sees ACK or RST; what it would have called them is taken from no rule but the
 * last, which names every flag. So a Maimon probe (FIN+ACK) is told truly and not as a FIN scan.
 */

const FIN = 0x01;
const SYN = 0x02;
const RST = 0x04;
const PSH = 0x08;
const ACK = 0x10;
const URG = 0x20;
const CONTROL_FLAGS = SYN | FIN | ACK | PSH | URG | RST;
const XMAS_FLAGS = FIN | PSH | URG;

/** Which bits of the octet are not nothing: 2.x counts ECE and CWR (RFC 3168), 1.2 does not. */
export type NullScanRule = "no-control-flag" | "no-bit-at-all";

/**
 * @returns one of the four named classes without the blank that 1.2 has before "TCP NULL scan", or
 * "Unknown Type: TCP Packet Flags: SYN: 1 FIN: 1 …". XMAS is XMAS with SYN too, as in PortSentry.
 */
export function formatScanType(tcpFlags: number, nullRule: NullScanRule): string {
  const flags = tcpFlags & CONTROL_FLAGS;
  switch (flags) {
    case 0:
      return nullRule === "no-bit-at-all" && (tcpFlags & 0xff) !== 0
        ? unknownType(flags)
        : "TCP NULL scan";
    case XMAS_FLAGS:
    case XMAS_FLAGS | SYN:
      return "TCP XMAS scan";
    case FIN:
      return "TCP FIN scan";
    case SYN:
      return "TCP SYN/Normal scan";
    default:
      return unknownType(flags);
  }
}

function unknownType(flags: number): string {
  const bit = (flag: number) => ((flags & flag) === 0 ? 0 : 1);
  return (
    `Unknown Type: TCP Packet Flags: SYN: ${bit(SYN)} FIN: ${bit(FIN)} ACK: ${bit(ACK)} ` +
    `PSH: ${bit(PSH)} URG: ${bit(URG)} RST: ${bit(RST)}`
  );
}
