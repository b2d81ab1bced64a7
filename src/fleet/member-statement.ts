/**
 * Who a member is: its name, key and addresses, as the fleet's key says.
 *
 * Each member publishes its own, and whoever knows the fleet's public key can verify it, so no list
 * has to be spread when one is added. The member's own key signs none: who has stolen that can give
 * itself no other name, no further trusted address and no second key. What it can do is publish an
 * older statement of the same member; the newest counts, so whoever hears statements keeps them.
 */
import type { KeyObject } from "node:crypto";
import { z } from "zod";
import { type IpAddress, parseIpAddress } from "../net/ip-address.ts";
import { isFleetName } from "./record.ts";
import {
  encodeSigned,
  openSigned,
  parseJsonBytes,
  parsePublicKey,
  type SignatureRefusal,
  type SigningContext,
} from "./signature.ts";

/** Most addresses of one member, which every other member trusts. */
const MAX_MEMBER_ADDRESSES = 16;

/** Longest statement, signature and all. Bytes; the longest that is valid has some 1,300. */
export const MAX_STATEMENT_BYTES = 4096;

const CONTEXT: SigningContext = {
  line: "vedette fleet member 1\n",
  maxBytes: MAX_STATEMENT_BYTES,
};

const name = z.string().max(63).refine(isFleetName);

/** Single addresses: a block that all members trust would be more than a member is. */
const address = z
  .string()
  .max(64)
  .transform((text, context): IpAddress => {
    const parsed = parseIpAddress(text);
    if (parsed !== undefined) return parsed;
    context.addIssue({ code: "custom", message: "not an address" });
    return z.NEVER;
  });

const statementSchema = z.strictObject({
  fleet: name,
  member: name,
  /** Base64url of 32 bytes: what this member signs its records with. */
  publicKey: z.string().refine((text) => parsePublicKey(text) !== undefined),
  /** Where this member is, in any order. */
  addresses: z.array(address).max(MAX_MEMBER_ADDRESSES),
  /** By the clock of whoever has the fleet's key. */
  issuedAtEpochMs: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER),
});

export type MemberStatement = z.output<typeof statementSchema>;

/** As {@link RecordRefusal} of a record; `not-a-statement`: well signed, and nothing that is one. */
type StatementRefusal = SignatureRefusal | "not-a-statement" | "foreign-fleet" | "wrong-member";

export type VerifiedStatement =
  | { readonly status: "verified"; readonly statement: MemberStatement }
  | { readonly status: "refused"; readonly refusal: StatementRefusal };

/** Whose statement is expected. */
export interface ExpectedStatement {
  readonly fleet: string;
  /** As the subject names it. */
  readonly member: string;
  /** The fleet's. Ed25519. */
  readonly fleetPublicKey: KeyObject;
}

/** A statement that the schema does not have is a bug of its maker. @param fleetKey private. */
export function encodeStatement(statement: MemberStatement, fleetKey: KeyObject): Buffer {
  return encodeSigned(CONTEXT, statement, fleetKey);
}

/** Never throws, whatever `wire` is. */
export function verifyStatement(wire: Uint8Array, expected: ExpectedStatement): VerifiedStatement {
  const opened = openSigned(CONTEXT, wire, expected.fleetPublicKey);
  if (opened.status === "refused") return opened;
  const parsed = statementSchema.safeParse(parseJsonBytes(opened.json));
  if (!parsed.success) return { status: "refused", refusal: "not-a-statement" };
  const statement = parsed.data;
  if (statement.fleet !== expected.fleet) return { status: "refused", refusal: "foreign-fleet" };
  if (statement.member !== expected.member) return { status: "refused", refusal: "wrong-member" };
  return { status: "verified", statement };
}

/**
 * @returns the newer of two verified statements of one member. Two of one millisecond are compared
 * by their text, so that all members settle on the same, in whichever order they hear them.
 */
export function newerStatement(one: MemberStatement, other: MemberStatement): MemberStatement {
  if (one.issuedAtEpochMs !== other.issuedAtEpochMs) {
    return one.issuedAtEpochMs > other.issuedAtEpochMs ? one : other;
  }
  return textOf(one) >= textOf(other) ? one : other;
}

function textOf({ publicKey, addresses }: MemberStatement): string {
  return JSON.stringify([publicKey, addresses]);
}
