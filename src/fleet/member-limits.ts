/**
 * How much each member may say, and when it is heard no more.
 *
 * A member whose key was stolen can say {@link BANS_A_MINUTE} bans in any minute and take back as
 * many; what is more is refused. Twice as many in a minute, or {@link FAULTS_TO_OPEN} refused records,
 * open its breaker: it is shut out, and the caller takes back what it said lately. Every
 * refusal is counted by name. Counted by the server's clock, which a member cannot set, and so that
 * a guard that was away for an hour counts an hour's bans as an hour's.
 *
 * Members are those with a statement by the fleet's key, and at most {@link MAX_MEMBERS}; each takes
 * some 3 KiB.
 */
import { ActRate } from "./act-rate.ts";
import type { AdmissionRefusal } from "./admission.ts";
import { Breaker } from "./breaker.ts";
import { type FleetRecord, MAX_MEMBERS } from "./record.ts";
import type { SequenceVerdict } from "./sequence-window.ts";
import type { RecordRefusal } from "./signed-record.ts";

/** Ban records of one member that are taken in any minute; and as many tombstones. */
export const BANS_A_MINUTE = 60;

/** With one more in a minute the breaker opens. */
const BANS_TO_OPEN = 120;

/** With so many refused records in a minute the breaker opens. */
const FAULTS_TO_OPEN = 20;

/** How far back is taken back what a member said, when its breaker opens. Milliseconds. */
export const TAKEN_BACK_MS = 600_000;

/** Refused because it is too much, or while the breaker is open. Not a fault in itself. */
type LimitRefusal = "over-quota" | "breaker-open" | "too-many-in-force" | "distrusted";

/** Everything for which a record is refused, by name. */
export type FleetRefusal =
  | RecordRefusal
  | Exclude<SequenceVerdict, "taken">
  | AdmissionRefusal
  | LimitRefusal;

/** `breaker-opened`: by this record, which is refused, too. */
export type LimitVerdict = "within" | "breaker-opened" | "over-quota" | "breaker-open";

/** What `fleet status` and metrics show of one member. Counts are since the start. */
export interface MemberCounts {
  readonly accepted: number;
  readonly refused: ReadonlyMap<FleetRefusal, number>;
  /** Bans heard within the last minute; at most {@link BANS_TO_OPEN} + 1. */
  readonly bansLastMinute: number;
  readonly breakerOpenings: number;
  /** By the server's clock; undefined: the breaker is closed. */
  readonly breakerOpenUntilEpochMs: number | undefined;
}

interface Limits {
  accepted: number;
  readonly refused: Map<FleetRefusal, number>;
  readonly bans: ActRate;
  readonly tombstones: ActRate;
  readonly faults: ActRate;
  readonly breaker: Breaker;
}

const NOT_A_FAULT: ReadonlySet<FleetRefusal> = new Set<LimitRefusal>([
  "over-quota",
  "breaker-open",
  "too-many-in-force",
  "distrusted",
]);

export class MemberLimits {
  readonly #members = new Map<string, Limits>();

  /** Members counted; at most {@link MAX_MEMBERS}. */
  get size(): number {
    return this.#members.size;
  }

  /**
   * Asked of each admitted record, once, in the order of the stream; counts what it answers.
   * A member too many is "over-quota", and not counted.
   */
  take({ member, body }: FleetRecord, storedAtEpochMs: number): LimitVerdict {
    const limits = this.#of(member);
    if (limits === undefined) return "over-quota";
    const verdict = verdictOf(limits, rateOf(limits, body), storedAtEpochMs);
    if (verdict === "within") limits.accepted += 1;
    else add(limits.refused, verdict === "breaker-open" ? verdict : "over-quota");
    return verdict;
  }

  /**
   * Counts a record that was refused elsewhere. @returns whether that has opened the breaker, so
   * that what the member said lately is to be taken back.
   */
  refused(member: string, refusal: FleetRefusal, storedAtEpochMs: number): boolean {
    const limits = this.#of(member);
    if (limits === undefined) return false;
    add(limits.refused, refusal);
    if (NOT_A_FAULT.has(refusal) || limits.breaker.isOpen(storedAtEpochMs)) return false;
    if (limits.faults.count(storedAtEpochMs) < FAULTS_TO_OPEN) return false;
    open(limits, storedAtEpochMs);
    return true;
  }

  /** Whether nothing is heard of the member; false for one that is not known. */
  isOpen(member: string, atEpochMs: number): boolean {
    return this.#members.get(member)?.breaker.isOpen(atEpochMs) ?? false;
  }

  /** @returns undefined for a member of which nothing was counted. */
  countsOf(member: string, atEpochMs: number): MemberCounts | undefined {
    const limits = this.#members.get(member);
    if (limits === undefined) return undefined;
    return {
      accepted: limits.accepted,
      refused: new Map(limits.refused),
      bansLastMinute: limits.bans.at(atEpochMs),
      breakerOpenings: limits.breaker.openings,
      breakerOpenUntilEpochMs: limits.breaker.openUntil(atEpochMs),
    };
  }

  /** The member is no more. */
  forget(member: string): void {
    this.#members.delete(member);
  }

  #of(member: string): Limits | undefined {
    const known = this.#members.get(member);
    if (known !== undefined || this.#members.size >= MAX_MEMBERS) return known;
    const limits: Limits = {
      accepted: 0,
      refused: new Map(),
      bans: new ActRate(BANS_TO_OPEN + 1),
      tombstones: new ActRate(BANS_TO_OPEN + 1),
      faults: new ActRate(FAULTS_TO_OPEN),
      breaker: new Breaker(),
    };
    this.#members.set(member, limits);
    return limits;
  }
}

/** A tombstone counts as a ban does: it undoes what others have said. Other kinds have no bound. */
function rateOf({ bans, tombstones }: Limits, body: FleetRecord["body"]): ActRate | undefined {
  if (body.kind === "ban") return bans;
  return body.kind === "unban" && body.isTombstone ? tombstones : undefined;
}

function verdictOf(limits: Limits, rate: ActRate | undefined, atEpochMs: number): LimitVerdict {
  if (limits.breaker.isOpen(atEpochMs)) return "breaker-open";
  const count = rate?.count(atEpochMs) ?? 0;
  if (count > BANS_TO_OPEN) {
    open(limits, atEpochMs);
    return "breaker-opened";
  }
  return count > BANS_A_MINUTE ? "over-quota" : "within";
}

/** With empty counts it begins again when it closes: what opened it is paid for. */
function open(limits: Limits, atEpochMs: number): void {
  limits.breaker.open(atEpochMs);
  limits.bans.clear();
  limits.tombstones.clear();
  limits.faults.clear();
}

function add(refused: Map<FleetRefusal, number>, refusal: FleetRefusal): void {
  refused.set(refusal, (refused.get(refusal) ?? 0) + 1);
}
