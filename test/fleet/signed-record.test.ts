import { generateKeyPairSync, sign } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeStatement } from "../../src/fleet/member-statement.ts";
import type { FleetRecord } from "../../src/fleet/record.ts";
import { encodeRecord, MAX_RECORD_BYTES, verifyRecord } from "../../src/fleet/signed-record.ts";
import { anyBody, FLEET, recordOf } from "./records.ts";

const own = generateKeyPairSync("ed25519");
const other = generateKeyPairSync("ed25519");
const EXPECTED = { fleet: FLEET, member: "web1", publicKey: own.publicKey };
const LINE = "vedette fleet record 1\n";

const record = recordOf({ kind: "unban", source: "192.0.2.7/32", isTombstone: false });

/** As a member that signs whatever it is given. */
function signed(json: string | Uint8Array, line = LINE, key = own.privateKey): Buffer {
  const bytes = Buffer.from(json);
  return Buffer.concat([sign(null, Buffer.concat([Buffer.from(line), bytes]), key), bytes]);
}

const refusalOf = (wire: Uint8Array) => {
  const verified = verifyRecord(wire, EXPECTED);
  return verified.status === "refused" ? verified.refusal : "none";
};

describe("verifyRecord", () => {
  it("returns what encodeRecord was given, for every body", () => {
    const records = anyBody.map((body) => recordOf(body));
    fc.assert(
      fc.property(records, (each: FleetRecord) => {
        const verified = verifyRecord(encodeRecord(each, own.privateKey), EXPECTED);
        expect(verified).toEqual({ status: "verified", record: each });
      }),
    );
  });

  it.each([
    { what: "nothing", wire: Buffer.alloc(0), refusal: "no-signature" },
    { what: "a signature of nothing", wire: Buffer.alloc(64), refusal: "no-signature" },
    { what: "one byte more than a signature", wire: Buffer.alloc(65), refusal: "bad-signature" },
    {
      what: "as much as is allowed",
      wire: Buffer.alloc(MAX_RECORD_BYTES),
      refusal: "bad-signature",
    },
    { what: "a byte more", wire: Buffer.alloc(MAX_RECORD_BYTES + 1), refusal: "too-long" },
    {
      what: "another key's",
      wire: encodeRecord(record, other.privateKey),
      refusal: "bad-signature",
    },
    {
      what: "what was signed without the line",
      wire: signed(JSON.stringify(record), ""),
      refusal: "bad-signature",
    },
    {
      what: "what was signed as a statement",
      wire: encodeStatement(
        {
          ...{ fleet: FLEET, member: "web1", publicKey: "A".repeat(43) },
          ...{ addresses: [], issuedAtEpochMs: 0 },
        },
        own.privateKey,
      ),
      refusal: "bad-signature",
    },
    { what: "no JSON", wire: signed("{"), refusal: "not-a-record" },
    { what: "no UTF-8", wire: signed(Buffer.from([0x22, 0xff, 0x22])), refusal: "not-a-record" },
    { what: "deep JSON", wire: signed("[".repeat(32_000)), refusal: "not-a-record" },
    { what: "other JSON", wire: signed("null"), refusal: "not-a-record" },
    {
      what: "a key more",
      wire: signed(JSON.stringify({ ...record, note: "" })),
      refusal: "not-a-record",
    },
    {
      what: "a prototype",
      wire: signed(JSON.stringify(record).replace("{", '{"__proto__":{},')),
      refusal: "not-a-record",
    },
    {
      what: "another fleet's",
      wire: encodeRecord({ ...record, fleet: "east" }, own.privateKey),
      refusal: "foreign-fleet",
    },
    {
      what: "another member's",
      wire: encodeRecord({ ...record, member: "web2" }, own.privateKey),
      refusal: "wrong-member",
    },
  ])("refuses $what: $refusal", ({ wire, refusal }) => {
    expect(refusalOf(wire)).toBe(refusal);
  });

  it("refuses a record of which any bit was turned round", () => {
    const wire = encodeRecord(record, own.privateKey);
    fc.assert(
      fc.property(fc.nat({ max: wire.length * 8 - 1 }), (bit) => {
        const changed = Buffer.from(wire);
        changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect(refusalOf(changed)).toBe("bad-signature");
      }),
    );
  });

  it("never throws for what a member with its key has signed", () => {
    const json = fc.oneof(
      fc.json(),
      fc.string({ minLength: 1 }),
      fc.json().map((text) => `{"body":${text}}`),
    );
    fc.assert(
      fc.property(json, (text) => {
        expect(refusalOf(signed(text))).toBe("not-a-record");
      }),
    );
  });
});

describe("encodeRecord", () => {
  it("throws for a record that is longer than any member takes", () => {
    const long = { ...record, fleet: "a".repeat(MAX_RECORD_BYTES) };
    expect(() => encodeRecord(long, own.privateKey)).toThrow(RangeError);
  });
});
