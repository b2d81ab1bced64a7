/**
 * Who belongs to each group of neighbours: each source counted once, however often it comes back.
 *
 * A source is one of 256 marks of its group: in an IPv4 /24 each address has its own, in an IPv6 /48
 * sources that are alike in these bits count as one. So there may be more than are told, and never
 * more convicted than there are. Memory is fixed, about 0.3 KiB a group.
 */
import { type AddressWords, isIpv4Words } from "../net/address-words.ts";
import { MarkCounts } from "./mark-counts.ts";

/** Members that a story names, the convicted before the others. */
const MOST_LISTED = 8;

export class GroupMembers {
  readonly #sources: MarkCounts;
  readonly #convicted: MarkCounts;
  readonly #banned: MarkCounts;
  readonly #listed: Uint32Array;
  readonly #listedCount: Uint8Array;
  /** By group, a bit for each that is listed: it is convicted. */
  readonly #listedConvicted: Uint8Array;

  /** @param groups slots of the table beside which this stands. */
  constructor(groups: number) {
    this.#sources = new MarkCounts(groups);
    this.#convicted = new MarkCounts(groups);
    this.#banned = new MarkCounts(groups);
    this.#listed = new Uint32Array(groups * MOST_LISTED * 4);
    this.#listedCount = new Uint8Array(groups);
    this.#listedConvicted = new Uint8Array(groups);
  }

  /** Forgets what was in the slot. */
  begin(group: number): void {
    this.#sources.begin(group);
    this.#convicted.begin(group);
    this.#banned.begin(group);
    this.#listedCount[group] = 0;
    this.#listedConvicted[group] = 0;
  }

  add(group: number, source: AddressWords): void {
    if (!this.#sources.put(group, markOf(source), true)) return;
    const count = this.#listedCount[group] as number;
    if (count === MOST_LISTED) return;
    this.#list(group, count, source);
    this.#listedCount[group] = count + 1;
  }

  /** To be called for a source that was added. */
  convict(group: number, source: AddressWords): void {
    if (!this.#convicted.put(group, markOf(source), true)) return;
    const flags = this.#listedConvicted[group] as number;
    let place = -1;
    for (let index = 0; index < (this.#listedCount[group] as number); index += 1) {
      if (this.#isListedAt(group, index, source)) place = index;
    }
    // It may share the mark of one that is named, and not be named itself.
    const count = this.#listedCount[group] as number;
    if (place === -1 && count < MOST_LISTED) {
      place = count;
      this.#listedCount[group] = count + 1;
    }
    // Else in the place of the last that only probes.
    for (let index = MOST_LISTED - 1; index >= 0 && place === -1; index -= 1) {
      if ((flags & (1 << index)) === 0) place = index;
    }
    if (place === -1) return;
    this.#list(group, place, source);
    this.#listedConvicted[group] = flags | (1 << place);
  }

  /** To be called for a source that was convicted. */
  setBanned(group: number, source: AddressWords, isBanned: boolean): void {
    this.#banned.put(group, markOf(source), isBanned);
  }

  count(group: number): number {
    return this.#sources.count(group);
  }

  convictedCount(group: number): number {
    return this.#convicted.count(group);
  }

  bannedCount(group: number): number {
    return this.#banned.count(group);
  }

  /** @returns new words for each that is named and is, or is not, convicted, in order of arrival. */
  listedOf(group: number, isConvicted: boolean): AddressWords[] {
    const flags = this.#listedConvicted[group] as number;
    return Array.from({ length: this.#listedCount[group] as number }, (_, index) => index)
      .filter((index) => ((flags & (1 << index)) !== 0) === isConvicted)
      .map((index) => this.#listed.slice(placeOf(group, index), placeOf(group, index) + 4));
  }

  #list(group: number, index: number, source: AddressWords): void {
    const at = placeOf(group, index);
    for (let word = 0; word < 4; word += 1) this.#listed[at + word] = source[word] as number;
  }

  #isListedAt(group: number, index: number, source: AddressWords): boolean {
    const at = placeOf(group, index);
    for (let word = 0; word < 4; word += 1) {
      if (this.#listed[at + word] !== source[word]) return false;
    }
    return true;
  }
}

function placeOf(group: number, index: number): number {
  return (group * MOST_LISTED + index) * 4;
}

/** The last octet in IPv4; what tells the networks of a /48, and addresses of one, apart in IPv6. */
function markOf(source: AddressWords): number {
  const last = source[3] as number;
  if (isIpv4Words(source)) return last & 0xff;
  const network = source[1] as number;
  return (network ^ (network >>> 8) ^ (source[2] as number) ^ last) & 0xff;
}
