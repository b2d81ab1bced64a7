/** One valid request of each kind that the broker knows; the type sees to it that none is left out. */
import fc from "fast-check";
import type { RequestName } from "../../../src/broker/request-table.ts";
import { rowsOf } from "../../broker/rows-of.ts";
import { TRUSTED, TRUSTED_BY_HAND } from "../guarded-broker.ts";
import type { Json } from "../mutated-json.ts";
import { NASTY_ADDRESSES } from "../mutated-json.ts";

const ordinary = fc.nat({ max: 0xffff }).map((low) => `10.7.${low >> 8}.${low & 255}`);
const address = fc.oneof(
  { weight: 3, arbitrary: ordinary },
  { weight: 1, arbitrary: fc.constantFrom(...TRUSTED, TRUSTED_BY_HAND) },
  { weight: 1, arbitrary: fc.constantFrom(...NASTY_ADDRESSES, "2001:db8:7::7", "10.7.0.0/16") },
);
const timeoutMs = fc.constantFrom<Json>(null, 1000, 60_000, 315_360_000_000);
const evidence = fc.constantFrom("claimed", "alive", "proven");
const transport = fc.constantFrom("tcp", "udp");
const port = fc.nat({ max: 65_535 });
const id = fc.nat();

const bans = fc.array(
  fc.record({
    prefix: address,
    timeoutMs,
    evidence,
    origin: fc.constantFrom("detector", "operator"),
  }),
  { minLength: 1, maxLength: 8 },
);
const prefixes = fc.array(address, { minLength: 1, maxLength: 8 });

const record = address.chain((source) =>
  fc.record({
    source: fc.constant(source),
    host: fc.constantFrom(source, "scanner.example.org"),
    transport,
    port,
    tcpFlags: fc.nat({ max: 255 }),
    ipOptions: fc.constantFrom("set", "not set", "unknown"),
    result: fc.constantFrom("below-trigger", "watched", "blocked", "already-blocked", "failed"),
  }),
);

const segment = fc.constantFrom<Json>(
  {
    protocol: "tcp",
    sourcePort: 40_000,
    destinationPort: 445,
    window: 1024,
    reservedBits: 0,
    flags: 2,
    urgentPointer: 0,
  },
  { protocol: "udp", sourcePort: 40_000, destinationPort: 161, lengthBytes: 8 },
  { protocol: "icmp", type: 8, code: 0, echo: { identifier: 1, sequence: 1 } },
  { protocol: "icmp", type: 3, code: 1, echo: null },
  { protocol: "other", number: 47, incompleteBytes: null },
);

const packet = fc.record({
  interfaceIndex: fc.nat({ max: 8 }),
  linkHeader: fc.constantFrom("", "0200000000010800"),
  source: ordinary,
  destination: fc.constant("198.51.100.10"),
  lengthBytes: fc.nat({ max: 1500 }),
  trafficClass: fc.nat({ max: 255 }),
  ttlHops: fc.nat({ max: 255 }),
  identification: fc.nat({ max: 0xffff }),
  fragmentField: fc.nat({ max: 0xffff }),
  flowLabel: fc.nat({ max: 0xfffff }),
  transport: segment,
});

const FIELDS: Readonly<Record<RequestName, Readonly<Record<string, fc.Arbitrary<Json>>>>> = {
  ban: { bans },
  restore: { bans: bans.map(rowsOf) },
  unban: { prefixes },
  respond: { source: address, port, transport, timeoutMs, evidence, isLonger: fc.boolean() },
  undo: { prefixes, withLeftovers: fc.boolean() },
  leftovers: {},
  standing: {},
  blocklists: {},
  listed: { address },
  trust: { prefix: address, timeoutMs },
  record: { records: fc.array(record, { minLength: 1, maxLength: 8 }) },
  alert: {
    kind: fc.constantFrom("opened", "convicted", "closed", "health", "summary", "digest"),
    severity: fc.constantFrom("notice", "warning", "error"),
    source: fc.oneof(address, fc.constant(null)),
    body: fc.constantFrom("{}", '{"title":"Scan by 10.7.0.1"}'),
  },
  confirm: {},
  measure: {},
  count: {},
  dropped: { packet },
  reload: {},
  apply: { confirmWithinMs: fc.constantFrom(1000, 60_000, 86_400_000) },
  ready: {},
};

export const REQUEST_NAMES = Object.keys(FIELDS) as readonly RequestName[];

/** Valid requests of that name. */
export function requestsNamed(name: RequestName): fc.Arbitrary<Json> {
  return fc.record({ id, request: fc.constant(name), ...FIELDS[name] });
}

/** Valid requests, each kind as often as every other. */
export const validRequests = fc.oneof(...REQUEST_NAMES.map(requestsNamed));
