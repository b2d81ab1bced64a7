/**
 * Every request of the table, field by field: values at both sides of each field's bounds, some that
 * the broker has to take and some that are no request. Written beside the schema and not from it.
 */
import type { RequestName } from "../../src/broker/request-table.ts";
import type { Json } from "../fuzz/mutated-json.ts";

/** What may stand in one place of a request. */
interface Shape {
  readonly valid: Json;
  /** Valid, and as far out as it goes. */
  readonly good: readonly Json[];
  /** No request, each for one reason. */
  readonly bad: readonly Json[];
}

const NO_NUMBERS: readonly Json[] = ["1", null, true, [], {}, [1]];
const NO_TEXTS: readonly Json[] = ["", 1, null, true, [], {}, "x", "\u0000", "constructor"];

const leaf = (good: readonly [Json, ...Json[]], bad: readonly Json[]): Shape => ({
  valid: good[0],
  good,
  bad,
});

const integer = (min: number, max: number): Shape =>
  leaf([min, max], [min - 1, max + 1, min + 0.5, ...NO_NUMBERS]);

const word = (...words: [string, ...string[]]): Shape =>
  leaf(words, [...NO_TEXTS, words[0].toUpperCase(), ` ${words[0]}`, `${words[0]}\n`]);

const truth: Shape = leaf([false, true], [0, 1, "true", null, [], {}]);

const orNull = ({ valid, good, bad }: Shape): Shape => ({
  valid,
  good: [...good, null],
  bad: bad.filter((each) => each !== null),
});

/** An object of exactly these fields. */
function object(fields: Readonly<Record<string, Shape>>): Shape {
  const entries = Object.entries(fields);
  const valid = Object.fromEntries(entries.map(([name, shape]) => [name, shape.valid]));
  const each = (kind: "good" | "bad") =>
    entries.flatMap(([name, shape]) => shape[kind].map((value) => ({ ...valid, [name]: value })));
  const lacking = entries.map(([name]) =>
    Object.fromEntries(Object.entries(valid).filter(([other]) => other !== name)),
  );
  const more = ["more", "__proto__", "constructor", "", "x".repeat(300)].map((name) => ({
    ...valid,
    [name]: 1,
  }));
  const none = [null, [], "x", 1, [valid]];
  return {
    valid,
    good: [valid, ...each("good")],
    bad: [...each("bad"), ...lacking, ...more, ...none],
  };
}

/** One to 500 of them. */
function list(item: Shape): Shape {
  const times = (count: number) => Array.from({ length: count }, () => item.valid);
  return {
    valid: times(1),
    good: [...item.good.map((each) => [each]), times(500)],
    bad: [...item.bad.map((each) => [item.valid, each]), [], times(501), null, item.valid, "x", 1],
  };
}

function either(...shapes: readonly [Shape, ...Shape[]]): Shape {
  return {
    valid: shapes[0].valid,
    good: shapes.flatMap(({ good }) => good),
    bad: shapes.flatMap(({ bad }) => bad),
  };
}

const NO_ADDRESSES = [
  "10.7.0.1 ",
  "10.7.0.256",
  "10.7.0",
  "10.7.0.01",
  "fe80::1%eth0",
  "10.7.0.1\n",
];
const address = leaf(
  ["10.7.0.1", "2001:db8:7::7"],
  [...NO_TEXTS, ...NO_ADDRESSES, "10.7.0.0/24", "10.7.0.1/32"],
);
const prefix = leaf(
  ["10.7.0.1", "10.7.0.0/24", "10.7.0.1/32", "2001:db8:7::/64"],
  [...NO_TEXTS, ...NO_ADDRESSES, "10.7.0.1/33", "10.7.0.1/-1", "10.7.0.1/", "2001:db8::/129"],
);
const alertBody = leaf(
  ["{}", '{"title":"Scan by 10.7.0.1","text":"\\u001b é"}', `{"text":"${"x".repeat(32_757)}"}`],
  [
    ...NO_TEXTS,
    ...["[]", '"x"', "null", "1", "{", "{}\n", "\n{}", '{"a":"\u001b"}', '{"a":"\u009b"}', "{}{}"],
    `{"text":"${"x".repeat(32_758)}"}`,
  ],
);
const octet = integer(0, 255);
const twoOctets = integer(0, 65_535);
const timeoutMs = orNull(integer(1000, 315_360_000_000));
const evidence = word("claimed", "alive", "proven");
const transport = word("tcp", "udp");

const bans = list(object({ prefix, timeoutMs, evidence, origin: word("detector", "operator") }));

