/**
 * The program behind {@link forge}: sends TCP segments under source addresses that are not ours.
 *
 * A raw socket with our own IP header (raw(7), IP_HDRINCL; ipv6(7), IPPROTO_RAW), paced in slices
 * of 5 ms. Prints the number of segments that the kernel took. Must run as root inside a test's own
 * namespace: the driver is the only one that starts it.
 */
import { setTimeout as pause } from "node:timers/promises";
import koffi from "koffi";
import type { ForgeOrder } from "./forge.ts";

const AF_INET = 2;
const AF_INET6 = 10;
const SOCK_RAW = 3;
const IPPROTO_RAW = 255;
const PROTOCOL_TCP = 6;
const TCP_BYTES = 20;
const SLICE_MS = 5;
/** What a busy machine has kept it from sending it makes up for, up to so much; no burst is longer. */
const CATCH_UP_MS = 100;

const libc = koffi.load("libc.so.6");
const socket = libc.func("int socket(int, int, int)");
const sendto = libc.func(
  "int64_t sendto(int, const uint8_t*, uint64_t, int, const uint8_t*, uint32_t)",
);

/** Octets of an address: four or sixteen. */
function parseOctets(address: string): Buffer {
  if (!address.includes(":")) return Buffer.from(address.split(".").map(Number));
  const [head = "", tail] = address.split("::");
  const groupsOf = (text: string | undefined): number[] =>
    text ? text.split(":").map((group) => Number.parseInt(group, 16)) : [];
  const [front, back] = [groupsOf(head), groupsOf(tail)];
  const groups = [...front, ...Array(8 - front.length - back.length).fill(0), ...back];
  return Buffer.from(groups.flatMap((group) => [group >> 8, group & 255]));
}

/** Adds `count` to the big-endian number that ends before `end`. */
function advance(address: Buffer, end: number, count: number): Buffer {
  const next = Buffer.from(address);
  let carry = count;
  for (let index = end - 1; carry > 0 && index >= 0; index -= 1) {
    carry += next.readUInt8(index);
    next.writeUInt8(carry & 255, index);
    carry = Math.floor(carry / 256);
  }
  return next;
}

/** Sum of 16-bit words (RFC 1071), not yet folded. */
function sumWords(bytes: Buffer): number {
  let sum = 0;
  for (let index = 0; index < bytes.length; index += 2) sum += bytes.readUInt16BE(index);
  return sum;
}

function foldChecksum(sum: number): number {
  let rest = sum;
  while (rest > 0xffff) rest = (rest & 0xffff) + (rest >>> 16);
  return ~rest & 0xffff;
}

/** An IP packet with one TCP header (RFC 9293 section 3.1) and nothing in it. */
function encodePacket(
  source: Buffer,
  destination: Buffer,
  ports: { readonly from: number; readonly to: number },
  flags: number,
  sequence: number,
): Buffer {
  const isIpv6 = source.length === 16;
  const headerBytes = isIpv6 ? 40 : 20;
  const packet = Buffer.alloc(headerBytes + TCP_BYTES);
  if (isIpv6) {
    packet.writeUInt8(0x60, 0);
    packet.writeUInt16BE(TCP_BYTES, 4);
    packet.writeUInt8(PROTOCOL_TCP, 6);
    packet.writeUInt8(64, 7);
    source.copy(packet, 8);
    destination.copy(packet, 24);
  } else {
    // The kernel fills in the identification and the header's checksum.
    packet.writeUInt8(0x45, 0);
    packet.writeUInt16BE(packet.length, 2);
    packet.writeUInt8(64, 8);
    packet.writeUInt8(PROTOCOL_TCP, 9);
    source.copy(packet, 12);
    destination.copy(packet, 16);
  }
  const tcp = packet.subarray(headerBytes);
  tcp.writeUInt16BE(ports.from, 0);
  tcp.writeUInt16BE(ports.to, 2);
  tcp.writeUInt32BE(sequence, 4);
  tcp.writeUInt32BE(flags & 0x10 ? 1 : 0, 8);
  tcp.writeUInt8(0x50, 12);
  tcp.writeUInt8(flags, 13);
  tcp.writeUInt16BE(1024, 14);
  const pseudoHeader = sumWords(source) + sumWords(destination) + PROTOCOL_TCP + TCP_BYTES;
  tcp.writeUInt16BE(foldChecksum(pseudoHeader + sumWords(tcp)), 16);
  return packet;
}

function encodeSocketAddress(destination: Buffer): Buffer {
  const isIpv6 = destination.length === 16;
  const address = Buffer.alloc(isIpv6 ? 28 : 16);
  address.writeUInt16LE(isIpv6 ? AF_INET6 : AF_INET, 0);
  destination.copy(address, isIpv6 ? 8 : 4);
  return address;
}

const order = JSON.parse(process.argv[2] ?? "{}") as ForgeOrder;
const first = parseOctets(order.firstSource);
const destination = parseOctets(order.destination);
const to = encodeSocketAddress(destination);
const fd: number = socket(first.length === 16 ? AF_INET6 : AF_INET, SOCK_RAW, IPPROTO_RAW);
if (fd < 0) throw new Error("no raw socket: forging needs root");

/** The number that is counted upward ends before this octet. */
const counted = { address: first.length, network: 3, prefix: 8 }[order.step];
let dueAtMs = performance.now();
let sent = 0;
for (let index = 0; index < order.sources * order.ports.length * order.repeats; index += 1) {
  const sourceIndex = Math.floor(index / order.ports.length) % order.sources;
  const source = advance(first, counted, sourceIndex);
  const port = order.ports[index % order.ports.length] ?? 0;
  const ports = { from: order.fromPort + (index % order.fromPorts), to: port };
  const packet = encodePacket(
    source,
    destination,
    ports,
    order.flags,
    (index * 2_654_435_761) >>> 0,
  );
  if (Number(sendto(fd, packet, packet.length, 0, to, to.length)) === packet.length) sent += 1;
  dueAtMs = Math.max(dueAtMs, performance.now() - CATCH_UP_MS) + 1000 / order.perSecond;
  // Without a pause in which nothing is due, the loop would run ahead of its rate.
  while (dueAtMs > performance.now() + SLICE_MS) await pause(SLICE_MS);
}
process.stdout.write(`${sent}\n`);
process.exit(0);
