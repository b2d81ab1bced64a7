/**
 * Frames of the captures that lie beside the project (bench/captures.ts says where), read in place;
 * none where they are not there.
 */
import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { CAPTURES_FOLDER } from "../../bench/captures.ts";
import { CaptureStream } from "../../src/packet/capture-stream.ts";

/** Of each capture, and of its beginning: as many as tell its kinds of packets. */
const FRAMES_OF_EACH = 30;
const READ_BYTES = 8192;

/** Beginnings of whole captures, as files. */
export function sharedCaptures(): Buffer[] {
  if (!existsSync(CAPTURES_FOLDER)) return [];
  return globSync("**/*.{pcap,pcapng}", { cwd: CAPTURES_FOLDER })
    .sort()
    .map((name) => readFileSync(join(CAPTURES_FOLDER, name)).subarray(0, READ_BYTES));
}

/** IP packets as they were on the wire. */
export function sharedFrames(): Buffer[] {
  return sharedCaptures().flatMap((bytes) => {
    const frames: Buffer[] = [];
    const stream = new CaptureStream((buffer, { start, end }) => {
      if (frames.length < FRAMES_OF_EACH) frames.push(Buffer.from(buffer.subarray(start, end)));
    });
    stream.push(bytes);
    return frames;
  });
}
