/**
 * Of which sources members have said something: bounded, whatever they say.
 *
 * Three bounds. A member fills at most 5 % of the sources: beyond, its own idlest first contact makes
 * room, and what takes none is refused; so a stolen key cannot make us forget what others said. A
 * source has {@link MAX_SAYINGS_A_SOURCE} members at most, of whom the least telling goes. And when
 * there are too many sources or sayings in all, the least convincing source goes first and among
 * equals the idlest. This machine's own words have no bound of their own.
 *
 * Every step takes the same time however much there is; forgetting a member takes its share's.
 */
import type { Prefix } from "../net/prefix.ts";
import { MemberShares } from "./member-shares.ts";
import {
  emptySaying,
  forgetParts,
  isEmpty,
  isWeighty,
  type Saying,
  type Statement,
  weightOf,
} from "./saying.ts";
import type { OwnHit } from "./standing.ts";

/** Members of which something is kept about one source. */
export const MAX_SAYINGS_A_SOURCE = 16;

export interface HeardCapacity {
  /** Sources in all. Usual value 65,536. */
  readonly sources: number;
  /** Sayings in all: twice as many. Some 300 bytes each. */
  readonly sayings: number;
  /** Sources of which one member has said something: 5 % of them. */
  readonly sourcesAMember: number;
}

/** 5 % of 65,536 is 3,276. */
export const USUAL_CAPACITY: HeardCapacity = {
  sources: 65_536,
  sayings: 131_072,
  sourcesAMember: 3276,
};

export interface HeardSource {
  readonly source: Prefix;
  readonly sayings: Saying[];
  hit: OwnHit | undefined;
  /** The conviction that was told last and not withdrawn; it ends by itself. */
  told: ToldConviction | undefined;
}

export interface ToldConviction {
  readonly evidence: "claimed" | "alive" | "proven";
  readonly untilEpochMs: number;
}

interface Kept extends HeardSource {
  rank: number;
}

const RANKS = 4;

/** Sources that one sweep looks at. */
export const SWEPT_AT_ONCE = 4096;

export class HeardSources {
  readonly #self: string;
  readonly #capacity: HeardCapacity;
  readonly #sources = new Map<Prefix, Kept>();
  /** By how convincing they are, each the idlest first. */
  readonly #byRank = Array.from({ length: RANKS }, () => new Set<Prefix>());
  readonly #shares = new MemberShares();
  #sayings = 0;
  /** What is not swept yet; a Map goes on with what comes and goes meanwhile. */
  #sweeping = this.#sources.values();

  constructor(self: string, capacity: HeardCapacity) {
    this.#self = self;
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#sources.size;
  }

  get sayings(): number {
    return this.#sayings;
  }

  find(source: Prefix): HeardSource | undefined {
    return this.#sources.get(source);
  }

  /** Sources of which the member has said something. */
  sourcesOf(member: string): Prefix[] {
    return this.#shares.sourcesOf(member);
  }

  /** Sources of which the member has said more than that they have touched it. */
  weightyOf(member: string): number {
    return this.#shares.weightyOf(member);
  }

  /**
   * Lets `say` change what the member has said of the source.
   * @param weight of what is to be said, as {@link weightOf}.
   * @returns undefined when there is no room for it; nothing has changed then.
   */
  say(
    member: string,
    source: Prefix,
    weight: number,
    atEpochMs: number,
    say: (saying: Saying) => void,
  ): HeardSource | undefined {
    const known = this.#sources.get(source);
    const before = known?.sayings.find((saying) => saying.member === member);
    if (before === undefined && !this.#makeRoom(member, known, weight, atEpochMs)) return undefined;
    // Making room may have forgotten the source.
    const kept = this.#sources.get(source) ?? this.#begun(source);
    const saying = before ?? emptySaying(member);
    if (before === undefined) {
      kept.sayings.push(saying);
      this.#sayings += 1;
    }
    say(saying);
    this.#settle(kept, saying);
    this.#bound(source);
    return kept;
  }

  /** Notes a service of this machine to which the source is connected, if anything is said of it. */
  hit(source: Prefix, hit: OwnHit): void {
    const kept = this.#sources.get(source);
    if (kept !== undefined) kept.hit = hit;
  }

  /** The conviction as it was told; undefined: it is withdrawn. */
  tell(source: Prefix, told: ToldConviction | undefined): void {
    const kept = this.#sources.get(source);
    if (kept === undefined) return;
    kept.told = told;
    this.#rank(kept);
  }

  /** Forgets what the member has said, as far as `isGone` holds. @returns the sources concerned. */
  forget(member: string, isGone: (part: Statement) => boolean): HeardSource[] {
    return this.sourcesOf(member).flatMap((source) => {
      const kept = this.#sources.get(source);
      const saying = kept?.sayings.find((each) => each.member === member);
      if (kept === undefined || saying === undefined || !forgetParts(saying, isGone)) return [];
      this.#settle(kept, saying);
      return [kept];
    });
  }

  /**
   * Forgets what is over, of {@link SWEPT_AT_ONCE} sources, and with the next call of the next: all
   * of them at once would take a tenth of a second.
   */
  sweep(atEpochMs: number): void {
    for (let swept = 0; swept < SWEPT_AT_ONCE; swept += 1) {
      const { value: kept, done } = this.#sweeping.next();
      if (done === true) {
        this.#sweeping = this.#sources.values();
        return;
      }
      if (kept.told !== undefined && kept.told.untilEpochMs <= atEpochMs) {
        this.tell(kept.source, undefined);
      }
      for (const saying of [...kept.sayings]) {
        if (forgetParts(saying, (part) => part.endEpochMs <= atEpochMs)) this.#settle(kept, saying);
      }
      this.drop(kept.source);
    }
  }

  /** Forgets the source, if nothing is left of what members have said of it. */
  drop(source: Prefix): void {
    const kept = this.#sources.get(source);
    if (kept !== undefined && kept.sayings.length === 0) this.#forgetSource(kept);
  }

  #begun(source: Prefix): Kept {
    const kept: Kept = { source, sayings: [], hit: undefined, told: undefined, rank: 0 };
    this.#sources.set(source, kept);
    return kept;
  }