const row = "10.7.0.1 1000 claimed detector";
/** One to 1,250 of them in a text. */
const rows = leaf(
  [
    row,
    "10.7.0.0/24 315360000000 proven operator",
    "2001:db8:7::/64 - alive detector",
    `${row};${row}`,
    Array.from({ length: 1250 }, () => row).join(";"),
  ],
  [
    ...NO_TEXTS,
    ...[`${row};`, `;${row}`, `${row};;${row}`, `${row} `, ` ${row}`, `${row}\n`, `${row} more`],
    ...[999, 315_360_000_001, "01000", "+1000", "1e4", "1000.0", "0x3e8", "null", "--", ""].map(
      (time) => `10.7.0.1 ${time} claimed detector`,
    ),
    ...["", "10.7.0.256", "10.7.0.01", "10.7.0.1/33", "2001:db8::/129", "fe80::1%eth0"].map(
      (text) => `${text} 1000 claimed detector`,
    ),
    ...[
      "10.7.0.1 1000 CLAIMED detector",
      "10.7.0.1 1000 detector claimed",
      "10.7.0.1 1000 claimed",
    ],
    ...["10.7.0.1 1000 constructor detector", "10.7.0.1 1000 claimed __proto__"],
    Array.from({ length: 1251 }, () => row).join(";"),
    ...[`${row};x`, `${row}|${row}`, [row]],
  ],
);

const record = object({
  source: address,
  host: leaf(
    ["scanner.example.org", "10.7.0.1", "7a", "x".repeat(253)],
    [
      ...NO_TEXTS.filter((each) => each !== "x" && each !== "constructor"),
      ...["Scanner.example.org", "203.0.113.9", "a.b.7", "7", "a b", "a/b", "é.org", "a\n"],
      "x".repeat(254),
    ],
  ),
  transport,
  port: twoOctets,
  tcpFlags: octet,
  ipOptions: word("set", "not set", "unknown"),
  result: word("below-trigger", "watched", "blocked", "already-blocked", "failed"),
});

const segment = either(
  object({
    protocol: word("tcp"),
    sourcePort: twoOctets,
    destinationPort: twoOctets,
    window: twoOctets,
    reservedBits: integer(0, 15),
    flags: octet,
    urgentPointer: twoOctets,
  }),
  object({
    protocol: word("udp"),
    sourcePort: twoOctets,
    destinationPort: twoOctets,
    lengthBytes: twoOctets,
  }),
  object({
    protocol: word("icmp"),
    type: octet,
    code: octet,
    echo: orNull(object({ identifier: twoOctets, sequence: twoOctets })),
  }),
  object({ protocol: word("other"), number: octet, incompleteBytes: orNull(twoOctets) }),
);

const addressOf = (text: string): Shape => leaf([text], address.bad);

const packetOf = (source: string, destination: string): Shape =>
  object({
    interfaceIndex: integer(0, 2_147_483_647),
    linkHeader: leaf(
      ["", "00", "0123456789abcdef", "00".repeat(32)],
      ["0", "000", "0G", "AB", "00\n", "00".repeat(33), 0, null, [], {}],
    ),
    source: addressOf(source),
    destination: addressOf(destination),
    lengthBytes: integer(0, 65_575),
    trafficClass: octet,
    ttlHops: octet,
    identification: twoOctets,
    fragmentField: twoOctets,
    flowLabel: integer(0, 1_048_575),
    transport: segment,
  });

const twoFamilies: Shape = {
  ...packetOf("2001:db8:7::7", "2001:db8::10"),
  bad: [packetOf("10.7.0.1", "2001:db8::10").valid, packetOf("2001:db8::1", "10.7.0.1").valid],
};

const FIELDS: Readonly<Record<RequestName, Readonly<Record<string, Shape>>>> = {
  ban: { bans },
  restore: { bans: rows },
  unban: { prefixes: list(prefix) },
  respond: { source: prefix, port: twoOctets, transport, timeoutMs, evidence, isLonger: truth },
  undo: { prefixes: list(prefix), withLeftovers: truth },
  leftovers: {},
  trust: { prefix, timeoutMs },
  record: { records: list(record) },
  alert: {
    kind: word("opened", "convicted", "closed", "health", "summary", "digest"),
    severity: word("notice", "warning", "error"),
    source: orNull(prefix),
    body: alertBody,
  },
  confirm: {},
  measure: {},
  count: {},
  standing: {},
  blocklists: {},
  listed: { address },
  dropped: { packet: either(packetOf("10.7.0.1", "198.51.100.10"), twoFamilies) },
  reload: {},
  apply: { confirmWithinMs: integer(1000, 86_400_000) },
  ready: {},
};

/** The request of that name in all its good and bad forms. */
export function shapeOf(name: RequestName): Shape {
  const isName = { valid: name, good: [name], bad: [...NO_TEXTS, `${name} `, name.toUpperCase()] };
  return object({ id: integer(0, Number.MAX_SAFE_INTEGER), request: isName, ...FIELDS[name] });
}
