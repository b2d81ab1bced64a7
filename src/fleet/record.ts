/**
 * What the members of a fleet tell each other.
 *
 * A record is what one member says, and nothing more: it is believed as far as its signature, its
 * place in the member's sequence and the rules of admission go, and never because it came. All text
 * in it is a stranger's. Sizes are bounded here, so that what was decoded is small.
 */
import { z } from "zod";
import { EVIDENCE_LEVELS } from "../model/evidence.ts";
import { type Prefix, parsePrefix } from "../net/prefix.ts";

/** Most members of one fleet of which anything is remembered. */
export const MAX_MEMBERS = 4096;

/** Most first contacts in one record. */
const MAX_CONTACTS = 64;

/** Longest that a record may be in force, ms: a day. Applies to everything that is said. */
export const MAX_LIFE_MS = 86_400_000;

/** Letters of a member's name and of a fleet's: a label of a host name in small letters. */
const NAME = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** @returns whether `text` can name a member or a fleet: 1 to 63 of a-z, 0-9 and, inside, "-". */
export function isFleetName(text: string): boolean {
  return NAME.test(text);
}

const name = z.string().regex(NAME);

const epochMs = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

/** Canonical, as the member judges sources; how wide it may be is decided at admission. */
const source = z
  .string()
  .max(64)
  .transform((text, context): Prefix => {
    const parsed = parsePrefix(text);
    if (parsed !== undefined) return parsed;
    context.addIssue({ code: "custom", message: "not an address or prefix" });
    return z.NEVER;
  });

const evidence = z.enum(EVIDENCE_LEVELS);

const contact = z.strictObject({
  source,
  transport: z.enum(["tcp", "udp", "icmp", "ip"]),
  port: z.number().int().min(0).max(65_535),
  evidence,
  atEpochMs: epochMs,
});

/** What is said; `kind` is also part of the subject under which it is published. */
const body = z.discriminatedUnion("kind", [
  /** Unused ports that a source has probed on this member for the first time. */
  z.strictObject({
    kind: z.literal("contacts"),
    contacts: z.array(contact).min(1).max(MAX_CONTACTS),
  }),
  /** The story of one campaign, when it is closed or convicted; the latest counts. */
  z.strictObject({
    kind: z.literal("campaign"),
    source,
    campaignId: z.string().max(64),
    firstAtEpochMs: epochMs,
    lastAtEpochMs: epochMs,
    packets: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER),
    portCount: z.number().int().min(0).max(262_144),
    evidence,
    tool: z.string().max(64).optional(),
    verdict: z.enum(["scan", "undecided", "benign"]),
  }),
  /** The member's own rule has convicted the source; whether it was banned is another record. */
  z.strictObject({
    kind: z.literal("verdict"),
    source,
    evidence,
    ruleId: z.string().max(64),
    campaignId: z.string().max(64),
  }),
  /** The member has banned the source on its own verdict or by its operator. */
  z.strictObject({
    kind: z.literal("ban"),
    source,
    evidence,
    /** Absent: for good, which among members is as long as the record is in force. */
    untilEpochMs: epochMs.optional(),
  }),
  /**
   * What this member has said of the source is withdrawn. `isTombstone`: a person has unbanned it,
   * and nothing that any member said of it before counts any more.
   */
  z.strictObject({ kind: z.literal("unban"), source, isTombstone: z.boolean() }),
]);

/** See the file comment; what is signed. */
export const fleetRecordSchema = z.strictObject({
  fleet: name,
  /** Who says it. */
  member: name,
  /** Unique and rising within all that the member has ever said. */
  sequence: z.number().int().min(1).max(Number.MAX_SAFE_INTEGER),
  issuedAtEpochMs: epochMs,
  /** After `issuedAtEpochMs`, by at most {@link MAX_LIFE_MS}. */
  expiresAtEpochMs: epochMs,
  body,
});

export type FleetRecord = z.output<typeof fleetRecordSchema>;
export type FleetBody = FleetRecord["body"];
type FleetKind = FleetBody["kind"];
/** The body of that kind. */
export type FleetBodyOf<Kind extends FleetKind> = Extract<FleetBody, { readonly kind: Kind }>;
export type FleetContact = z.output<typeof contact>;
