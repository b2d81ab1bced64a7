/**
 * The program that sends one IPv6 packet whose ports lie behind an extension header.
 *
 * Neither nmap nor hping3 makes such packets. A raw socket with our own header (ipv6(7),
 * IPPROTO_RAW); the header has one option, or no segments (RFC 8200 sections 4.2 to 4.6). Must run
 * as root inside a test's own namespace.
 */
import koffi from "koffi";

export interface ExtensionOrder {
  /** Eight groups each, none left out. */
  readonly source: string;
  readonly destination: string;
  /** Protocol number of the extension header: 0 hop-by-hop, 43 routing, 60 destination options. */
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

/** A SYN, or a datagram without data. */
function encodeSegment(order: ExtensionOrder): Buffer {
  const isTcp = order.transport === "tcp";
  const segment = Buffer.alloc(isTcp ? 20 : 8);
  segment.writeUInt16BE(40_000, 0);
  segment.writeUInt16BE(order.port, 2);
  if (isTcp) segment.writeUInt32BE(0x5002_0400, 12);
  else segment.writeUInt16BE(8, 4);
  segment.writeUInt16BE(checksum(order, segment), isTcp ? 16 : 6);
  return segment;
}

const order = JSON.parse(process.argv[2] ?? "{}") as ExtensionOrder;
const payload = Buffer.concat([encodeExtension(order), encodeSegment(order)]);
const packet = Buffer.concat([
  Buffer.from([0x60, 0, 0, 0]),
  uint16(payload.length),
  Buffer.from([order.extension, 64]),
  encodeAddress(order.source),
  encodeAddress(order.destination),
  payload,
]);
const to = Buffer.alloc(28);
to.writeUInt16LE(AF_INET6, 0);
encodeAddress(order.destination).copy(to, 8);
const fd: number = socket(AF_INET6, SOCK_RAW, IPPROTO_RAW);
const sent = Number(sendto(fd, packet, packet.length, 0, to, to.length));
if (sent !== packet.length) throw new Error("the packet was not sent: it needs root");
process.exit(0);
