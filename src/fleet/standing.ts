/**
 * What follows for one source from what the members have said of it.
 *
 * Three rules, and the strongest evidence of any counts. `ban`: another member has banned it on
 * proven evidence. `convictions`: two members have convicted it on alive evidence or more; that it
 * has probed this machine counts as one of them. `contacts`: the walk of src/model/walk.ts, with
 * members in the place of destinations: one step for each member whose unused port it probed, one
 * back if it has a connection to a service of this machine.
 *
 * What a hostile member can do: it is one member, however much it says. Its proven ban is believed,
 * and named; of anything less it takes another that says the same, and the evidence is the second
 * strongest, so that nobody's word alone lifts it. The exception is a handshake that one of four
 * members tells of, which it could have banned on.
 *
 * A function of what is in force and nothing else: whoever forgets a member has never heard it.
 */
import { EVIDENCE_LEVELS, type Evidence, isStronger } from "../model/evidence.ts";
import type { ProbedPort, Score, ScoreStep } from "../model/verdict.ts";
import { CONVICTION_BITS, stepOn, walkWeights } from "../model/walk.ts";
import { hasPorts } from "../net/transport.ts";
import type { SaidContact, Saying, Statement } from "./saying.ts";

/** Names that a reason lists; of more it says how many. */
const LISTED_MEMBERS = 8;

type FleetRule = "ban" | "convictions" | "contacts";

export interface Standing {
  readonly rule: FleetRule;
  readonly evidence: Evidence;
  /** Who says so, by name; this machine's own name may be among them, never alone. */
  readonly members: readonly string[];
  /** There iff the rule is `contacts`; one step a member. */
  readonly score?: Score;
  /** For people; names, numbers and nothing else of what members wrote. */
  readonly reason: string;
}

/** A service of this machine to which the source has, or had, a connection. */
export interface OwnHit extends ProbedPort {
  readonly atEpochMs: number;
}

export interface StandingOptions {
  /** This machine's name in the fleet. */
  readonly self: string;
  /** How long until what was seen is worth half in the walk. Milliseconds, above 0. */
  readonly halfLifeMs: number;
}

const { missBits, hitBits } = walkWeights(false);

/** @returns undefined when nothing follows at this time. */
export function standingOf(
  sayings: readonly Saying[],
  hit: OwnHit | undefined,
  atEpochMs: number,
  options: StandingOptions,
): Standing | undefined {
  const counting = inForce(sayings, atEpochMs);
  const found = [
    byBans(counting, options),
    byConvictions(counting, options),
    byContacts(counting, hit, options),
  ];
  return found.reduce((best, each) => {
    if (best === undefined || each === undefined) return best ?? each;
    return isStronger(each.evidence, best.evidence) ? each : best;
  });
}

/** @returns from when on it does not stand on evidence as strong, if nobody says anything new. */
export function standsUntil(
  sayings: readonly Saying[],
  hit: OwnHit | undefined,
  standing: Standing,
  atEpochMs: number,
  options: StandingOptions,
): number {
  const ends = sayings
    .flatMap(({ contact, verdict, ban, tombstone }) => [contact, verdict, ban, tombstone])
    .flatMap((part) => (part === undefined ? [] : [part.endEpochMs]))
    .filter((end) => end > atEpochMs)
    .sort((one, other) => one - other);
  const isOver = (end: number) => {
    const then = standingOf(sayings, hit, end, options);
    return then === undefined || isStronger(standing.evidence, then.evidence);
  };
  return ends.find(isOver) ?? atEpochMs;
}

/** What counts: neither over nor said before the last tombstone. */
function inForce(sayings: readonly Saying[], atEpochMs: number): Saying[] {
  const lasts = (part: Statement | undefined) => part !== undefined && part.endEpochMs > atEpochMs;
  const buriedAtEpochMs = sayings.reduce(
    (latest, { tombstone }) =>
      tombstone !== undefined && lasts(tombstone)
        ? Math.max(latest, tombstone.storedAtEpochMs)
        : latest,
    Number.NEGATIVE_INFINITY,
  );
  const counting = <Part extends Statement>(part: Part | undefined) =>
    part !== undefined && lasts(part) && part.saidAtEpochMs > buriedAtEpochMs ? part : undefined;
  return sayings
    .map((saying) => ({
      ...saying,
      contact: counting(saying.contact),
      verdict: counting(saying.verdict),
      ban: counting(saying.ban),
    }))
    .sort((one, other) => (one.member < other.member ? -1 : 1));
}

