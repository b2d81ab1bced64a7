/**
 * One line of a blocklist, in the forms in which such lists come.
 *
 *   192.0.2.7                          an address, IPv4 or IPv6
 *   192.0.2.0/24 # why                 a prefix (FireHOL); what follows # or ; is a comment
 *   192.0.2.0/24 ; SBL123456           Spamhaus DROP
 *   {"cidr":"192.0.2.0/24","sblid":…}  Spamhaus DROP as JSON lines; {"type":"metadata",…} is none
 *   192.0.2.0 - 192.0.2.255            a range, blanks or none
 *   192.0.2.0<TAB>192.0.2.255<TAB>24…  DShield: start, end, length, and more
 *   192.0.2.7<TAB>12                   an address and how often it was seen (ipsum)
 *
 * Host bits are cut off. Whatever else a line holds makes it a bad one: a web page or a hosts file in
 * the place of a list must not shut somebody out by what looks like an address in it.
 */
import { type AddressWords, maskWords, parseWords } from "../../net/address-words.ts";
import type { IpFamily } from "../../net/ip-address.ts";

/** The addresses of a line: from `first` to `last`, or the block of `bits` bits at `first`. */
export interface ListedBlock {
  readonly family: IpFamily;
  readonly first: AddressWords;
  readonly bits: number;
}

export interface ListedRange {
  readonly family: IpFamily;
  readonly first: AddressWords;
  readonly last: AddressWords;
}

export type ListedLine =
  | { readonly kind: "nothing" }
  | { readonly kind: "bad" }
  | ({ readonly kind: "block" } & ListedBlock)
  | ({ readonly kind: "range" } & ListedRange);

/** What a bad line should have been. */
export const EXPECTED_LINE =
  "an address, a prefix such as 192.0.2.0/24, a range, or a JSON line with a cidr";

const NOTHING: ListedLine = { kind: "nothing" };
const BAD: ListedLine = { kind: "bad" };

const IPV4_LINE =
  /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})(?:\/(\d{1,2}))?(?:\s*(?:[#;].*)?|\s+\d+)$/;

const RANGE = /^([0-9a-f.:]+)\s*-\s*([0-9a-f.:]+)$/i;

/** The head of DShield's columns. */
const COLUMN_HEAD = /^start\t/i;

/** @param line without its line end. */
export function parseListedLine(line: string): ListedLine {
  return parseIpv4Line(line) ?? parseOther(line.trim());
}

/** The form that nearly every line has, in one look. @returns undefined when it is another. */
function parseIpv4Line(line: string): ListedLine | undefined {
  const match = IPV4_LINE.exec(line);
  if (match === null) return undefined;
  let address = 0;
  for (let part = 1; part <= 4; part += 1) {
    const text = match[part] as string;
    const octet = Number(text);
    if (octet > 255 || (text.length > 1 && text.startsWith("0"))) return BAD;
    address = address * 256 + octet;
  }
  const length = match[5];
  return ipv4Block(address, length === undefined ? 32 : Number(length));
}

function ipv4Block(address: number, bits: number): ListedLine {
  if (bits > 32) return BAD;
  const masked = bits === 0 ? 0 : (address & (0xffff_ffff << (32 - bits))) >>> 0;
  return { kind: "block", family: 4, first: Uint32Array.of(0, 0, 0xffff, masked), bits };
}

function parseOther(text: string): ListedLine {
  if (text === "" || text.startsWith("#") || text.startsWith(";")) return NOTHING;
  if (text.startsWith("{")) return parseJson(text);
  if (COLUMN_HEAD.test(text)) return NOTHING;
  const columns = text.split("\t");
  if (columns.length >= 3) return parseColumns(columns);
  const [content = ""] = text.split(/[#;]/, 1);
  const bare = content.trim();
  const range = RANGE.exec(bare);
  if (range !== null) return rangeOf(range[1] as string, range[2] as string);
  const [word = "", ...others] = bare.split(/\s+/);
  const isCounted = others.length === 1 && /^\d+$/.test(others[0] as string);
  return others.length === 0 || isCounted ? parseBlock(word) : BAD;
}

function parseJson(text: string): ListedLine {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // What is no JSON is no entry either.
    return BAD;
  }
  const { cidr, type } = value as Readonly<Record<string, unknown>>;
  if (typeof cidr === "string") return parseBlock(cidr);
  return type === "metadata" ? NOTHING : BAD;
}

/** DShield's end and length say the same; where they differ nobody knows what is meant. */
function parseColumns([start = "", end = "", length = ""]: readonly string[]): ListedLine {
  const block = parseBlock(`${start.trim()}/${length.trim()}`);
  const first = parseWords(start.trim());
  const last = parseWords(end.trim());
  if (block.kind !== "block" || first === undefined || last === undefined) return BAD;
  const suffix = bits128Of(block);
  const masked = new Uint32Array(4);
  maskWords(last, suffix, masked);
  return block.first.every((word, index) => word === masked[index]) ? block : BAD;
}

function parseBlock(text: string): ListedLine {
  const [address = "", length, ...others] = text.split("/");
  const words = parseWords(address);
  if (words === undefined || others.length > 0) return BAD;
  if (length !== undefined && !/^(?:0|[1-9]\d{0,2})$/.test(length)) return BAD;
  const bitsBefore = address.includes(":") ? 0 : 96;
  const bits128 = length === undefined ? 128 : bitsBefore + Number(length);
  if (bits128 > 128) return BAD;
  maskWords(words, bits128, words);
  const family = familyOf(words);
  return { kind: "block", family, first: words, bits: family === 4 ? bits128 - 96 : bits128 };
}

function rangeOf(firstText: string, lastText: string): ListedLine {
  const first = parseWords(firstText);
  const last = parseWords(lastText);
  if (first === undefined || last === undefined) return BAD;
  const family = familyOf(first);
  if (family !== familyOf(last) || isAfter(first, last)) return BAD;
  return { kind: "range", family, first, last };
}

function isAfter(a: AddressWords, b: AddressWords): boolean {
  const index = a.findIndex((word, at) => word !== b[at]);
  return index >= 0 && (a[index] as number) > (b[index] as number);
}

function familyOf(words: AddressWords): IpFamily {
  return words[0] === 0 && words[1] === 0 && words[2] === 0xffff ? 4 : 6;
}

function bits128Of({ family, bits }: ListedBlock): number {
  return family === 4 ? bits + 96 : bits;
}

/** The blocks that are a range together, in order; at most two of each length. */
export function* blocksOfRange({ family, first, last }: ListedRange): Generator<ListedBlock> {
  const allBits = family === 4 ? 32 : 128;
  const end = numberOf(last);
  for (let at = numberOf(first); at <= end; ) {
    let bits = allBits;
    while (bits > 0) {
      const wider = 1n << BigInt(allBits - bits + 1);
      if (at % wider !== 0n || at + wider - 1n > end) break;
      bits -= 1;
    }
    // The IPv4 addresses have their own 32 bits at the end of 128 in which the rest is the same.
    yield { family, first: wordsOfNumber(at), bits };
    at += 1n << BigInt(allBits - bits);
  }
}

function numberOf(words: AddressWords): bigint {
  return words.reduce((sum, word) => (sum << 32n) | BigInt(word), 0n);
}

function wordsOfNumber(value: bigint): AddressWords {
  return Uint32Array.from([96n, 64n, 32n, 0n], (shift) => Number((value >> shift) & 0xffff_ffffn));
}
