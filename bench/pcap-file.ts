/** Writes packets as a pcap file with nanoseconds and raw IP: pcap-savefile(5). */
import { closeSync, openSync, writeSync } from "node:fs";
import type { Packet } from "./scenario.ts";

const MAGIC_NANOSECONDS = 0xa1b23c4d;
/** Link-layer header types of tcpdump.org: raw IPv4 or IPv6. */
const LINK_RAW = 101;
const SNAP_BYTES = 262_144;
const FILE_HEADER_BYTES = 24;
const RECORD_HEADER_BYTES = 16;

/** @returns the packets as a file of that format. */
export function encodeCapture(packets: readonly Packet[]): Buffer {
  const header = Buffer.alloc(FILE_HEADER_BYTES);
  header.writeUInt32LE(MAGIC_NANOSECONDS, 0);
  header.writeUInt16LE(2, 4);
  header.writeUInt16LE(4, 6);
  header.writeUInt32LE(SNAP_BYTES, 16);
  header.writeUInt32LE(LINK_RAW, 20);
  return Buffer.concat([
    header,
    ...packets.flatMap(({ bytes, atEpochMs }) => {
      const record = Buffer.alloc(RECORD_HEADER_BYTES);
      const seconds = Math.floor(atEpochMs / 1000);
      record.writeUInt32LE(seconds, 0);
      // To the microsecond: a time in milliseconds since 1970 has no more.
      record.writeUInt32LE(Math.round((atEpochMs - seconds * 1000) * 1000) * 1000, 4);
      record.writeUInt32LE(bytes.length, 8);
      record.writeUInt32LE(bytes.length, 12);
      return [record, bytes];
    }),
  ]);
}

/** Writes them to `path`, which must not exist yet. */
export function writeCaptureFile(path: string, packets: readonly Packet[]): void {
  const file = openSync(path, "wx");
  writeSync(file, encodeCapture(packets));
  closeSync(file);
}
