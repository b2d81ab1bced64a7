/**
 * Writes small databases in MaxMind's format for tests: a tree of IPv6 with IPv4 at ::/96, records of
 * 24 bits (https://maxmind.github.io/MaxMind-DB/).
 */
import { wordsOf } from "../../src/net/address-words.ts";
import {
  bits128Of,
  familyOfPrefix,
  firstAddressOf,
  type Prefix,
  parsePrefix,
} from "../../src/net/prefix.ts";

/** Numbers are written as 32 bits, bigints as 64. */
export type MmdbValue =
  | string
  | number
  | bigint
  | readonly MmdbValue[]
  | { readonly [name: string]: MmdbValue };

export interface MmdbContent {
  /** "GeoLite2-Country". */
  readonly type: string;
  /** Records by prefix, the wider ones first. */
  readonly records: Readonly<Record<string, MmdbValue>>;
  readonly builtAtEpochSeconds?: number;
}

const METADATA_MARKER = Buffer.from("\xab\xcd\xefMaxMind.com", "latin1");

const TYPES = { string: 2, map: 7, uint32: 6, uint64: 9, array: 11 } as const;

/** A node's sides: another node's number, the place of a record, or nothing. */
type Side = { node: number } | { record: number } | undefined;

export function mmdbOf({
  type,
  records,
  builtAtEpochSeconds = 1_790_000_000,
}: MmdbContent): Buffer {
  const nodes: [Side, Side][] = [[undefined, undefined]];
  const data: Buffer[] = [];
  let dataBytes = 0;
  /** Equal records are one, as they are in real files. */
  const places = new Map<string, number>();
  for (const [text, value] of Object.entries(records)) {
    const bytes = encode(value);
    const known = places.get(bytes.toString("latin1"));
    insert(nodes, parsePrefix(text) as Prefix, known ?? dataBytes);
    if (known !== undefined) continue;
    places.set(bytes.toString("latin1"), dataBytes);
    data.push(bytes);
    dataBytes += bytes.length;
  }
  const tree = Buffer.alloc(nodes.length * 6);
  nodes.forEach((sides, index) => {
    sides.forEach((side, bit) => {
      tree.writeUIntBE(numberOf(side, nodes.length), index * 6 + bit * 3, 3);
    });
  });
  const metadata = encode({
    binary_format_major_version: 2,
    binary_format_minor_version: 0,
    build_epoch: BigInt(builtAtEpochSeconds),
    database_type: type,
    description: { en: "for tests" },
    ip_version: 6,
    languages: ["en"],
    node_count: nodes.length,
    record_size: 24,
  });
  return Buffer.concat([tree, Buffer.alloc(16), ...data, METADATA_MARKER, metadata]);
}

function numberOf(side: Side, nodeCount: number): number {
  if (side === undefined) return nodeCount;
  return "node" in side ? side.node : nodeCount + 16 + side.record;
}

function insert(nodes: [Side, Side][], prefix: Prefix, record: number): void {
  const words = wordsOf(firstAddressOf(prefix));
  // In the tree IPv4 lies at ::/96, not in its mapped place.
  if (familyOfPrefix(prefix) === 4) words[2] = 0;
  const bits = bits128Of(prefix);
  let at = 0;
  for (let depth = 0; depth < bits; depth += 1) {
    const bit = ((words[depth >> 5] as number) >>> (31 - (depth & 31))) & 1;
    const sides = nodes[at] as [Side, Side];
    if (depth === bits - 1) {
      sides[bit] = { record };
      return;
    }
    const side = sides[bit];
    if (side !== undefined && "node" in side) at = side.node;
    else {
      // What held the whole block goes on to hold both halves.
      at = nodes.push([side, side]) - 1;
      sides[bit] = { node: at };
    }
  }
}

function encode(value: MmdbValue): Buffer {
  if (typeof value === "string") {
    const bytes = Buffer.from(value, "utf8");
    return Buffer.concat([control(TYPES.string, bytes.length), bytes]);
  }
  if (typeof value === "number") {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(value);
    return Buffer.concat([control(TYPES.uint32, 4), bytes]);
  }
  if (typeof value === "bigint") {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64BE(value);
    return Buffer.concat([control(TYPES.uint64, 8), bytes]);
  }
  if (Array.isArray(value)) {
    return Buffer.concat([control(TYPES.array, value.length), ...value.map(encode)]);
  }
  const fields = Object.entries(value);
  return Buffer.concat([
    control(TYPES.map, fields.length),
    ...fields.flatMap(([name, each]) => [encode(name), encode(each)]),
  ]);
}

/** The first bytes of a field: its type and how long it is, below 285. */
function control(type: number, length: number): Buffer {
  const [short, ...more] = length < 29 ? [length] : [29, length - 29];
  if (type <= 7) return Buffer.from([(type << 5) | (short as number), ...more]);
  return Buffer.from([short as number, type - 7, ...more]);
}
