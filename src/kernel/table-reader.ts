/**
 * Reads our table from the kernel by netlink: rules, counters, one element, the size of a set.
 *
 * libnftables loads every element of every set before it lists a rule, a counter or one element:
 * with 200,000 bans, or a flood's 200,000 held addresses, that is two seconds in which the broker
 * answers nobody. What is asked again and again is therefore asked here, at the cost of what it is:
 * microseconds, and for the size of a set some 4 µs an element. Needs CAP_NET_ADMIN.
 *
 * Source: linux/netfilter/nf_tables.h.
 */
import { createHash } from "node:crypto";
import { wordsOf } from "../net/address-words.ts";
import { familyOf, type IpAddress } from "../net/ip-address.ts";
import { close } from "./libc.ts";
import {
  ATTRIBUTE_HEADER_BYTES,
  attributeEnd,
  attributeType,
  encodeUint32,
  findAttribute,
  type NetlinkAttribute,
  type NetlinkMessage,
  nextOffset,
} from "./netlink.ts";
import { NetlinkDump, openNetlink, type RequestOutcome, request } from "./netlink-socket.ts";
import * as spec from "./spec.ts";
import { parseListedName } from "./table-listed.ts";
import type { ListedSet } from "./table-options.ts";
import { TABLE_NAME } from "./table-sets.ts";

const NFGENMSG_BYTES = 4;
const NLA_F_NESTED = 0x8000;

/**
 * Takes an address as four or sixteen bytes, which are valid only during the call, and what is left
 * of it (undefined: for good).
 */
type TakeAddress = (bytes: Buffer, expiresMs: number | undefined) => void;

/**
 * The addresses of a set, some eight hundred at a time. Expired ones are left out. While others
 * change the set one may come twice, or not at all.
 */
export interface AddressPages {
  /**
   * Calls `take` with each of the next addresses, which the kernel has listed when those before
   * them were asked for. Blocks while the kernel walks the set as far as that: of 200,000 it took
   * 7 ms of processor time on average, of a million 31 ms, which is twice that at the end.
   * @returns false when there are no more; at once when there is no such set.
   */
  next(take: TakeAddress): boolean;
  /** May be called again. */
  close(): void;
}

export class TableReader {
  readonly #fd = openNetlink(spec.NETLINK_NETFILTER);

  /**
   * Names the chains and rules that stand, handles included: it is another one when anybody has
   * touched them. Counters and elements do not count.
   * @returns undefined when there is no such table.
   */
  fingerprint(): string | undefined {
    const hash = createHash("sha256");
    let chains = 0;
    const take = (tableAttribute: number) => (buffer: Buffer, start: number, end: number) => {
      if (readText(findAttribute(buffer, start, end, tableAttribute)) !== TABLE_NAME) return;
      hash.update(buffer.subarray(start, end));
      chains++;
    };
    this.#dump(spec.NFT_MSG_GETCHAIN, [], take(spec.NFTA_CHAIN_TABLE));
    this.#dump(spec.NFT_MSG_GETRULE, [named(spec.NFTA_RULE_TABLE)], take(spec.NFTA_RULE_TABLE));
    return chains === 0 ? undefined : hash.digest("hex");
  }

