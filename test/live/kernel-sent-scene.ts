/**
 * Runs inside a namespace as root: builds our table and prints as JSON what leaves through raw
 * sockets with the mark, as somebody would send it who has taken the guard over. A packet that the
 * table drops is refused to its sender (EPERM).
 */
import { execFileSync } from "node:child_process";
import { loadConfigurationTexts } from "../../src/config/load.ts";
import { DEFAULT_EPHEMERAL, planTable } from "../../src/daemon/table-plan.ts";
import { openNftables } from "../../src/kernel/nftables.ts";
import { openRawSocket, RawSender } from "../../src/kernel/raw-socket.ts";
import { buildStopped, buildTable } from "../../src/kernel/table.ts";
import type { TableOptions } from "../../src/kernel/table-options.ts";
import { parseWords } from "../../src/net/address-words.ts";
import { encodeTcpSegment } from "../../src/packet/tcp-segment.ts";

const ADDRESSES = {
  4: { source: "192.0.2.1", destination: "203.0.113.9" },
  6: { source: "2001:db8:1::1", destination: "2001:db8:9::9" },
} as const;
const HEADER_BYTES = { 4: 20, 6: 40 } as const;
/** Protocol numbers that an IPv6 header may name next. */
const [TCP, FRAGMENT, DESTINATION_OPTIONS] = [6, 44, 60];
const [SYN, RST, SYN_ACK] = [0x02, 0x04, 0x12];

for (const [family, address, gateway] of [
  ["-4", "192.0.2.1/24", "192.0.2.254"],
  ["-6", "2001:db8:1::1/64", "2001:db8:1::ff"],
] as const) {
  const lines = [
    ...(family === "-4" ? ["link add uplink type veth peer name far", "link set far up"] : []),
    "link set uplink up",
    `addr add ${address} dev uplink${family === "-6" ? " nodad" : ""}`,
    `route add default via ${gateway} dev uplink`,
  ];
  execFileSync("ip", [family, "-batch", "-"], { input: `${lines.join("\n")}\n` });
}

const nftables = openNftables();
const DEFAULTS = planTable(loadConfigurationTexts({}), false, DEFAULT_EPHEMERAL);

function run(commands: string): void {
  const outcome = nftables.run(commands);
  if (outcome.status === "failed") throw new Error(outcome.reason);
}

function descriptorOf(version: 4 | 6): number {
  const outcome = openRawSocket(version);
  if (outcome.status !== "open") throw new Error(`IPv${version}: ${outcome.status}`);
  return outcome.fd;
}

const sender = new RawSender({ ipv4: descriptorOf(4), ipv6: descriptorOf(6) });

function wordsOf(version: 4 | 6) {
  const { source, destination } = ADDRESSES[version];
  return {
    source: parseWords(source) as Uint32Array,
    destination: parseWords(destination) as Uint32Array,
  };
}

function send(version: 4 | 6, packet: Buffer): boolean {
  const { source, destination } = wordsOf(version);
  sender.packet.set(packet);
  return sender.send(packet.length, source, destination, 0);
}

/** One whole packet, from port 23 to port 40000. */
function encode(version: 4 | 6, flags: number): Buffer {
  const ports = { sourcePort: 23, destinationPort: 40_000, sequence: 1, acknowledgement: 2 };
  const rest = { flags, window: 1, options: new Uint8Array(), payload: new Uint8Array() };
  const bytes = encodeTcpSegment({ ...wordsOf(version), ...ports, ...rest }, sender.packet);
  return Buffer.from(sender.packet.subarray(0, bytes));
}

/** Its first bytes behind the IP header, with lengths that say so. */
function cut(version: 4 | 6, packet: Buffer, bytes: number): Buffer {
  const piece = Buffer.from(packet.subarray(0, HEADER_BYTES[version] + bytes));
  if (version === 4) piece.writeUInt16BE(piece.length, 2);
  else piece.writeUInt16BE(bytes, 4);
  return piece;
}

/**
 * A piece of it (RFC 791 section 3.2, RFC 8200 section 4.5); `from` and `to` in bytes of the segment.
 * @param next what an IPv6 fragment says that it carries.
 */
function fragment(version: 4 | 6, packet: Buffer, from: number, to: number, next = TCP): Buffer {
  const head = Buffer.from(packet.subarray(0, HEADER_BYTES[version]));
  const data = packet.subarray(HEADER_BYTES[version]).subarray(from, to);
  const hasMore = HEADER_BYTES[version] + to < packet.length;
  if (version === 4) {
    head.writeUInt16BE(head.length + data.length, 2);
    head.writeUInt16BE(0x7e57, 4);
    head.writeUInt16BE((hasMore ? 0x2000 : 0) | (from / 8), 6);
    return Buffer.concat([head, data]);
  }
  const extension = Buffer.alloc(8);
  extension.writeUInt8(next as number, 0);
  extension.writeUInt16BE(from | (hasMore ? 1 : 0), 2);
  extension.writeUInt32BE(0x7e57, 4);
  head.writeUInt16BE(extension.length + data.length, 4);
  head.writeUInt8(FRAGMENT as number, 6);
  return Buffer.concat([head, extension, data]);
}

/** What leaves, of all that could be tried with this table. */
function tryAll(version: 4 | 6) {
  const [syn, reset, synAck] = [SYN, RST, SYN_ACK].map((flags) =>
    encode(version, flags as number),
  ) as [Buffer, Buffer, Buffer];
  const packets = {
    synAck,
    syn,
    reset,
    firstPiece: fragment(version, syn, 0, 8),
    laterPiece: fragment(version, syn, 8, 20),
    laterPieceOfOptions: fragment(version, syn, 8, 20, DESTINATION_OPTIONS),
    firstPieceOfSynAck: fragment(version, synAck, 0, 16),
    cutShort: cut(version, syn, 8),
  };
  const tried = Object.entries(packets).map(([name, packet]) => [name, send(version, packet)]);
  return tried.filter(([, hasLeft]) => hasLeft).map(([name]) => name);
}

function leftWith(options: Partial<TableOptions>, more = "") {
  run(buildTable({ ...DEFAULTS, ...options }));
  if (more !== "") run(more);
  return { v4: tryAll(4), v6: tryAll(6) };
}

const asking = leftWith({ challengeRate: 1000 });
const elements = ([4, 6] as const).map((version) => {
  const { source, destination } = ADDRESSES[version];
  const flow = `40000 . ${destination} . 23 . ${source}`;
  return `add element inet vedette phantom${version} { ${flow} timeout 1m }`;
});
const talking = leftWith({ phantom: "all" }, elements.join("\n"));
run(buildStopped({ ...DEFAULTS, phantom: "all" }));
const stopped = { v4: tryAll(4), v6: tryAll(6) };
const silent = leftWith({ challengeRate: 0 });
nftables.close();
process.stdout.write(JSON.stringify({ asking, talking, stopped, silent }));
