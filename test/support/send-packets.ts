/**
 * Sends whole IP packets from a namespace, each exactly once and in their order.
 *
 * The program behind it is this file itself: started with a file of packets it sends them by raw
 * sockets (raw(7), IP_HDRINCL; ipv6(7), IPPROTO_RAW). Must run as root inside a test's own
 * namespace, and {@link sendPackets} is the only one that starts it.
 */
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import koffi from "koffi";
import type { Lab, Namespace } from "./namespaces.ts";
import { NODE } from "./programs.ts";

/** One packet from its IP header on, and how long to wait before it. */
export interface SentPacket {
  readonly hex: string;
  readonly afterMs: number;
}

const AF_INET = 2;
const AF_INET6 = 10;
const SOCK_RAW = 3;
const IPPROTO_RAW = 255;

/** Resolves when all of them have left. @throws {Error} when the kernel refused one. */
export async function sendPackets(
  lab: Lab,
  namespace: Namespace,
  packets: readonly SentPacket[],
): Promise<void> {
  const file = join(lab.folder, `${randomUUID()}.json`);
  await writeFile(file, JSON.stringify(packets));
  const waitsMs = packets.reduce((total, { afterMs }) => total + afterMs, 0);
  await namespace.run(NODE, [import.meta.filename, file], 60_000 + waitsMs);
}

async function send(packets: readonly SentPacket[]): Promise<void> {
  const libc = koffi.load("libc.so.6");
  const socket = libc.func("int socket(int, int, int)");
  const sendto = libc.func(
    "int64_t sendto(int, const uint8_t*, uint64_t, int, const uint8_t*, uint32_t)",
  );
  const sockets = {
    4: socket(AF_INET, SOCK_RAW, IPPROTO_RAW) as number,
    6: socket(AF_INET6, SOCK_RAW, IPPROTO_RAW) as number,
  };
  if (sockets[4] < 0 || sockets[6] < 0) throw new Error("no raw socket: this needs root");
  for (const { hex, afterMs } of packets) {
    if (afterMs > 0) await pause(afterMs);
    const packet = Buffer.from(hex, "hex");
    const isIpv6 = packet.readUInt8(0) >> 4 === 6;
    const to = Buffer.alloc(isIpv6 ? 28 : 16);
    to.writeUInt16LE(isIpv6 ? AF_INET6 : AF_INET, 0);
    if (isIpv6) packet.copy(to, 8, 24, 40);
    else packet.copy(to, 4, 16, 20);
    const sent = sendto(sockets[isIpv6 ? 6 : 4], packet, packet.length, 0, to, to.length);
    if (Number(sent) !== packet.length) throw new Error(`not sent: ${hex}`);
  }
}

if (process.argv[1] === import.meta.filename) {
  await send(JSON.parse(readFileSync(process.argv[2] ?? "", "utf8")) as SentPacket[]);
  process.exit(0);
}
