/** Records as members make them, and bodies of every kind. */
import fc from "fast-check";
import type { FleetBody, FleetRecord } from "../../src/fleet/record.ts";
import { EVIDENCE_LEVELS } from "../../src/model/evidence.ts";
import { type Prefix, parsePrefix } from "../../src/net/prefix.ts";

export const FLEET = "west";

/** When tests begin, by the server's clock. */
export const START_EPOCH_MS = 1_700_000_000_000;

export const DAY_MS = 86_400_000;

export function prefix(text: string): Prefix {
  const parsed = parsePrefix(text);
  if (parsed === undefined) throw new TypeError(`not a prefix: ${text}`);
  return parsed;
}

/** A body whose sources are texts. */
type Written<Body> = Body extends unknown
  ? { readonly [Key in keyof Body]: Key extends "source" ? string : WrittenField<Body[Key]> }
  : never;
type WrittenField<Field> = Field extends readonly (infer Each)[] ? readonly Written<Each>[] : Field;

/** In force for a day from when it was issued, unless it is said otherwise. */
export function recordOf(
  body: Written<FleetBody> | FleetBody,
  rest: Partial<Omit<FleetRecord, "body">> = {},
): FleetRecord {
  const issuedAtEpochMs = rest.issuedAtEpochMs ?? START_EPOCH_MS;
  return {
    fleet: FLEET,
    member: "web1",
    sequence: 1,
    issuedAtEpochMs,
    expiresAtEpochMs: issuedAtEpochMs + DAY_MS,
    ...rest,
    body: body as FleetBody,
  };
}

const evidence = fc.constantFrom(...EVIDENCE_LEVELS);
const time = fc.integer({ min: START_EPOCH_MS - DAY_MS, max: START_EPOCH_MS + DAY_MS });

/** Few, so that members speak of the same; one is a prefix, and two lie in one /64. */
export const FEW_SOURCES: readonly Prefix[] = [
  "192.0.2.1/32",
  "192.0.2.2/32",
  "198.51.100.0/24",
  "2001:db8::/64",
  "2001:db8::1/128",
  "0.0.0.0/0",
].map(prefix);

const source = fc.constantFrom(...FEW_SOURCES);
const contact = fc.record({
  source,
  transport: fc.constantFrom("tcp" as const, "udp" as const, "icmp" as const, "ip" as const),
  port: fc.nat({ max: 65_535 }),
  evidence,
  atEpochMs: time,
});

/** Of any kind, as the schema has it. */
export const anyBody: fc.Arbitrary<FleetBody> = fc.oneof(
  fc.record({
    kind: fc.constant("contacts" as const),
    contacts: fc.array(contact, { minLength: 1, maxLength: 6 }),
  }),
  fc.record({
    kind: fc.constant("verdict" as const),
    source,
    evidence,
    ruleId: fc.constant("sequential"),
    campaignId: fc.constant("c-1"),
  }),
  fc.record(
    { kind: fc.constant("ban" as const), source, evidence, untilEpochMs: time },
    { requiredKeys: ["kind", "source", "evidence"] },
  ),
  fc.record({ kind: fc.constant("unban" as const), source, isTombstone: fc.boolean() }),
  fc.record({
    kind: fc.constant("campaign" as const),
    source,
    campaignId: fc.constant("c-1"),
    firstAtEpochMs: time,
    lastAtEpochMs: time,
    packets: fc.nat(),
    portCount: fc.nat({ max: 100 }),
    evidence,
    verdict: fc.constantFrom("scan" as const, "undecided" as const, "benign" as const),
  }),
);
