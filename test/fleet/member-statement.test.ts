import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { describe, expect, it } from "vitest";
import {
  encodeStatement,
  MAX_STATEMENT_BYTES,
  type MemberStatement,
  newerStatement,
  verifyStatement,
} from "../../src/fleet/member-statement.ts";
import { formatPublicKey, parsePublicKey } from "../../src/fleet/signature.ts";
import { encodeRecord } from "../../src/fleet/signed-record.ts";
import type { IpAddress } from "../../src/net/ip-address.ts";
import { FLEET, recordOf } from "./records.ts";

const fleet = generateKeyPairSync("ed25519");
const member = generateKeyPairSync("ed25519");
const EXPECTED = { fleet: FLEET, member: "web1", fleetPublicKey: fleet.publicKey };

const statement: MemberStatement = {
  fleet: FLEET,
  member: "web1",
  publicKey: formatPublicKey(member.publicKey),
  addresses: ["192.0.2.10", "2001:db8::10"] as IpAddress[],
  issuedAtEpochMs: 5,
};

/** As the fleet's key would sign whatever it is given. */
function signed(value: unknown, key: KeyObject = fleet.privateKey): Buffer {
  const json = Buffer.from(JSON.stringify(value));
  const line = Buffer.from("vedette fleet member 1\n");
  return Buffer.concat([sign(null, Buffer.concat([line, json]), key), json]);
}

const refusalOf = (wire: Uint8Array) => {
  const verified = verifyStatement(wire, EXPECTED);
  return verified.status === "refused" ? verified.refusal : "none";
};

const addresses = (count: number) => Array.from({ length: count }, (_, host) => `192.0.2.${host}`);

describe("verifyStatement", () => {
  it("returns what the fleet's key has signed", () => {
    const wire = encodeStatement(statement, fleet.privateKey);
    expect(verifyStatement(wire, EXPECTED)).toEqual({ status: "verified", statement });
  });

  it.each([
    { what: "no address", change: { addresses: [] }, refusal: "none" },
    { what: "16 addresses", change: { addresses: addresses(16) }, refusal: "none" },
    { what: "17 addresses", change: { addresses: addresses(17) }, refusal: "not-a-statement" },
    { what: "a prefix", change: { addresses: ["192.0.2.0/24"] }, refusal: "not-a-statement" },
    {
      what: "one as a prefix",
      change: { addresses: ["192.0.2.1/32"] },
      refusal: "not-a-statement",
    },
    { what: "a short key", change: { publicKey: "A".repeat(42) }, refusal: "not-a-statement" },
    {
      what: "another text of a key",
      change: { publicKey: `${"A".repeat(42)}B` },
      refusal: "not-a-statement",
    },
    { what: "no time", change: { issuedAtEpochMs: -1 }, refusal: "not-a-statement" },
    { what: "a name that is none", change: { member: "web1.>" }, refusal: "not-a-statement" },
    { what: "one more key", change: { isAdmin: true }, refusal: "not-a-statement" },
    { what: "another fleet", change: { fleet: "east" }, refusal: "foreign-fleet" },
    { what: "another member", change: { member: "web2" }, refusal: "wrong-member" },
  ])("of a statement with $what says $refusal", ({ change, refusal }) => {
    expect(refusalOf(signed({ ...statement, ...change }))).toBe(refusal);
  });

  it.each([
    {
      what: "what a member has signed itself",
      wire: encodeStatement(statement, member.privateKey),
      refusal: "bad-signature",
    },
    {
      what: "what the fleet's key has signed as a record",
      wire: encodeRecord(
        recordOf({ kind: "unban", source: "192.0.2.7/32", isTombstone: false }),
        fleet.privateKey,
      ),
      refusal: "bad-signature",
    },
    { what: "no statement", wire: Buffer.alloc(64), refusal: "no-signature" },
    {
      what: "as much as is allowed",
      wire: Buffer.alloc(MAX_STATEMENT_BYTES),
      refusal: "bad-signature",
    },
    { what: "a byte more", wire: Buffer.alloc(MAX_STATEMENT_BYTES + 1), refusal: "too-long" },
  ])("refuses $what: $refusal", ({ wire, refusal }) => {
    expect(refusalOf(wire)).toBe(refusal);
  });
});

describe("newerStatement", () => {
  const later = { ...statement, issuedAtEpochMs: 6, addresses: [] };
  const sameTime = { ...statement, addresses: [] };

  it.each([
    { what: "the later one", one: statement, other: later, newer: later },
    { what: "one of two of the same time", one: statement, other: sameTime, newer: sameTime },
  ])("is $what, whichever is heard first", ({ one, other, newer }) => {
    expect([newerStatement(one, other), newerStatement(other, one)]).toEqual([newer, newer]);
  });
});

describe("parsePublicKey", () => {
  it("reads what formatPublicKey writes", () => {
    const parsed = parsePublicKey(formatPublicKey(member.publicKey));
    expect(parsed?.equals(member.publicKey)).toBe(true);
  });
});