  /** Makes room for one more saying of the member. @returns whether there is. */
  #makeRoom(member: string, known: Kept | undefined, weight: number, atEpochMs: number): boolean {
    if (known !== undefined && known.sayings.length >= MAX_SAYINGS_A_SOURCE) {
      const least = known.sayings
        .filter((saying) => saying.member !== this.#self)
        .reduce((one, other) => (weightOf(other) < weightOf(one) ? other : one));
      if (member !== this.#self && weightOf(least) >= weight) return false;
      if (!this.#hasShare(member, weight, atEpochMs)) return false;
      this.#remove(known, least);
      return true;
    }
    return this.#hasShare(member, weight, atEpochMs);
  }

  #hasShare(member: string, weight: number, atEpochMs: number): boolean {
    if (member === this.#self) return true;
    if (this.#shares.sizeOf(member) < this.#capacity.sourcesAMember) return true;
    const idlestLight = this.#shares.idlest(member, "light");
    if (idlestLight !== undefined) return this.#removeOf(member, idlestLight);
    // A first contact never costs the member one of its own bans.
    const idlest = this.#shares.idlest(member, "weighty");
    if (weight === 0 || idlest === undefined) return false;
    const saying = this.#sources.get(idlest)?.sayings.find((each) => each.member === member);
    const parts = [saying?.verdict, saying?.ban, saying?.unban, saying?.tombstone];
    const isOver = parts.every((part) => part === undefined || part.endEpochMs <= atEpochMs);
    return isOver && this.#removeOf(member, idlest);
  }

  #removeOf(member: string, source: Prefix): boolean {
    const kept = this.#sources.get(source);
    const saying = kept?.sayings.find((each) => each.member === member);
    if (kept === undefined || saying === undefined) return false;
    this.#remove(kept, saying);
    if (kept.sayings.length === 0) this.#forgetSource(kept);
    return true;
  }

  /** Takes the saying to where it belongs; one that says nothing any more is forgotten. */
  #settle(kept: Kept, saying: Saying): void {
    if (isEmpty(saying)) {
      this.#remove(kept, saying);
    } else {
      this.#shares.put(saying.member, kept.source, isWeighty(saying) ? "weighty" : "light");
    }
    this.#rank(kept);
  }

  #remove(kept: Kept, saying: Saying): void {
    kept.sayings.splice(kept.sayings.indexOf(saying), 1);
    this.#sayings -= 1;
    this.#shares.delete(saying.member, kept.source);
  }

  /** The idlest of its rank is whatever has been here for the longest. */
  #rank(kept: Kept): void {
    this.#byRank[kept.rank]?.delete(kept.source);
    kept.rank = rankOf(kept);
    this.#byRank[kept.rank]?.add(kept.source);
  }

  #bound(spared: Prefix): void {
    while (this.size > this.#capacity.sources || this.#sayings > this.#capacity.sayings) {
      const least = this.#leastBut(spared);
      if (least === undefined) return;
      this.#forgetSource(least);
    }
  }

  #leastBut(spared: Prefix): Kept | undefined {
    for (const sources of this.#byRank) {
      for (const source of sources) {
        if (source !== spared) return this.#sources.get(source);
      }
    }
    return undefined;
  }

  #forgetSource(kept: Kept): void {
    for (const saying of [...kept.sayings]) this.#remove(kept, saying);
    this.#byRank[kept.rank]?.delete(kept.source);
    this.#sources.delete(kept.source);
  }
}

/** 0 to 3: one member's first contact, several members', somebody's conviction, a told one. */
function rankOf({ sayings, told }: HeardSource): number {
  if (told !== undefined) return 3;
  if (sayings.some(isWeighty)) return 2;
  return sayings.length > 1 ? 1 : 0;
}
