/**
 * BLOCK_LOG on the privileged side: the file, and what is wrong with it as a health problem.
 *
 * A file that cannot be written costs its lines and nothing else: the guard goes on. It is tried
 * again with each line; the problem is over with the next one that is written.
 */
import { BlockLog } from "../broker/legacy/block-log.ts";
import type { Clock } from "../clock.ts";
import { counted } from "../counted.ts";
import type { HealthTracker } from "../health/tracker.ts";
import type { DroppedPacket } from "../model/dropped-packet.ts";
import type { Outcome } from "../model/order.ts";

export interface BlockLines {
  /** Writes one line. Never throws. */
  append(packet: DroppedPacket): Outcome;
  /** Another line opens the file again. */
  close(): void;
}

/** @param path of the file, which is made at once; undefined: no lines are wanted. */
export function openBlockLog(
  path: string | undefined,
  health: HealthTracker,
  clock: Clock,
): BlockLines {
  if (path === undefined) {
    const refused: Outcome = { status: "refused", reason: "BLOCK_LOG is not set" };
    return { append: () => refused, close: () => {} };
  }
  const log = new BlockLog({ path, sender: `portsentry[${process.pid}]` }, clock);
  const tell = (outcome: Outcome): Outcome => {
    if (outcome.status === "applied") health.clear("block-log-failed");
    if (outcome.status === "failed") {
      health.raise(
        "block-log-failed",
        "warning",
        `The block log lacks ${counted(log.failures, "line")}: ${outcome.reason}.`,
        "Holds and bans go on; mend the file of BLOCK_LOG, and the next line is written.",
      );
    }
    return outcome;
  };
  tell(log.open());
  return { append: (packet) => tell(log.append(packet)), close: () => log.close() };
}
