/**
 * Writes IP packets as they stand on the wire: IPv4 and IPv6 with TCP, UDP, or the ICMP message that
 * a closed UDP port answers with; all checksums are right (RFC 1071).
 *
 * The way back of src/packet/, and without its code, so that an error of one does not hide in the
 * other.
 */

const PROTOCOL_ICMP = 1;
const PROTOCOL_TCP = 6;
const PROTOCOL_UDP = 17;
const PROTOCOL_ICMPV6 = 58;
const TCP_BYTES = 20;
const UDP_BYTES = 8;
const ICMP_BYTES = 8;

/** What both transports have. Addresses are text, both of one family; ports are 0 to 65535. */
export interface Ends {
  readonly source: string;
  readonly destination: string;
  readonly sourcePort: number;
  readonly destinationPort: number;
}

/** Fields of the IP header that tools differ in. */
interface IpFields {
  /** Time to live, or hop limit. Default 64. */
  readonly ttl?: number;
  /** IPv4 only. Default 0. */
  readonly id?: number;
  /** Don't Fragment; IPv4 only. Default false. */
  readonly df?: boolean;
}

export interface TcpFields extends Ends, IpFields {
  /** The octet of control bits (RFC 9293 section 3.1). */
  readonly flags: number;
  /** Default 0. */
  readonly sequence?: number;
  /** Default 0. */
  readonly acknowledgement?: number;
  /** Default 0. */
  readonly window?: number;
  /** In hex, without spaces, a multiple of four bytes. Default: none. */
  readonly options?: string;
  /** Bytes of data, all of them zero. Default 0. */
  readonly payloadBytes?: number;
}

export interface UdpFields extends Ends, IpFields {
  /** Bytes of data, all of them zero. Default 0. */
  readonly payloadBytes?: number;
}

const octetsByText = new Map<string, Buffer>();

/** @returns four or sixteen octets; addresses are few and come often, so they are remembered. */
function octetsOf(address: string): Buffer {
  let octets = octetsByText.get(address);
  if (octets === undefined) {
    octets = parseOctets(address);
    // A flood has more addresses than are worth remembering.
    if (octetsByText.size < 4096) octetsByText.set(address, octets);
  }
  return octets;
}

function parseOctets(address: string): Buffer {
  if (!address.includes(":")) return Buffer.from(address.split(".").map(Number));
  const [head = "", tail = ""] = address.split("::");
  const groupsOf = (text: string) =>
    text === "" ? [] : text.split(":").map((group) => Number.parseInt(group, 16));
  const [front, back] = [groupsOf(head), groupsOf(tail)];
  const middle = Array<number>(8 - front.length - back.length).fill(0);
  return Buffer.from([...front, ...middle, ...back].flatMap((group) => [group >> 8, group & 255]));
}

/** @returns an IP packet with one TCP segment. */
export function encodeTcp(fields: TcpFields): Buffer {
  const options = Buffer.from(fields.options ?? "", "hex");
  const segment = Buffer.alloc(TCP_BYTES + options.length + (fields.payloadBytes ?? 0));
  segment.writeUInt16BE(fields.sourcePort, 0);
  segment.writeUInt16BE(fields.destinationPort, 2);
  segment.writeUInt32BE((fields.sequence ?? 0) >>> 0, 4);
  segment.writeUInt32BE((fields.acknowledgement ?? 0) >>> 0, 8);
  segment.writeUInt8(((TCP_BYTES + options.length) / 4) << 4, 12);
  segment.writeUInt8(fields.flags, 13);
  segment.writeUInt16BE(fields.window ?? 0, 14);
  options.copy(segment, TCP_BYTES);
  return encodeIp(fields, PROTOCOL_TCP, segment, 16);
}

