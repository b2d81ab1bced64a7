/**
 * What is remembered of the most convincing sources, as bytes that outlive the process.
 *
 * Without them a restart is an amnesty, and who scans a port an hour only has to wait for one.
 * Times are wall time, so that scores go on fading while nothing runs. Bytes that are damaged, of another
 * version, or more than a table could have written are refused whole: half a memory convicts nobody
 * rightly. Numbers are big-endian:
 *
 *   header:   magic u32, version u32, records u32, checksum of all that follows u32
 *   a record: source 4 x u32, first seen f64, last counted f64, convicted f64 (NaN: never),
 *             probes u32, campaign u32, contacts u32, kinds u16, evidence u8, entries u8,
 *             and each entry: u32, listed f64
 */
import { EVIDENCE_LEVELS } from "../model/evidence.ts";
import { PROBE_KINDS } from "../model/probe.ts";
import type { AddressWords } from "../net/address-words.ts";
import { MAX_LISTED_PORTS } from "./port-lists.ts";

/** Most records that are saved, the most convincing ones: 3.5 MB at the most. */
export const MAX_SAVED_SOURCES = 8192;

/** One record of the source table; times are wall time. */
export interface SavedSource {
  readonly words: AddressWords;
  readonly firstSeenAtEpochMs: number;
  readonly lastCountedAtEpochMs: number;
  /** NaN: never. */
  readonly convictedAtEpochMs: number;
  readonly probes: number;
  readonly campaign: number;
  readonly contacts: number;
  readonly kinds: number;
  readonly evidence: number;
  /** In the order in which they were listed; never back in time. */
  readonly entries: readonly { readonly entry: number; readonly listedAtEpochMs: number }[];
}

/** "VDSS". */
const MAGIC = 0x56445353;
/** 2: contacts without a port, whose entries are others. */
const VERSION = 2;
const HEADER_BYTES = 16;
const RECORD_BYTES = 56;
const ENTRY_BYTES = 12;

/** The longest that {@link encodeSavedSources} makes. */
export const MAX_SAVED_BYTES =
  HEADER_BYTES + MAX_SAVED_SOURCES * (RECORD_BYTES + MAX_LISTED_PORTS * ENTRY_BYTES);

/** The last moment that a Date can be. */
const LAST_EPOCH_MS = 8.64e15;

/** More than {@link MAX_SAVED_SOURCES}, or a longer list than a table's, is a bug: RangeError. */
export function encodeSavedSources(sources: readonly SavedSource[]): Uint8Array {
  if (sources.length > MAX_SAVED_SOURCES) throw new RangeError(`${sources.length} sources`);
  const entries = sources.reduce((total, source) => total + source.entries.length, 0);
  const length = HEADER_BYTES + sources.length * RECORD_BYTES + entries * ENTRY_BYTES;
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  let at = HEADER_BYTES;
  for (const source of sources) at = writeSource(view, at, source);
  view.setUint32(0, MAGIC);
  view.setUint32(4, VERSION);
  view.setUint32(8, sources.length);
  view.setUint32(12, checksumOf(bytes));
  return bytes;
}

/** Never throws. @returns undefined when the bytes are not, whole, what was encoded. */
export function decodeSavedSources(bytes: Uint8Array): SavedSource[] | undefined {
  if (bytes.length < HEADER_BYTES || bytes.length > MAX_SAVED_BYTES) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0) !== MAGIC || view.getUint32(4) !== VERSION) return undefined;
  const count = view.getUint32(8);
  if (count > MAX_SAVED_SOURCES || view.getUint32(12) !== checksumOf(bytes)) return undefined;
  const sources: SavedSource[] = [];
  let at = HEADER_BYTES;
  for (let index = 0; index < count; index += 1) {
    if (at + RECORD_BYTES > bytes.length) return undefined;
    const end = at + RECORD_BYTES + view.getUint8(at + 55) * ENTRY_BYTES;
    if (end > bytes.length) return undefined;
    const source = readSource(view, at);
    if (!isPossible(source)) return undefined;
    sources.push(source);
    at = end;
  }
  return at === bytes.length ? sources : undefined;
}

function writeSource(view: DataView, from: number, source: SavedSource): number {
  if (source.entries.length > MAX_LISTED_PORTS) throw new RangeError("too many entries");
  for (let index = 0; index < 4; index += 1) {
    view.setUint32(from + index * 4, source.words[index] as number);
  }
  view.setFloat64(from + 16, source.firstSeenAtEpochMs);
  view.setFloat64(from + 24, source.lastCountedAtEpochMs);
  view.setFloat64(from + 32, source.convictedAtEpochMs);
  view.setUint32(from + 40, source.probes);
  view.setUint32(from + 44, source.campaign);
  view.setUint32(from + 48, source.contacts);
  view.setUint16(from + 52, source.kinds);
  view.setUint8(from + 54, source.evidence);
  view.setUint8(from + 55, source.entries.length);
  let at = from + RECORD_BYTES;
  for (const { entry, listedAtEpochMs } of source.entries) {
    view.setUint32(at, entry);
    view.setFloat64(at + 4, listedAtEpochMs);
    at += ENTRY_BYTES;
  }
  return at;
}

function readSource(view: DataView, from: number): SavedSource {
  return {
    words: Uint32Array.from({ length: 4 }, (_, index) => view.getUint32(from + index * 4)),
    firstSeenAtEpochMs: view.getFloat64(from + 16),
    lastCountedAtEpochMs: view.getFloat64(from + 24),
    convictedAtEpochMs: view.getFloat64(from + 32),
    probes: view.getUint32(from + 40),
    campaign: view.getUint32(from + 44),
    contacts: view.getUint32(from + 48),
    kinds: view.getUint16(from + 52),
    evidence: view.getUint8(from + 54),
    entries: Array.from({ length: view.getUint8(from + 55) }, (_, index) => {
      const at = from + RECORD_BYTES + index * ENTRY_BYTES;
      return { entry: view.getUint32(at), listedAtEpochMs: view.getFloat64(at + 4) };
    }),
  };
}

function isPossible(source: SavedSource): boolean {
  const { convictedAtEpochMs, entries } = source;
  let lastMs = 0;
  for (const { listedAtEpochMs } of entries) {
    if (!isTime(listedAtEpochMs) || listedAtEpochMs < lastMs) return false;
    lastMs = listedAtEpochMs;
  }
  return (
    isTime(source.firstSeenAtEpochMs) &&
    isTime(source.lastCountedAtEpochMs) &&
    (Number.isNaN(convictedAtEpochMs) || isTime(convictedAtEpochMs)) &&
    source.kinds < 1 << PROBE_KINDS.length &&
    source.evidence < EVIDENCE_LEVELS.length &&
    entries.length <= MAX_LISTED_PORTS &&
    // Nobody has counted what is not listed, and the first contact makes the list.
    source.contacts <= entries.length
  );
}

function isTime(atEpochMs: number): boolean {
  return atEpochMs >= 0 && atEpochMs <= LAST_EPOCH_MS;
}

/** FNV-1a over what follows the header: against damage; who may write the file needs none. */
function checksumOf(bytes: Uint8Array): number {
  let sum = 0x811c9dc5;
  for (let at = HEADER_BYTES; at < bytes.length; at += 1) {
    sum = Math.imul(sum ^ (bytes[at] as number), 0x01000193);
  }
  return sum >>> 0;
}
