/**
 * What a NATS server hands over as a record or statement of a member: bytes of anybody, and whatever
 * somebody with a stolen key has signed.
 *
 * Neither may throw; what nobody has signed is never verified; and what is verified and admitted is
 * small, of one source an item, and reads the same when it is written again.
 */
import { createPrivateKey, createPublicKey, sign } from "node:crypto";
import fc from "fast-check";
import { admit, isOneSource } from "../../../src/fleet/admission.ts";
import { verifyStatement } from "../../../src/fleet/member-statement.ts";
import type { FleetRecord } from "../../../src/fleet/record.ts";
import { encodeRecord, MAX_RECORD_BYTES, verifyRecord } from "../../../src/fleet/signed-record.ts";
import { FLEET, recordOf, START_EPOCH_MS } from "../../fleet/records.ts";
import { keptInputs } from "../corpus.ts";
import { mutatedBytes } from "../mutated-bytes.ts";
import { fuzzTarget, promise } from "../target.ts";

/** Always the same, so that a finding can be made again: PKCS #8, RFC 8410 section 7. */
const key = createPrivateKey({
  key: Buffer.from(`302e020100300506032b657004220420${"07".repeat(32)}`, "hex"),
  format: "der",
  type: "pkcs8",
});
const publicKey = createPublicKey(key);
const EXPECTED = { fleet: FLEET, member: "web1", publicKey };
const EXPECTED_STATEMENT = { fleet: FLEET, member: "web1", fleetPublicKey: publicKey };

const contact = {
  ...{ source: "192.0.2.7/32", transport: "tcp" as const, port: 23 },
  ...{ evidence: "alive" as const, atEpochMs: START_EPOCH_MS },
};
const RECORDS: readonly FleetRecord[] = [
  recordOf({ kind: "contacts", contacts: [contact, { ...contact, source: "2001:db8::/64" }] }),
  recordOf({ kind: "ban", source: "192.0.2.7/32", evidence: "proven" }),
  recordOf({ kind: "unban", source: "::ffff:192.0.2.7/128", isTombstone: true }),
  recordOf({
    ...{ kind: "verdict", source: "2001:db8::1/128", evidence: "alive" },
    ...{ ruleId: "sequential", campaignId: "mbz1k2p0-1f" },
  }),
];
const STATEMENT = {
  ...{ fleet: FLEET, member: "web1", publicKey: "A".repeat(43) },
  ...{ addresses: ["192.0.2.10", "2001:db8::10"], issuedAtEpochMs: START_EPOCH_MS },
};

const wires = RECORDS.map((record) => encodeRecord(record, key));
const known = new Set(wires.map((wire) => wire.toString("hex")));
const jsons = [...RECORDS, STATEMENT].map((each) => Buffer.from(JSON.stringify(each)));
const kept = keptInputs("fleet").map(({ bytes }) => bytes);
const inputs = mutatedBytes(fc.constantFrom(...wires, ...jsons, ...kept), 3);

function signed(json: Buffer, line: string): Buffer {
  return Buffer.concat([sign(null, Buffer.concat([Buffer.from(line), json]), key), json]);
}

function checkVerified(record: FleetRecord): void {
  const wire = encodeRecord(record, key);
  const again = verifyRecord(wire, EXPECTED);
  promise(
    again.status === "verified" && JSON.stringify(again.record) === JSON.stringify(record),
    `what was verified reads otherwise when it is written again: ${JSON.stringify(record)}`,
  );
  const admission = admit(record, {
    subject: { kind: record.body.kind, member: record.member },
    storedAtEpochMs: START_EPOCH_MS,
    nowEpochMs: START_EPOCH_MS,
    isTrusted: () => false,
  });
  if (admission.status !== "accepted") return;
  const { body } = admission.record;
  const items = body.kind === "contacts" ? body.contacts : [body];
  for (const { source } of items) promise(isOneSource(source), `${source} is admitted`);
}

export const fleetTarget = fuzzTarget(
  "fleet",
  inputs,
  (bytes) => {
    const asIs = verifyRecord(bytes, EXPECTED);
    const isForged = asIs.status === "verified" && !known.has(bytes.toString("hex"));
    promise(!isForged, "what nobody has signed is verified");
    promise(
      verifyStatement(bytes, EXPECTED_STATEMENT).status === "refused",
      "what nobody has signed is a statement",
    );
    const stolen = verifyRecord(signed(bytes, "vedette fleet record 1\n"), EXPECTED);
    if (stolen.status === "verified") {
      promise(bytes.length < MAX_RECORD_BYTES, `${bytes.length} bytes are a record`);
      checkVerified(stolen.record);
    }
    verifyStatement(signed(bytes, "vedette fleet member 1\n"), EXPECTED_STATEMENT);
  },
  (bytes) => bytes,
);
