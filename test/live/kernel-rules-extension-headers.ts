/**
 * The program that sends one IPv6 packet whose ports lie behind an extension header.
 *
 * Neither nmap nor hping3 makes such packets. A raw socket with our own header (ipv6(7),
 * IPPROTO_RAW); the header has one option, or no segments (RFC 8200 sections 4.2 to 4.6). Behind a
 * fragment header the packet comes in two fragments, the transport's header in the first (RFC 7112).
 * Must run as root inside a test's own namespace.
 */
import koffi from "koffi";

export interface ExtensionOrder {
  /** Eight groups each, none left out. */
  readonly source: string;
  readonly destination: string;
  /** Protocol number of the extension header: 0 hop-by-hop, 43 routing, 44 fragment, 60 destination options. */
  readonly extension: number;
  /** Whole length of the extension header. A multiple of 8, 8 to 264. */
  readonly extensionBytes: number;
  readonly transport: "tcp" | "udp";
  readonly port: number;
}

const AF_INET6 = 10;
const SOCK_RAW = 3;
const IPPROTO_RAW = 255;
const PROTOCOLS = { tcp: 6, udp: 17 } as const;
const ROUTING = 43;
const FRAGMENT = 44;
/** What the second fragment carries. */
const LAST_BYTES = 8;
/** An experimental type (RFC 4727): with no segments left, every receiver must ignore it. */
const ROUTING_TYPE = 253;
/** An experimental option (RFC 4727): skipped by who does not know it; long padding is refused. */
const OPTION_TO_SKIP = 0x1e;

const libc = koffi.load("libc.so.6");
const socket = libc.func("int socket(int, int, int)");
const sendto = libc.func(
  "int64_t sendto(int, const uint8_t*, uint64_t, int, const uint8_t*, uint32_t)",
);

function encodeAddress(text: string): Buffer {
  return Buffer.from(text.split(":").flatMap((group) => [...uint16(Number.parseInt(group, 16))]));
}

function uint16(value: number): Buffer {
  return Buffer.from([value >> 8, value & 255]);
}

/** Type and length, then the option or the routing type without segments. */
function encodeExtension({ extension, extensionBytes, transport }: ExtensionOrder): Buffer {
  const header = Buffer.alloc(extensionBytes);
  header.writeUInt8(PROTOCOLS[transport], 0);
  header.writeUInt8(extensionBytes / 8 - 1, 1);
  header.writeUInt8(extension === ROUTING ? ROUTING_TYPE : OPTION_TO_SKIP, 2);
  header.writeUInt8(extension === ROUTING ? 0 : extensionBytes - 4, 3);
  return header;
}

/** RFC 1071 over the pseudo-header and the segment, whose checksum is still zero. */
function checksum(order: ExtensionOrder, segment: Buffer): number {
  const words = Buffer.concat([
    ...[encodeAddress(order.source), encodeAddress(order.destination)],
    ...[uint16(segment.length), uint16(PROTOCOLS[order.transport]), segment],
  ]);
  let sum = 0;
  for (let index = 0; index < words.length; index += 2) sum += words.readUInt16BE(index);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

/** RFC 8200 section 4.5. @param place where its piece begins; 0: more come after it. */
function encodeFragment(transport: ExtensionOrder["transport"], place: number): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt8(PROTOCOLS[transport], 0);
  header.writeUInt16BE(place === 0 ? 1 : place, 2);
  header.writeUInt32BE(0x7e57, 4);
  return header;
}

/** A SYN with four bytes of options that do nothing, or a datagram; `dataBytes` of data. */
function encodeSegment(order: ExtensionOrder, dataBytes: number): Buffer {
  const isTcp = order.transport === "tcp";
  const segment = Buffer.alloc((isTcp ? 24 : 8) + dataBytes);
  segment.writeUInt16BE(40_000, 0);
  segment.writeUInt16BE(order.port, 2);
  if (isTcp) {
    segment.writeUInt32BE(0x6002_0400, 12);
    segment.writeUInt32BE(0x0101_0101, 20);
  } else {
    segment.writeUInt16BE(segment.length, 4);
  }
  segment.writeUInt16BE(checksum(order, segment), isTcp ? 16 : 6);
  return segment;
}

/** What stands behind the IPv6 header of each packet. */
function encodePayloads(order: ExtensionOrder): Buffer[] {
  if (order.extension !== FRAGMENT) {
    return [Buffer.concat([encodeExtension(order), encodeSegment(order, 0)])];
  }
  const segment = encodeSegment(order, LAST_BYTES);
  const place = segment.length - LAST_BYTES;
  return [
    Buffer.concat([encodeFragment(order.transport, 0), segment.subarray(0, place)]),
    Buffer.concat([encodeFragment(order.transport, place), segment.subarray(place)]),
  ];
}

const order = JSON.parse(process.argv[2] ?? "{}") as ExtensionOrder;
const to = Buffer.alloc(28);
to.writeUInt16LE(AF_INET6, 0);
encodeAddress(order.destination).copy(to, 8);
const fd: number = socket(AF_INET6, SOCK_RAW, IPPROTO_RAW);
for (const payload of encodePayloads(order)) {
  const packet = Buffer.concat([
    Buffer.from([0x60, 0, 0, 0]),
    uint16(payload.length),
    Buffer.from([order.extension, 64]),
    encodeAddress(order.source),
    encodeAddress(order.destination),
    payload,
  ]);
  const sent = Number(sendto(fd, packet, packet.length, 0, to, to.length));
  if (sent !== packet.length) throw new Error("the packet was not sent: it needs root");
}
process.exit(0);
