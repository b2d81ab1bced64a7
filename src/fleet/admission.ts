/**
 * What may be believed of a record that its member has signed.
 *
 * A member's key can be stolen, so nothing here trusts the member. It cannot speak under another
 * name or kind than the server let it publish under; it cannot reach further than one source a
 * record's item, nor a source that this machine trusts; and nothing of it lasts longer than a day.
 *
 * One source is an IPv4 address, or an IPv6 /64 or less, for every kind. A fleet's limit could be a
 * /24 and a /48, and the broker's is. But what members prove they prove of one source: a handshake
 * from one address says nothing of its 255 neighbours, and one member's word would shut out all of
 * them. Prefixes that an operator has banned, and sources of members that judge /48s (IPV6_PREFIX),
 * are theirs alone; senders ask {@link isOneSource} and do not publish them.
 *
 * Two clocks that are not ours decide: the server's, which stored the message, and the member's. The
 * member's is believed only as far as the server's bears it out.
 */
import { familyOfPrefix, lengthOf, type Prefix } from "../net/prefix.ts";
import { type FleetBody, type FleetRecord, MAX_LIFE_MS } from "./record.ts";

/** How far a member's clock may be ahead of the server's. Milliseconds. */
const MAX_AHEAD_MS = 120_000;

/** How long a member may have kept a record while the server was away. Milliseconds. */
const MAX_DELAY_MS = 86_400_000;

/** The shortest prefix that is still one source. Bits. */
const SOURCE_BITS = { 4: 32, 6: 64 } as const;

/**
 * Why a verified record is not believed. `wrong-member`, `wrong-kind`: it was published under a
 * subject of another. `issued-ahead`, `issued-long-ago`: by the server's clock. `lasts-too-long`,
 * `ends-before-it-begins`: of its own times. `expired`: it was when the server stored it. `too-wide`:
 * more than one source. `trusted`: it speaks of whom this machine trusts.
 */
export type AdmissionRefusal =
  | "wrong-member"
  | "wrong-kind"
  | "issued-ahead"
  | "issued-long-ago"
  | "lasts-too-long"
  | "ends-before-it-begins"
  | "expired"
  | "too-wide"
  | "trusted";

/** `lapsed`: it was good when the server stored it, and its time is over. No fault of the member. */
export type Admission =
  | { readonly status: "accepted"; readonly record: FleetRecord; readonly leftOut: number }
  | { readonly status: "lapsed" }
  | { readonly status: "refused"; readonly refusal: AdmissionRefusal };

/** How a record came, and who is asked about its sources. */
export interface Arrival {
  /** The last two parts of its subject. */
  readonly subject: { readonly kind: string; readonly member: string };
  /** When the server stored it, by the server's clock. */
  readonly storedAtEpochMs: number;
  /** By this machine's wall clock. */
  readonly nowEpochMs: number;
  /** Whether any address of it is trusted here, or is one that is never banned. */
  readonly isTrusted: (source: Prefix) => boolean;
}

/** @returns whether a record may be about it; see the file comment. */
export function isOneSource(prefix: Prefix): boolean {
  return lengthOf(prefix) >= SOURCE_BITS[familyOfPrefix(prefix)];
}

/**
 * @returns the record as far as it is believed: contacts of trusted sources are left out of it and
 * counted, since members need not trust the same; with none left it is refused.
 */
export function admit(record: FleetRecord, arrival: Arrival): Admission {
  const refusal = whyMisplaced(record, arrival) ?? whyMistimed(record, arrival.storedAtEpochMs);
  if (refusal !== undefined) return { status: "refused", refusal };
  const { body } = record;
  if (!sourcesOf(body).every(isOneSource)) return { status: "refused", refusal: "too-wide" };
  // What takes back must reach whoever has heard what it takes back, and so never lapses.
  if (body.kind !== "unban" && endOf(record) <= arrival.nowEpochMs) return { status: "lapsed" };
  if (body.kind !== "contacts") {
    if (arrival.isTrusted(body.source)) return { status: "refused", refusal: "trusted" };
    return { status: "accepted", record, leftOut: 0 };
  }
  const contacts = body.contacts.filter(({ source }) => !arrival.isTrusted(source));
  const leftOut = body.contacts.length - contacts.length;
  if (leftOut === 0) return { status: "accepted", record, leftOut };
  if (contacts.length === 0) return { status: "refused", refusal: "trusted" };
  return { status: "accepted", record: { ...record, body: { ...body, contacts } }, leftOut };
}

/** @returns until when what the record says is in force, by itself and by what it says. */
export function endOf({ body, expiresAtEpochMs }: FleetRecord): number {
  const until = body.kind === "ban" ? body.untilEpochMs : undefined;
  return until === undefined ? expiresAtEpochMs : Math.min(expiresAtEpochMs, until);
}

function sourcesOf(body: FleetBody): Prefix[] {
  return body.kind === "contacts" ? body.contacts.map(({ source }) => source) : [body.source];
}

function whyMisplaced({ member, body }: FleetRecord, { subject }: Arrival) {
  if (member !== subject.member) return "wrong-member";
  return body.kind === subject.kind ? undefined : "wrong-kind";
}

function whyMistimed(record: FleetRecord, storedAtEpochMs: number): AdmissionRefusal | undefined {
  const { issuedAtEpochMs, expiresAtEpochMs, body } = record;
  if (issuedAtEpochMs > storedAtEpochMs + MAX_AHEAD_MS) return "issued-ahead";
  if (issuedAtEpochMs < storedAtEpochMs - MAX_DELAY_MS) return "issued-long-ago";
  if (expiresAtEpochMs - issuedAtEpochMs > MAX_LIFE_MS) return "lasts-too-long";
  if (expiresAtEpochMs <= issuedAtEpochMs) return "ends-before-it-begins";
  if (body.kind === "ban" && body.untilEpochMs !== undefined) {
    if (body.untilEpochMs <= issuedAtEpochMs) return "ends-before-it-begins";
  }
  if (body.kind === "campaign" && body.lastAtEpochMs < body.firstAtEpochMs) {
    return "ends-before-it-begins";
  }
  // An honest member's spool holds records that have expired; it does not publish them.
  return body.kind !== "unban" && endOf(record) <= storedAtEpochMs ? "expired" : undefined;
}
