/** Datagrams of the kernel's log with lengths that lie, attributes cut and messages run together. */
import fc from "fast-check";
import { encodeMessage, encodeUint32, findAttribute } from "../../../src/kernel/netlink.ts";
import { NflogDecoder } from "../../../src/kernel/nflog-decode.ts";
import { keptInputs } from "../corpus.ts";
import { mutatedBytes } from "../mutated-bytes.ts";
import { fuzzTarget, promise } from "../target.ts";
import { PACKETS } from "./packets.ts";

const PACKET_MESSAGE = 0x0400;
const PREFIXES = ["hold", "probe", "open", "trap", "reply", "bait", "drop", ""];

const message = fc
  .record({
    prefix: fc.constantFrom(...PREFIXES),
    packet: fc.constantFrom(...PACKETS),
    sequence: fc.constantFrom(0, 1, 2, 0xffff_ffff),
    type: fc.constantFrom(PACKET_MESSAGE, PACKET_MESSAGE, PACKET_MESSAGE, 2, 3),
  })
  .map(({ prefix, packet, sequence, type }) =>
    encodeMessage({
      type,
      body: Buffer.alloc(4),
      attributes: [
        { type: 10, value: Buffer.from(`${prefix}\0`) },
        { type: 4, value: encodeUint32(3) },
        { type: 16, value: Buffer.alloc(14, 2) },
        { type: 12, value: encodeUint32(sequence) },
        { type: 9, value: packet },
      ],
    }),
  );

const datagram = fc
  .array(message, { minLength: 1, maxLength: 5 })
  .map((messages) => Buffer.concat(messages));

const kept = keptInputs("netlink").map(({ bytes }) => bytes);
const seeds = fc.oneof({ weight: 9, arbitrary: datagram }, fc.constantFrom(...kept));

const datagrams = fc.array(mutatedBytes(seeds), { minLength: 1, maxLength: 4 });

export const netlinkTarget = fuzzTarget("netlink", datagrams, check, (bytes) => [bytes]);

function check(all: readonly Buffer[]): void {
  const decoder = new NflogDecoder();
  for (const bytes of all) {
    const isWithin = (start: number, end: number) => {
      const isOrdered = start >= 0 && start <= end && end <= bytes.length;
      promise(isOrdered, `${start} to ${end} of ${bytes.length} bytes`);
    };
    const before = decoder.packets;
    let delivered = 0;
    decoder.decode(
      bytes,
      bytes.length,
      (_, start, end) => {
        delivered += 1;
        isWithin(start, end);
      },
      (_, place) => {
        isWithin(place.start, place.end);
        isWithin(place.linkStart, place.linkEnd);
      },
      (_, start, end) => isWithin(start, end),
    );
    promise(decoder.packets - before === delivered, "packets are counted that never came");
    promise(Number.isSafeInteger(decoder.lost) && decoder.lost >= 0, `lost: ${decoder.lost}`);
    for (let type = 0; type < 20; type += 1) {
      const found = findAttribute(bytes, 0, bytes.length, type);
      promise((found?.length ?? 0) <= bytes.length, "an attribute beyond its message");
    }
  }
}
