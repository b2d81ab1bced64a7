/**
 * A record on its way: signed by the member that says it, and verified before it is parsed.
 *
 * Whoever can publish under a member's subject and has not its key gets nothing further than here.
 * Whoever has the key says what it likes: how far that is believed is decided at admission.
 */
import type { KeyObject } from "node:crypto";
import { type FleetRecord, fleetRecordSchema } from "./record.ts";
import {
  encodeSigned,
  openSigned,
  parseJsonBytes,
  type SignatureRefusal,
  type SigningContext,
} from "./signature.ts";

/** Longest record, signature and all. Bytes; 64 contacts take a third of it. */
export const MAX_RECORD_BYTES = 32_768;

const CONTEXT: SigningContext = {
  line: "vedette fleet record 1\n",
  maxBytes: MAX_RECORD_BYTES,
};

/**
 * Why bytes are no record of this member. `not-a-record`: well signed, and not UTF-8, not JSON, or
 * not as the schema has it. `foreign-fleet`, `wrong-member`: whose it says it is. One key in two
 * fleets, or of two members, does not make one's record the other's.
 */
export type RecordRefusal = SignatureRefusal | "not-a-record" | "foreign-fleet" | "wrong-member";

export type VerifiedRecord =
  | { readonly status: "verified"; readonly record: FleetRecord }
  | { readonly status: "refused"; readonly refusal: RecordRefusal };

/** From whom a record is expected. */
export interface ExpectedMember {
  readonly fleet: string;
  /** As the subject names it, under which the server lets nobody else publish. */
  readonly member: string;
  /** That member's, by its statement. Ed25519. */
  readonly publicKey: KeyObject;
}

/** A record longer than {@link MAX_RECORD_BYTES} is a bug of its maker: throws RangeError. */
export function encodeRecord(record: FleetRecord, signingKey: KeyObject): Buffer {
  return encodeSigned(CONTEXT, record, signingKey);
}

/** Never throws, whatever `wire` is. */
export function verifyRecord(wire: Uint8Array, expected: ExpectedMember): VerifiedRecord {
  const opened = openSigned(CONTEXT, wire, expected.publicKey);
  if (opened.status === "refused") return opened;
  const parsed = fleetRecordSchema.safeParse(parseJsonBytes(opened.json));
  if (!parsed.success) return { status: "refused", refusal: "not-a-record" };
  const record = parsed.data;
  if (record.fleet !== expected.fleet) return { status: "refused", refusal: "foreign-fleet" };
  if (record.member !== expected.member) return { status: "refused", refusal: "wrong-member" };
  return { status: "verified", record };
}
