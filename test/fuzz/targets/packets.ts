/**
 * Frames as any sender makes them: headers of every kind with octets turned round, and those of the
 * shared captures where they are there.
 *
 * Decoding must not throw, and must say the same whatever lies around the frame.
 */
import fc from "fast-check";
import { formatWords } from "../../../src/net/address-words.ts";
import { decodePacket } from "../../../src/packet/decode-packet.ts";
import { findIpPacket } from "../../../src/packet/link-layer.ts";
import { PacketHeader } from "../../../src/packet/packet-header.ts";
import { bytesOf } from "../../packet/hex.ts";
import { keptInputs } from "../corpus.ts";
import { mutatedBytes } from "../mutated-bytes.ts";
import { sharedFrames } from "../shared-captures.ts";
import { fuzzTarget, promise } from "../target.ts";

const V4 = "c0000207 c6336401";
const V6 = "20010db8 00000000 00000000 00000007 20010db8 00000000 00000000 00000001";
const SYN =
  "9c40 0016 01020304 00000000 a0 02 0400 0000 0000 020405b4 0402080a 00000001 00000000 01030307";
const UDP = "9c40 0035 0008 0000";

/** IP packets, of which other targets make frames and captures. */
export const PACKETS: readonly Uint8Array[] = [
  bytesOf("45 00 003c 1234 4000 40 06 0000", V4, SYN),
  bytesOf("46 00 0040 1234 4000 40 06 0000", V4, "94040000", SYN),
  bytesOf("45 00 001c 1234 0000 40 11 0000", V4, UDP),
  bytesOf("45 00 001c 1234 2000 40 06 0000", V4, "9c40 0016 01020304"),
  bytesOf("45 00 001c 1234 0000 40 01 0000", V4, "0800 0000 0001 0001"),
  bytesOf("45 00 0014 1234 0000 40 2f 0000", V4),
  bytesOf("60000000 0028 06 40", V6, SYN),
  bytesOf("60000000 0030 00 40", V6, "06000104 00000000", SYN),
  bytesOf("60000000 0030 2c 40", V6, "06000001 00000001", SYN),
  bytesOf("60000000 0030 2b 40", V6, "06000000 00000000", SYN),
  bytesOf("60000000 0008 11 40", V6, UDP),
  bytesOf("60000000 0008 3a 40", V6, "8000 0000 0001 0001"),
];

const RAW_IP = 101;
const LINK_TYPES = [0, 1, 12, 14, 101, 108, 113, 228, 229, 276, 147] as const;
const ETHERNET = "020000000001 020000000002";
const LINKS: readonly Uint8Array[] = [
  bytesOf(""),
  bytesOf(ETHERNET, "0800"),
  bytesOf(ETHERNET, "86dd"),
  bytesOf(ETHERNET, "8100 0001 88a8 0002 0800"),
  bytesOf("0000 0001 0006 020000000001 0000 0800"),
  bytesOf("02000000"),
];

const kept = keptInputs("packets").map(({ bytes }) => bytes);
const made = fc
  .tuple(fc.constantFrom(...LINKS), fc.constantFrom(...PACKETS, ...kept))
  .map((parts) => Buffer.concat(parts));
const captured = sharedFrames();
const seeds = captured.length === 0 ? made : fc.oneof(made, fc.constantFrom(...captured));

const frames = fc.record({
  linkType: fc.constantFrom(...LINK_TYPES),
  frame: mutatedBytes(seeds),
  before: fc.nat({ max: 40 }),
  behind: fc.nat({ max: 80 }),
});

/** Everything that is said of a frame, offsets counted from its beginning. */
function told(
  linkType: number,
  frame: Uint8Array,
  before: number,
  behind: number,
  filling: number,
) {
  const bytes = Buffer.alloc(before + frame.length + behind, filling);
  bytes.set(frame, before);
  const end = before + frame.length;
  const start = findIpPacket(linkType, bytes, before, end);
  if (start < 0) return { start };
  promise(start >= before && start <= end, `a packet begins at ${start}, outside its frame`);
  const header = new PacketHeader();
  const outcome = decodePacket(bytes, start, end, header);
  const { payloadBytes, sourcePort, destinationPort, protocol } = header;
  promise(payloadBytes >= 0, `${payloadBytes} bytes of payload`);
  for (const port of [sourcePort, destinationPort]) {
    promise(port >= 0 && port <= 65_535, `port ${port}`);
  }
  if (outcome === "decoded" && !header.isFragment && header.transport !== undefined) {
    promise(header.transportOffset >= start && header.transportOffset <= end, "a header outside");
  }
  return {
    start: start - before,
    outcome,
    source: formatWords(header.source),
    destination: formatWords(header.destination),
    values: [protocol, sourcePort, destinationPort, header.tcpFlags, payloadBytes],
    options: [header.tcpOptionKinds, header.tcpOptionsDigest, header.icmpType, header.ttlHops],
  };
}

export const packetsTarget = fuzzTarget(
  "packets",
  frames,
  ({ linkType, frame, before, behind }) => {
    const alone = JSON.stringify(told(linkType, frame, 0, 0, 0));
    for (const filling of [0x00, 0xff]) {
      const within = JSON.stringify(told(linkType, frame, before, behind, filling));
      promise(within === alone, `what lies around a frame changes it: ${alone}, then ${within}`);
    }
  },
  (frame) => ({ linkType: RAW_IP as typeof RAW_IP, frame, before: 5, behind: 9 }),
);