  /** @returns packets of each named counter; undefined when there is no such table. */
  counters(): ReadonlyMap<string, number> | undefined {
    const counters = new Map<string, number>();
    const filter = [
      named(spec.NFTA_OBJ_TABLE),
      { type: spec.NFTA_OBJ_TYPE, value: encodeUint32(spec.NFT_OBJECT_COUNTER) },
    ];
    this.#dump(spec.NFT_MSG_GETOBJ, filter, (buffer, start, end) => {
      const name = readText(findAttribute(buffer, start, end, spec.NFTA_OBJ_NAME));
      const data = findAttribute(buffer, start, end, spec.NFTA_OBJ_DATA);
      const packets = data && findAttribute(data, 0, data.length, spec.NFTA_COUNTER_PACKETS);
      if (packets?.length === 8) counters.set(name, Number(packets.readBigUInt64BE()));
    });
    return counters.size === 0 ? undefined : counters;
  }

  /** @returns the sets of blocklists that stand, of whatever load; none without a table. */
  listedSets(): ListedSet[] {
    const sets: ListedSet[] = [];
    this.#dump(spec.NFT_MSG_GETSET, [named(spec.NFTA_SET_TABLE)], (buffer, start, end) => {
      const set = parseListedName(readText(findAttribute(buffer, start, end, spec.NFTA_SET_NAME)));
      if (set === undefined) return;
      const about = findAttribute(buffer, start, end, spec.NFTA_SET_DESC);
      const size = about && findAttribute(about, 0, about.length, spec.NFTA_SET_DESC_SIZE);
      sets.push({ ...set, size: size?.length === 4 ? size.readUInt32BE() : 0 });
    });
    return sets;
  }

  /** @returns whether `set` holds this address; in an interval set, whether an interval does. */
  hasAddress(set: string, address: IpAddress): boolean {
    const key = encodeAddress(address);
    const element = nested(spec.NFTA_LIST_ELEM, [
      nested(spec.NFTA_SET_ELEM_KEY, [{ type: spec.NFTA_DATA_VALUE, value: key }]),
    ]);
    const outcome = ask(this.#fd, spec.NFT_MSG_GETSETELEM, 0, [
      named(spec.NFTA_SET_ELEM_LIST_TABLE),
      { type: spec.NFTA_SET_ELEM_LIST_SET, value: encodeText(set) },
      nested(spec.NFTA_SET_ELEM_LIST_ELEMENTS, [element]),
    ]);
    return outcome.status === "done";
  }

  /**
   * @returns how many elements `set` has, expired ones left out and an interval counted once, and
   * `limit` when it has that many or more; 0 when there is no such set.
   */
  countElements(set: string, limit: number): number {
    let elements = 0;
    dumpSet(set, (element) => {
      if (!isIntervalEnd(element)) elements++;
      return elements >= limit ? "enough" : undefined;
    });
    return Math.min(elements, limit);
  }

  /** Begins to read the addresses of a set that has no intervals; the caller closes it. */
  readAddresses(set: string): AddressPages {
    const dump = new NetlinkDump(spec.NETLINK_NETFILTER, elementsOf(set));
    return {
      next: (take) =>
        dump.next((_type, buffer, start, end) => {
          eachElement(buffer, start, end, (element) => readAddress(element, take));
          return undefined;
        }),
      close: () => dump.close(),
    };
  }

  /** @returns the NFLOG group that the rules log to; undefined without such a rule. */
  logGroup(): number | undefined {
    let group: number | undefined;
    this.#eachExpression("report", "log", (data) => {
      const value = findAttribute(data, 0, data.length, spec.NFTA_LOG_GROUP);
      if (value?.length === 2) group = value.readUInt16BE();
    });
    return group;
  }

  /**
   * @returns how many bits of an IPv6 address are one source in the rules that stand: 128 where no
   * rule masks the address; undefined when there is no such table.
   */
  ipv6PrefixBits(): number | undefined {
    let bits: number | undefined;
    this.#eachExpression("gate6", "lookup", () => {
      bits ??= 128;
    });
    this.#eachExpression("gate6", "bitwise", (data) => {
      const mask = findAttribute(data, 0, data.length, spec.NFTA_BITWISE_MASK);
      const value = mask && findAttribute(mask, 0, mask.length, spec.NFTA_DATA_VALUE);
      if (value?.length === 16) bits = countOnes(value);
    });
    return bits;
  }

  /** Lets the socket go; nothing may be asked any more. Called once. */
  close(): void {
    close(this.#fd);
  }

  /** Calls `take` with the data of each expression of this kind in the rules of one chain. */
  #eachExpression(chain: string, kind: string, take: (data: Buffer) => void): void {
    this.#dump(spec.NFT_MSG_GETRULE, [named(spec.NFTA_RULE_TABLE)], (buffer, start, end) => {
      if (readText(findAttribute(buffer, start, end, spec.NFTA_RULE_CHAIN)) !== chain) return;
      const list = findAttribute(buffer, start, end, spec.NFTA_RULE_EXPRESSIONS);
      if (list === undefined) return;
      eachAttribute(list, spec.NFTA_LIST_ELEM, (expression) => {
        const name = findAttribute(expression, 0, expression.length, spec.NFTA_EXPR_NAME);
        const data = findAttribute(expression, 0, expression.length, spec.NFTA_EXPR_DATA);
        if (readText(name) === kind && data !== undefined) take(data);
      });
    });
  }

  #dump(
    type: number,
    attributes: readonly NetlinkAttribute[],
    take: (buffer: Buffer, start: number, end: number) => void,
  ): void {
    ask(this.#fd, type, spec.NLM_F_DUMP, attributes, (buffer, start, end) => {
      take(buffer, start, end);
      return undefined;
    });
  }
}

/** One question about the family inet; `take` gets the attributes of each reply. */
function ask(
  fd: number,
  type: number,
  flags: number,
  attributes: readonly NetlinkAttribute[],
  take: (buffer: Buffer, start: number, end: number) => "enough" | undefined = () => undefined,
): RequestOutcome {
  return request(fd, question(type, flags, attributes), (_type, buffer, start, end) =>
    take(buffer, start + NFGENMSG_BYTES, end),
  );
}