/** @returns an IP packet with one UDP datagram. */
export function encodeUdp(fields: UdpFields): Buffer {
  const datagram = Buffer.alloc(UDP_BYTES + (fields.payloadBytes ?? 0));
  datagram.writeUInt16BE(fields.sourcePort, 0);
  datagram.writeUInt16BE(fields.destinationPort, 2);
  datagram.writeUInt16BE(datagram.length, 4);
  return encodeIp(fields, PROTOCOL_UDP, datagram, 6);
}

/**
 * @returns "port unreachable" to whoever sent `cause`, an IP packet of {@link encodeUdp}: RFC 792
 * and, for IPv6, RFC 4443 section 3.1.
 */
export function encodePortUnreachable(cause: Buffer): Buffer {
  const isIpv6 = cause.readUInt8(0) >> 4 === 6;
  const [source, destination] = isIpv6
    ? [cause.subarray(24, 40), cause.subarray(8, 24)]
    : [cause.subarray(16, 20), cause.subarray(12, 16)];
  const message = Buffer.concat([Buffer.alloc(ICMP_BYTES), cause]);
  message.writeUInt8(isIpv6 ? 1 : 3, 0);
  message.writeUInt8(isIpv6 ? 4 : 3, 1);
  if (isIpv6) return wrap(source, destination, {}, PROTOCOL_ICMPV6, message, 2);
  // ICMP for IPv4 sums the message alone, without a pseudo header.
  message.writeUInt16BE(foldSum(sumOf(message)), 2);
  return wrap(source, destination, {}, PROTOCOL_ICMP, message, undefined);
}

function encodeIp(
  fields: Ends & IpFields,
  protocol: number,
  body: Buffer,
  checksumAt: number,
): Buffer {
  const source = octetsOf(fields.source);
  return wrap(source, octetsOf(fields.destination), fields, protocol, body, checksumAt);
}

/** @param checksumAt where the body's checksum stands; undefined: there is nothing left to do. */
function wrap(
  source: Buffer,
  destination: Buffer,
  { ttl = 64, id = 0, df = false }: IpFields,
  protocol: number,
  body: Buffer,
  checksumAt: number | undefined,
): Buffer {
  if (checksumAt !== undefined) {
    const pseudoSum = sumOf(source) + sumOf(destination) + protocol + body.length;
    const checksum = foldSum(pseudoSum + sumOf(body));
    // 0 means "no checksum" for UDP (RFC 768).
    const isZeroUdp = protocol === PROTOCOL_UDP && checksum === 0;
    body.writeUInt16BE(isZeroUdp ? 0xffff : checksum, checksumAt);
  }
  if (source.length === 16) {
    const header = Buffer.alloc(40);
    header.writeUInt8(0x60, 0);
    header.writeUInt16BE(body.length, 4);
    header.writeUInt8(protocol, 6);
    header.writeUInt8(ttl, 7);
    source.copy(header, 8);
    destination.copy(header, 24);
    return Buffer.concat([header, body]);
  }
  const header = Buffer.alloc(20);
  header.writeUInt8(0x45, 0);
  header.writeUInt16BE(header.length + body.length, 2);
  header.writeUInt16BE(id & 0xffff, 4);
  header.writeUInt16BE(df ? 0x4000 : 0, 6);
  header.writeUInt8(ttl, 8);
  header.writeUInt8(protocol, 9);
  source.copy(header, 12);
  destination.copy(header, 16);
  header.writeUInt16BE(foldSum(sumOf(header)), 10);
  return Buffer.concat([header, body]);
}

/** Sum of 16-bit words (RFC 1071), an odd byte padded with zero; not yet folded. */
function sumOf(bytes: Buffer): number {
  let sum = 0;
  for (let index = 0; index + 1 < bytes.length; index += 2) sum += bytes.readUInt16BE(index);
  return bytes.length % 2 === 0 ? sum : sum + bytes.readUInt8(bytes.length - 1) * 256;
}

function foldSum(sum: number): number {
  let rest = sum;
  while (rest > 0xffff) rest = (rest & 0xffff) + (rest >>> 16);
  return ~rest & 0xffff;
}
