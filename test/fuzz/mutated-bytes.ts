/** Bytes that were valid until somebody turned some of them round. */
import fc from "fast-check";

const INTERESTING = [0, 1, 3, 4, 5, 7, 15, 16, 20, 40, 127, 128, 254, 255, 256, 0x7fff, 0x8000];
const INTERESTING_WORDS = [...INTERESTING, 0xffff, 0x7fff_ffff, 0x8000_0000, 0xffff_fffe, 2 ** 32];

const place = fc.nat({ max: 0xffff });

const change = fc.oneof(
  fc.record({ act: fc.constant("octet" as const), at: place, value: fc.nat({ max: 255 }) }),
  fc.record({ act: fc.constant("bit" as const), at: place, value: fc.nat({ max: 7 }) }),
  fc.record({
    act: fc.constantFrom("word16" as const, "word32" as const, "word32-little" as const),
    at: place,
    value: fc.constantFrom(...INTERESTING_WORDS),
  }),
  fc.record({ act: fc.constant("cut" as const), at: place, value: fc.constant(0) }),
  fc.record({
    act: fc.constantFrom("repeat" as const, "remove" as const),
    at: place,
    value: fc.integer({ min: 1, max: 64 }),
  }),
);

type Change = typeof change extends fc.Arbitrary<infer Each> ? Each : never;

function apply(bytes: Buffer, { act, at, value }: Change): Buffer {
  if (bytes.length < 4) return bytes;
  const start = at % bytes.length;
  const changed = Buffer.from(bytes);
  switch (act) {
    case "octet":
      changed[start] = value;
      return changed;
    case "bit":
      changed[start] = (changed[start] ?? 0) ^ (1 << value);
      return changed;
    case "word16":
      changed.writeUInt16BE(value & 0xffff, Math.min(start, bytes.length - 2));
      return changed;
    case "word32":
      changed.writeUInt32BE(value >>> 0, Math.min(start, bytes.length - 4));
      return changed;
    case "word32-little":
      changed.writeUInt32LE(value >>> 0, Math.min(start, bytes.length - 4));
      return changed;
    case "cut":
      return changed.subarray(0, start);
    case "repeat":
      return Buffer.concat([changed.subarray(0, start + value), changed.subarray(start)]);
    case "remove":
      return Buffer.concat([changed.subarray(0, start), changed.subarray(start + value)]);
  }
}

/** One of the seeds with up to `most` changes; now and then bytes of no origin. */
export function mutatedBytes(seeds: fc.Arbitrary<Uint8Array>, most = 6): fc.Arbitrary<Buffer> {
  const changed = fc
    .tuple(seeds, fc.array(change, { maxLength: most }))
    .map(([bytes, changes]) => changes.reduce(apply, Buffer.from(bytes)));
  const any = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes));
  return fc.oneof({ weight: 15, arbitrary: changed }, { weight: 1, arbitrary: any });
}
