/**
 * What one member has said of one source and has not taken back.
 *
 * At most one contact, verdict, ban, unban and tombstone each, so that a member that says the same a
 * million times has said it once. A first contact stays the first while it is in force: whoever
 * could move it on could make it fade or not as it likes.
 *
 * Two times: when it was said, which is the member's word but never later than the server's, and
 * when the server stored it, on which a member has no influence.
 */
import { type Evidence, isStronger } from "../model/evidence.ts";
import type { ProbedPort } from "../model/verdict.ts";
import { endOf } from "./admission.ts";
import type { FleetBodyOf, FleetContact, FleetRecord } from "./record.ts";

export interface Statement {
  /** Of the record that said it. */
  readonly sequence: number;
  readonly saidAtEpochMs: number;
  readonly storedAtEpochMs: number;
  /** From when on it counts no more. */
  readonly endEpochMs: number;
}

/** A verdict or a ban. */
interface SaidConviction extends Statement {
  readonly evidence: Evidence;
}

/** The first unused port of the member that the source has probed, and the strongest evidence. */
export interface SaidContact extends SaidConviction, ProbedPort {}

export interface Saying {
  readonly member: string;
  contact: SaidContact | undefined;
  verdict: SaidConviction | undefined;
  ban: SaidConviction | undefined;
  /** What the member said before, by its numbers, is taken back. */
  unban: Statement | undefined;
  /** What anybody said before, by the server's clock, counts no more. */
  tombstone: Statement | undefined;
}

const PARTS = ["contact", "verdict", "ban", "unban", "tombstone"] as const;

export function emptySaying(member: string): Saying {
  return {
    member,
    contact: undefined,
    verdict: undefined,
    ban: undefined,
    unban: undefined,
    tombstone: undefined,
  };
}

/** Adds a first contact that a record tells of. */
export function sayContact(
  saying: Saying,
  record: FleetRecord,
  contact: FleetContact,
  storedAtEpochMs: number,
): void {
  const { transport, port, evidence } = contact;
  const statement = statementOf(record, storedAtEpochMs, contact.atEpochMs);
  if (isTakenBack(saying, statement)) return;
  const before = saying.contact;
  const isKnown = before !== undefined && before.endEpochMs > statement.saidAtEpochMs;
  if (!isKnown) saying.contact = { ...statement, transport, port, evidence };
  // Its time of storage moves on, so that what was raised lately is taken back with what is late.
  else if (isStronger(evidence, before.evidence)) {
    saying.contact = { ...before, evidence, storedAtEpochMs, sequence: record.sequence };
  }
}

/** Puts a verdict or ban in the place of the one before; the one that was said last stays. */
export function sayConviction(
  saying: Saying,
  record: FleetRecord,
  { kind, evidence }: FleetBodyOf<"verdict" | "ban">,
  storedAtEpochMs: number,
): void {
  const said = { ...statementOf(record, storedAtEpochMs), evidence };
  const before = saying[kind];
  if (isTakenBack(saying, said) || (before !== undefined && before.sequence > said.sequence))
    return;
  saying[kind] = said;
}

/** Takes back what the member said before, and buries what all did if it is a tombstone. */
export function sayUnban(
  saying: Saying,
  record: FleetRecord,
  { isTombstone }: FleetBodyOf<"unban">,
  storedAtEpochMs: number,
): void {
  const said = statementOf(record, storedAtEpochMs);
  if (saying.unban === undefined || saying.unban.sequence < said.sequence) saying.unban = said;
  if (isTombstone) saying.tombstone = said;
  for (const part of ["contact", "verdict", "ban"] as const) {
    const before = saying[part];
    if (before !== undefined && isTakenBack(saying, before)) saying[part] = undefined;
  }
}

/** Forgets the parts of which `isGone` holds. @returns whether there was any. */
export function forgetParts(saying: Saying, isGone: (part: Statement) => boolean): boolean {
  let hasForgotten = false;
  for (const part of PARTS) {
    const said = saying[part];
    if (said === undefined || !isGone(said)) continue;
    saying[part] = undefined;
    hasForgotten = true;
  }
  return hasForgotten;
}

export function isEmpty(saying: Saying): boolean {
  return PARTS.every((part) => saying[part] === undefined);
}

/** Whether it is more than a first contact: what nobody else's first contacts may push out. */
export function isWeighty({ verdict, ban, unban, tombstone }: Saying): boolean {
  return [verdict, ban, unban, tombstone].some((part) => part !== undefined);
}

/** @returns 0 to 3: contact, verdict, ban, and what takes back. */
export function weightOf({ verdict, ban, unban, tombstone }: Saying): number {
  if (unban !== undefined || tombstone !== undefined) return 3;
  if (ban !== undefined) return 2;
  return verdict === undefined ? 0 : 1;
}

function isTakenBack({ unban }: Saying, { sequence }: Statement): boolean {
  return unban !== undefined && sequence < unban.sequence;
}

function statementOf(
  record: FleetRecord,
  storedAtEpochMs: number,
  atEpochMs = storedAtEpochMs,
): Statement {
  return {
    sequence: record.sequence,
    saidAtEpochMs: Math.min(record.issuedAtEpochMs, storedAtEpochMs, atEpochMs),
    storedAtEpochMs,
    endEpochMs: endOf(record),
  };
}