function question(
  type: number,
  flags: number,
  attributes: readonly NetlinkAttribute[],
): NetlinkMessage {
  const body = Buffer.alloc(NFGENMSG_BYTES);
  body.writeUInt8(spec.NFPROTO_INET, 0);
  return { type: (spec.NFNL_SUBSYS_NFTABLES << 8) | type, flags, body, attributes };
}

/** What asks for every element of a set. */
function elementsOf(set: string): NetlinkMessage {
  return question(spec.NFT_MSG_GETSETELEM, spec.NLM_F_DUMP, [
    named(spec.NFTA_SET_ELEM_LIST_TABLE),
    { type: spec.NFTA_SET_ELEM_LIST_SET, value: encodeText(set) },
  ]);
}

/** Asks on a socket of its own, because an answer that is cut short stays in it. */
function dumpSet(set: string, take: (element: Buffer) => "enough" | undefined): void {
  const fd = openNetlink(spec.NETLINK_NETFILTER);
  request(fd, elementsOf(set), (_type, buffer, start, end) => {
    let isEnough: "enough" | undefined;
    eachElement(buffer, start, end, (element) => {
      isEnough ??= take(element);
    });
    return isEnough;
  });
  close(fd);
}

/** Calls `take` with each element of one message of a dump. */
function eachElement(buffer: Buffer, start: number, end: number, take: (element: Buffer) => void) {
  const attributes = start + NFGENMSG_BYTES;
  const list = findAttribute(buffer, attributes, end, spec.NFTA_SET_ELEM_LIST_ELEMENTS);
  if (list !== undefined) eachAttribute(list, spec.NFTA_LIST_ELEM, take);
}

function readAddress(element: Buffer, take: TakeAddress): void {
  const key = findAttribute(element, 0, element.length, spec.NFTA_SET_ELEM_KEY);
  const bytes = key && findAttribute(key, 0, key.length, spec.NFTA_DATA_VALUE);
  const rest = findAttribute(element, 0, element.length, spec.NFTA_SET_ELEM_EXPIRATION);
  const expiresMs = rest?.length === 8 ? Number(rest.readBigUInt64BE()) : undefined;
  if (bytes !== undefined) take(bytes, expiresMs);
}

/** The attribute that names our table. */
function named(type: number): NetlinkAttribute {
  return { type, value: encodeText(TABLE_NAME) };
}

/** Four or sixteen bytes in network byte order. */
function encodeAddress(address: IpAddress): Buffer {
  const bytes = Buffer.concat([...wordsOf(address)].map(encodeUint32));
  return familyOf(address) === 4 ? bytes.subarray(12) : bytes;
}

/** A C string. */
function encodeText(text: string): Buffer {
  return Buffer.from(`${text}\0`);
}

function readText(value: Buffer | undefined): string {
  return value === undefined ? "" : value.toString("latin1").replace(/\0.*$/s, "");
}

/** An attribute whose value is attributes. */
function nested(type: number, attributes: readonly NetlinkAttribute[]): NetlinkAttribute {
  const parts = attributes.map((attribute) => {
    const end = ATTRIBUTE_HEADER_BYTES + attribute.value.length;
    const bytes = Buffer.alloc(nextOffset(end));
    bytes.writeUInt16LE(end, 0);
    bytes.writeUInt16LE(attribute.type, 2);
    bytes.set(attribute.value, ATTRIBUTE_HEADER_BYTES);
    return bytes;
  });
  return { type: type | NLA_F_NESTED, value: Buffer.concat(parts) };
}

/** Calls `take` with the value of each attribute of `type`, until one lies about its length. */
function eachAttribute(list: Buffer, type: number, take: (value: Buffer) => void): void {
  for (let at = 0; at < list.length; ) {
    const end = attributeEnd(list, at, list.length);
    if (end < 0) return;
    if (attributeType(list, at) === type) take(list.subarray(at + ATTRIBUTE_HEADER_BYTES, end));
    at = nextOffset(end);
  }
}

function isIntervalEnd(element: Buffer): boolean {
  const flags = findAttribute(element, 0, element.length, spec.NFTA_SET_ELEM_FLAGS);
  return flags?.length === 4 && (flags.readUInt32BE() & spec.NFT_SET_ELEM_INTERVAL_END) !== 0;
}

function countOnes(mask: Buffer): number {
  let ones = 0;
  for (const octet of mask) ones += octet.toString(2).replaceAll("0", "").length;
  return ones;
}
