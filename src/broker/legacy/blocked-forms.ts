/**
 * The two forms of BLOCKED_FILE: 1.2's text, a line a source, and 2.x's binary records.
 *
 * A binary record is an address family of the machine that wrote it, two bytes, and 4 or 16 address
 * bytes in network order; x86-64 and arm64 both write the family's low byte first. Reading is for
 * files that a crash, a full disk or a stranger may have damaged: it never throws, whatever the
 * bytes, gives no address twice, and stops at {@link MAX_BLOCKED}.
 */
import { type AddressWords, formatWords, wordsOf } from "../../net/address-words.ts";
import { familyOf, type IpAddress } from "../../net/ip-address.ts";
import { formatHistoryLine, type HistoryRecord, parseHistoryLine } from "./history-line.ts";

/** Sources that one file may name. */
export const MAX_BLOCKED = 65_536;

/** Address families of Linux, by the number of bytes that follow them. linux/socket.h */
const ADDRESS_BYTES: Readonly<Record<number, number>> = { 2: 4, 10: 16 };
const FAMILY_NUMBER = { 4: 2, 6: 10 } as const;
const FAMILY_BYTES = 2;

/** The words of an IPv4 address but the last: its mapped place (RFC 4291 section 2.5.5.2). */
const IPV4_MAPPED = [0, 0, 0xffff] as const;

export interface BlockedText {
  readonly records: readonly HistoryRecord[];
  /** Lines that are none; a repeated source is no fault. */
  readonly faults: number;
}

export interface BlockedBinary {
  readonly addresses: readonly IpAddress[];
  /** Bytes from the first damaged record on: what follows it cannot be told from noise. */
  readonly unreadBytes: number;
}

/** Reads 1.2's form. Of several lines for one source the first counts. */
export function parseBlockedText(text: string): BlockedText {
  const records = new Map<IpAddress, HistoryRecord>();
  let faults = 0;
  for (const line of text.split(/\r?\n/)) {
    if (line === "") continue;
    const record = parseHistoryLine(line);
    const isKnown = record !== undefined && records.has(record.address);
    if (record === undefined || (!isKnown && records.size >= MAX_BLOCKED)) faults += 1;
    else if (!isKnown) records.set(record.address, record);
  }
  return { records: [...records.values()], faults };
}

/** Writes 1.2's form: a line for each of the first {@link MAX_BLOCKED} records. */
export function encodeBlockedText(records: readonly HistoryRecord[]): Buffer {
  const lines = records.slice(0, MAX_BLOCKED).map((record) => `${formatHistoryLine(record)}\n`);
  return Buffer.from(lines.join(""));
}

/** Reads 2.x's form. */
export function decodeBlockedBinary(bytes: Uint8Array): BlockedBinary {
  const addresses = new Set<IpAddress>();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let offset = 0;
  while (offset + FAMILY_BYTES <= bytes.length && addresses.size < MAX_BLOCKED) {
    const addressBytes = ADDRESS_BYTES[view.getUint16(offset, true)];
    if (addressBytes === undefined) break;
    const end = offset + FAMILY_BYTES + addressBytes;
    if (end > bytes.length) break;
    addresses.add(formatWords(readWords(view, offset + FAMILY_BYTES, addressBytes)));
    offset = end;
  }
  return { addresses: [...addresses], unreadBytes: bytes.length - offset };
}

/** Writes 2.x's form: a record for each of the first {@link MAX_BLOCKED} addresses. */
export function encodeBlockedBinary(addresses: readonly IpAddress[]): Buffer {
  return Buffer.concat(addresses.slice(0, MAX_BLOCKED).map(encodeRecord));
}

function encodeRecord(address: IpAddress): Buffer {
  const family = familyOf(address);
  const words = family === 4 ? wordsOf(address).subarray(3) : wordsOf(address);
  const record = Buffer.alloc(FAMILY_BYTES + words.length * 4);
  record.writeUInt16LE(FAMILY_NUMBER[family]);
  words.forEach((word, index) => {
    record.writeUInt32BE(word, FAMILY_BYTES + index * 4);
  });
  return record;
}

function readWords(view: DataView, offset: number, addressBytes: number): AddressWords {
  if (addressBytes === 4) return Uint32Array.of(...IPV4_MAPPED, view.getUint32(offset));
  return Uint32Array.from({ length: 4 }, (_, index) => view.getUint32(offset + index * 4));
}
