/** Reads a capture for a replay, which has to show some packets if it has any. */

import { counted } from "../../counted.ts";
import { OperationalError } from "../../errors.ts";
import { READ_LINK_TYPES } from "../../packet/link-layer.ts";
import { type CaptureReading, readCapture } from "../../sensors/capture-file.ts";

/**
 * As `readCapture`.
 * @throws {OperationalError} ERR_CAPTURE also when no packet is of a link type that is read.
 */
export async function readReplayFile(
  ...given: Parameters<typeof readCapture>
): Promise<CaptureReading> {
  const reading = await readCapture(...given);
  const { counts, unknownLinkType } = reading;
  if (counts.packets === 0 || counts.unknownLink < counts.packets) return reading;
  const message =
    `${given[0]}: ${counted(counts.packets, "packet")} of link type ${unknownLinkType}, ` +
    `which is not read; what is read: ${READ_LINK_TYPES}`;
  throw new OperationalError("ERR_CAPTURE", message);
}
