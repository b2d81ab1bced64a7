/** Capture files gone wrong, plain and packed with gzip, in pieces of any size. */
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { OperationalError } from "../../../src/errors.ts";
import { readCapture } from "../../../src/sensors/capture-file.ts";
import { FakeFiles } from "../../broker/trust/fake-files.ts";
import { decodeCapture } from "../../packet/captured.ts";
import { writeCapture } from "../../packet/write-capture.ts";
import { keptInputs } from "../corpus.ts";
import { mutatedBytes } from "../mutated-bytes.ts";
import { sharedCaptures } from "../shared-captures.ts";
import { fuzzTarget, promise } from "../target.ts";
import { PACKETS } from "./packets.ts";

const frames = PACKETS.map((bytes, index) => ({ bytes, epochUs: 1_700_000_000_000_000 + index }));

const made = fc
  .record({
    format: fc.constantFrom("pcap" as const, "pcapng" as const),
    isLittle: fc.boolean(),
    linkType: fc.constantFrom(1, 101, 113),
  })
  .map((form) => writeCapture(frames, form));
const kept = keptInputs("captures").map(({ bytes }) => bytes);
const given = fc.constantFrom(...kept, ...sharedCaptures());
const seeds = fc.oneof(made, given);
const plain = mutatedBytes(seeds);
const packed = plain.map((bytes) => gzipSync(bytes, { level: 1 }));

const captures = fc.record({
  bytes: fc.oneof(plain, plain, packed, mutatedBytes(packed)),
  pieceBytes: fc.constantFrom(1, 7, 1000, 70_000),
});

interface CutCapture {
  readonly bytes: Buffer;
  readonly pieceBytes: number;
}

export const capturesTarget = fuzzTarget("captures", captures, check, (bytes) => ({
  bytes,
  pieceBytes: 7 as const,
}));

async function check({ bytes, pieceBytes }: CutCapture): Promise<void> {
  const pieces: Buffer[] = [];
  // No more than a thousand pieces of a long file.
  const step = Math.max(pieceBytes, Math.ceil(bytes.length / 1000));
  for (let at = 0; at < bytes.length; at += step) pieces.push(bytes.subarray(at, at + step));
  const whole = decodeCapture(bytes);
  const inPieces = decodeCapture(...pieces);
  const isSame = JSON.stringify(whole) === JSON.stringify(inPieces);
  promise(isSame, "a capture in pieces is another one than in one piece");
  using files = new FakeFiles();
  const path = files.write("capture", bytes);
  try {
    let delivered = 0;
    const { counts } = await readCapture(path, (buffer, { start, end }) => {
      delivered += 1;
      promise(start <= end && end <= buffer.length, `a packet from ${start} to ${end}`);
    });
    const told = JSON.stringify(counts);
    promise(Object.values(counts).every(Number.isSafeInteger), `counts: ${told}`);
    promise(delivered >= 0, told);
  } catch (error) {
    if (!(error instanceof OperationalError) || error.code !== "ERR_CAPTURE") throw error;
  }
}
