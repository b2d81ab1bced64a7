/** How long a service went on answering somebody who has begun to scan. Pure. */
import { type Segment, TCP_ACK, TCP_SYN } from "../../test/support/pcap.ts";

export interface ShutOutQuestion {
  readonly scanner: string;
  /** A port that is served; all others are unused. */
  readonly service: number;
}

/** Who had an answer so shortly before his last question is not shut out. Milliseconds. */
const SILENCE_MS = 500;

const typeOf = ({ flags }: Segment): number => flags & (TCP_SYN | TCP_ACK);

/**
 * @returns milliseconds from the first SYN to an unused port until the last SYN+ACK of the service;
 * 0: there was none after it. Undefined: it answered to the end, or no unused port was probed.
 */
export function shutOutMs(
  segments: readonly Segment[],
  { scanner, service }: ShutOutQuestion,
): number | undefined {
  let begunAtMs: number | undefined;
  let answeredAtMs = Number.NEGATIVE_INFINITY;
  let askedAtMs = Number.NEGATIVE_INFINITY;
  for (const segment of segments) {
    const { destinationPort, seenAtEpochMs } = segment;
    if (segment.source === scanner && typeOf(segment) === TCP_SYN) {
      askedAtMs = seenAtEpochMs;
      if (destinationPort !== service) begunAtMs ??= seenAtEpochMs;
    } else if (
      segment.destination === scanner &&
      segment.sourcePort === service &&
      typeOf(segment) === (TCP_SYN | TCP_ACK)
    ) {
      answeredAtMs = seenAtEpochMs;
    }
  }
  if (begunAtMs === undefined || askedAtMs - answeredAtMs < SILENCE_MS) return undefined;
  return Math.max(0, answeredAtMs - begunAtMs);
}