function byBans(sayings: readonly Saying[], { self }: StandingOptions): Standing | undefined {
  const members = sayings
    .filter(({ member, ban }) => member !== self && ban?.evidence === "proven")
    .map(({ member }) => member);
  if (members.length === 0) return undefined;
  const reason = `banned by ${listed(members)} on proven evidence`;
  return { rule: "ban", evidence: "proven", members, reason };
}

function byConvictions(sayings: readonly Saying[], { self }: StandingOptions) {
  const backers = sayings.flatMap(({ member, contact, verdict, ban }) => {
    const parts = member === self ? [contact, verdict, ban] : [verdict, ban];
    const told = parts.flatMap((part) => (part === undefined ? [] : [part.evidence]));
    const evidence = strongest(told);
    if (evidence === undefined || (member !== self && evidence === "claimed")) return [];
    return [{ member, evidence }];
  });
  if (backers.length < 2) return undefined;
  const members = backers.map(({ member }) => member);
  const standing: Standing = {
    rule: "convictions",
    evidence: secondStrongest(backers.map(({ evidence }) => evidence)),
    members,
    reason: `seen scanning by ${listed(members)}`,
  };
  return standing;
}

function byContacts(
  sayings: readonly Saying[],
  hit: OwnHit | undefined,
  { halfLifeMs }: StandingOptions,
): Standing | undefined {
  const contacts = sayings.flatMap(({ member, contact }) =>
    contact === undefined ? [] : [{ member, contact }],
  );
  const walked = walk(
    contacts.map(({ contact }) => contact),
    hit,
    halfLifeMs,
  );
  if (walked === undefined) return undefined;
  const members = contacts.map(({ member }) => member);
  const levels = contacts.map(({ contact }) => contact.evidence);
  const ports = contacts.map(({ member, contact }) => `${member} ${portText(contact)}`);
  return {
    rule: "contacts",
    evidence: levels.includes("proven") ? "proven" : secondStrongest(levels),
    members,
    score: walked,
    reason: `unused ports of ${members.length} members: ${listed(ports)}`,
  };
}

/** @returns the walk up to where it is highest; undefined when that convicts nobody. */
function walk(
  contacts: readonly SaidContact[],
  hit: OwnHit | undefined,
  halfLifeMs: number,
): Score | undefined {
  const misses = contacts.map(({ saidAtEpochMs, transport, port }) => ({
    ...{ atEpochMs: saidAtEpochMs, bits: missBits },
    ...{ transport, port },
  }));
  const hits = hit === undefined ? [] : [{ ...hit, bits: hitBits }];
  // Misses first among those of one time: the sort is stable.
  const inTurn = [...misses, ...hits].sort((one, other) => one.atEpochMs - other.atEpochMs);
  const firstAtEpochMs = inTurn[0]?.atEpochMs ?? 0;
  const steps: ScoreStep[] = [];
  let bits = 0;
  let lastMs = 0;
  let highest = { bits: 0, steps: 0 };
  for (const { transport, port, atEpochMs, bits: stepBits } of inTurn) {
    const afterMs = atEpochMs - firstAtEpochMs;
    bits = stepOn(bits, afterMs - lastMs, halfLifeMs, stepBits);
    lastMs = afterMs;
    steps.push({ transport, port, afterMs, factor: 2 ** stepBits });
    if (bits > highest.bits) highest = { bits, steps: steps.length };
  }
  if (highest.bits < CONVICTION_BITS) return undefined;
  return { value: 2 ** highest.bits, halfLifeMs, steps: steps.slice(0, highest.steps) };
}

function strongest(levels: readonly Evidence[]): Evidence | undefined {
  return EVIDENCE_LEVELS.findLast((level) => levels.includes(level));
}

/** Of two or more. */
function secondStrongest(levels: readonly Evidence[]): Evidence {
  const ranks = levels.map((level) => EVIDENCE_LEVELS.indexOf(level)).sort((a, b) => b - a);
  return EVIDENCE_LEVELS[ranks[1] ?? 0] ?? "claimed";
}

function listed(texts: readonly string[]): string {
  const shown = texts.slice(0, LISTED_MEMBERS).join(", ");
  const more = texts.length - LISTED_MEMBERS;
  return more > 0 ? `${shown} and ${more} more` : shown;
}

function portText({ transport, port }: ProbedPort): string {
  if (hasPorts(transport)) return `${transport} ${port}`;
  return transport === "icmp" ? `ICMP type ${port}` : `IP protocol ${port}`;
}
