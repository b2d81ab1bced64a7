/**
 * Decodes the packets of a capture as the kernel's input hook sees them: IPv4 datagrams put
 * together from their pieces, IPv6 pieces as they are.
 *
 * The bytes come from anybody; what bounds the pieces is in {@link Datagrams}.
 */
import type { DecodeOutcome } from "../packet/decode-outcome.ts";
import { decodePacket } from "../packet/decode-packet.ts";
import type { PacketHeader } from "../packet/packet-header.ts";
import { Datagrams } from "./datagrams.ts";

export class WholePackets {
  readonly #datagrams = new Datagrams();

  /**
   * As `decodePacket`. "later-fragment" for every piece but the one that makes a datagram whole,
   * with which the header is the datagram's.
   */
  decode(
    bytes: Uint8Array,
    start: number,
    end: number,
    atMs: number,
    into: PacketHeader,
  ): DecodeOutcome {
    const outcome = decodePacket(bytes, start, end, into);
    if (!into.isFragment || into.version !== 4 || outcome === "malformed") return outcome;
    const whole = this.#datagrams.take(bytes, start, end, atMs);
    return whole === undefined ? "later-fragment" : decodePacket(whole, 0, whole.length, into);
  }
}
