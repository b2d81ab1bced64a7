/**
 * Measures how fast captures are read, on one core: packets a second, for each format.
 *
 * Argument: millions of packets, 5 without it; the disk needs room for 108 bytes of each, twice
 * over. "read" is the file alone; "decoded" also decodes the headers up to TCP, as everybody does
 * who reads a capture.
 */
import { cpus } from "node:os";
import { decodePacket } from "../src/packet/decode-packet.ts";
import { PacketHeader } from "../src/packet/packet-header.ts";
import { readCapture } from "../src/sensors/capture-file.ts";
import { measureAll, PCAP, PCAPNG, type Segment } from "./generated-capture.ts";

/** So many packets a second of the capture's own time. */
const PACKETS_A_SECOND = 1_000_000;

const SYN = 0x02;

/** A SYN as most scanners send it, from another source to another port for every packet. */
function fillScan(segment: Segment, index: number): void {
  segment.from = 0xc0000200 + index;
  segment.sourcePort = 40_000;
  segment.port = index & 0xffff;
  segment.flags = SYN;
}

async function measure(path: string, what: string, isDecoding: boolean): Promise<void> {
  const header = new PacketHeader();
  let decoded = 0;
  const start = performance.now();
  const { counts, damage } = await readCapture(path, (buffer, { start, end }) => {
    if (isDecoding && decodePacket(buffer, start, end, header) === "decoded") decoded++;
  });
  const seconds = (performance.now() - start) / 1000;
  if (damage !== undefined || counts.ip !== packets || (isDecoding && decoded !== packets)) {
    throw new Error(`${what}: ${counts.ip} of ${packets} packets, ${decoded} decoded`);
  }
  const aSecond = Math.round(packets / seconds).toLocaleString("en");
  process.stdout.write(`${what}: ${aSecond} packets/s (${seconds.toFixed(2)} s)\n`);
}

const packets = Math.max(1, Math.round(Number(process.argv[2] ?? "5"))) * 1_000_000;
process.stdout.write(`${packets} packets, ${cpus()[0]?.model}, Node ${process.version}\n`);
await measureAll(
  packets,
  [PCAP, PCAPNG].map((format) => ({
    name: format.name,
    format,
    packetsASecond: PACKETS_A_SECOND,
    fill: fillScan,
    async measure(path) {
      await measure(path, `${format.name} read`, false);
      await measure(path, `${format.name} decoded`, true);
    },
  })),
);
