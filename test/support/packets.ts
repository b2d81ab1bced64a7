/**
 * IP packets of TCP, UDP and other protocols as tests want them, made without the code under test.
 *
 * Lengths and checksums are right unless a field says otherwise, so that a real kernel takes them.
 */

export interface PacketSpec {
  readonly from: string;
  readonly to: string;
  /** Default "tcp". */
  readonly transport?: "tcp" | "udp";
  /** Default 40000. */
  readonly sourcePort?: number;
  readonly port: number;
  /** Of TCP (RFC 9293 section 3.1). Default SYN. */
  readonly flags?: number;
  /** Of TCP. Default 1. */
  readonly sequence?: number;
  /** Of TCP. Default 0. */
  readonly acknowledgement?: number;
  /** Behind the transport header. Default none. */
  readonly payload?: Uint8Array;
  /** IPv4 only. Default 1. */
  readonly identification?: number;
}

/** TCP's flags (RFC 9293 section 3.1). */
export const FIN = 0x01;
export const SYN = 0x02;
export const RST = 0x04;
export const PSH = 0x08;
export const ACK = 0x10;
export const URG = 0x20;

const PROTOCOLS = { tcp: 6, udp: 17 } as const;

/** Four or sixteen octets. */
function octetsOf(address: string): Buffer {
  if (!address.includes(":")) return Buffer.from(address.split(".").map(Number));
  const [head = "", tail] = address.split("::");
  const groupsOf = (text: string | undefined): number[] =>
    text ? text.split(":").map((group) => Number.parseInt(group, 16)) : [];
  const [front, back] = [groupsOf(head), groupsOf(tail)];
  const groups = [...front, ...Array(8 - front.length - back.length).fill(0), ...back];
  return Buffer.from(groups.flatMap((group) => [group >> 8, group & 255]));
}

/** Sum of 16-bit words (RFC 1071), folded. */
function checksumOf(...parts: Buffer[]): number {
  const bytes = Buffer.concat(parts);
  let sum = 0;
  for (let index = 0; index < bytes.length; index += 1) {
    sum += (bytes[index] ?? 0) << (index % 2 === 0 ? 8 : 0);
  }
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

function encodeTransport(spec: PacketSpec, source: Buffer, destination: Buffer): Buffer {
  const payload = Buffer.from(spec.payload ?? []);
  const isUdp = spec.transport === "udp";
  const header = Buffer.alloc(isUdp ? 8 : 20);
  header.writeUInt16BE(spec.sourcePort ?? 40_000, 0);
  header.writeUInt16BE(spec.port, 2);
  if (isUdp) {
    header.writeUInt16BE(8 + payload.length, 4);
  } else {
    header.writeUInt32BE(spec.sequence ?? 1, 4);
    header.writeUInt32BE(spec.acknowledgement ?? 0, 8);
    header.writeUInt8(0x50, 12);
    header.writeUInt8(spec.flags ?? SYN, 13);
    header.writeUInt16BE(8192, 14);
  }
  const pseudo = Buffer.alloc(4);
  pseudo.writeUInt8(PROTOCOLS[isUdp ? "udp" : "tcp"], 1);
  pseudo.writeUInt16BE(header.length + payload.length, 2);
  const checksum = checksumOf(source, destination, pseudo, header, payload);
  header.writeUInt16BE(isUdp && checksum === 0 ? 0xffff : checksum, isUdp ? 6 : 16);
  return Buffer.concat([header, payload]);
}

/** The whole packet, from its IP header on. */
export function encodePacket(spec: PacketSpec): Buffer {
  const [source, destination] = [octetsOf(spec.from), octetsOf(spec.to)];
  const behind = encodeTransport(spec, source, destination);
  return wrap(source, destination, PROTOCOLS[spec.transport ?? "tcp"], behind, {
    identification: spec.identification ?? 1,
    fragmentation: 0,
  });
}

/** A packet of any protocol, from its IP header on; the data are sent as they are. */
export function encodeProtocol(spec: {
  readonly from: string;
  readonly to: string;
  /** IANA, "Assigned Internet Protocol Numbers". */
  readonly protocol: number;
  readonly data: Buffer;
}): Buffer {
  const [source, destination] = [octetsOf(spec.from), octetsOf(spec.to)];
  const whole = { identification: 1, fragmentation: 0 };
  return wrap(source, destination, spec.protocol, spec.data, whole);
}

/**
 * The packet in pieces whose data begin at these offsets, multiples of eight; the first is 0.
 * IPv6 pieces have a fragment header (RFC 8200 section 4.5).
 */
export function encodeFragments(spec: PacketSpec, offsets: readonly number[]): Buffer[] {
  const [source, destination] = [octetsOf(spec.from), octetsOf(spec.to)];
  const behind = encodeTransport(spec, source, destination);
  const protocol = PROTOCOLS[spec.transport ?? "tcp"];
  const identification = spec.identification ?? 1;
  return offsets.map((offset, index) => {
    const until = offsets[index + 1] ?? behind.length;
    const more = until < behind.length;
    const data = behind.subarray(offset, until);
    if (source.length === 4) {
      const fragmentation = (offset / 8) | (more ? 0x2000 : 0);
      return wrap(source, destination, protocol, data, { identification, fragmentation });
    }
    const header = Buffer.alloc(8);
    header.writeUInt8(protocol, 0);
    header.writeUInt16BE(offset | (more ? 1 : 0), 2);
    header.writeUInt32BE(identification, 4);
    return wrap(source, destination, 44, Buffer.concat([header, data]), {
      identification,
      fragmentation: 0,
    });
  });
}

function wrap(
  source: Buffer,
  destination: Buffer,
  protocol: number,
  data: Buffer,
  { identification, fragmentation }: { identification: number; fragmentation: number },
): Buffer {
  if (source.length === 16) {
    const header = Buffer.alloc(8);
    header.writeUInt8(0x60, 0);
    header.writeUInt16BE(data.length, 4);
    header.writeUInt8(protocol, 6);
    header.writeUInt8(64, 7);
    return Buffer.concat([header, source, destination, data]);
  }
  const header = Buffer.alloc(12);
  header.writeUInt8(0x45, 0);
  header.writeUInt16BE(20 + data.length, 2);
  header.writeUInt16BE(identification, 4);
  header.writeUInt16BE(fragmentation, 6);
  header.writeUInt8(64, 8);
  header.writeUInt8(protocol, 9);
  header.writeUInt16BE(checksumOf(header, source, destination), 10);
  return Buffer.concat([header, source, destination, data]);
}
