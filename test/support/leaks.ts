/**
 * Counts what a scan learned although it should not have: answers to SYNs that came after the scan
 * had shown itself.
 *
 * A scan has shown itself once it has probed one trap port, or two different unused ports. Ports
 * that mail programs try in one honest act count as one, as they do for the guard. A port that the
 * guard is told not to watch, TCP 113, counts as none.
 */
import { type Segment, TCP_ACK, TCP_SYN } from "./pcap.ts";

export interface LeakCount {
  /** Ports whose SYN came after the scan had shown itself and was answered with SYN+ACK. */
  readonly leaked: readonly number[];
  /** Ports whose SYN was answered with a SYN+ACK that acknowledges it, each once. */
  readonly answered: readonly number[];
  /** All such SYN+ACKs to the scanner, repeats included; a challenge acknowledges something else. */
  readonly synAcks: number;
  /** All SYNs of the scanner that reached the target's interface. */
  readonly syns: number;
}

export interface LeakQuestion {
  /** As tcpdump saw it: dotted IPv4, or eight hexadecimal groups. */
  readonly scanner: string;
  /** Ports that are served; all others are unused. */
  readonly served: ReadonlySet<number>;
}

const TRAPS: ReadonlySet<number> = new Set([23, 135, 139, 445, 1433, 2323, 3389, 5555, 5900]);
const EXCLUDED: ReadonlySet<number> = new Set([113]);
const MAIL_FAMILY: ReadonlySet<number> = new Set([110, 143, 465, 587, 993, 995]);

const isSyn = ({ flags }: Segment): boolean => (flags & (TCP_SYN | TCP_ACK)) === TCP_SYN;
const isSynAck = ({ flags }: Segment): boolean =>
  (flags & (TCP_SYN | TCP_ACK)) === (TCP_SYN | TCP_ACK);

/** Judges one pass of one scanner; a second pass is a capture of its own. */
export function countLeaks(segments: readonly Segment[], question: LeakQuestion): LeakCount {
  const { scanner, served } = question;
  /** By scanner's port, target's port and the number that an answer acknowledges. */
  const keyOf = (theirs: number, ours: number, acknowledgement: number): string =>
    `${theirs} ${ours} ${acknowledgement >>> 0}`;
  const asked = new Set<string>();
  const late = new Set<string>();
  const unused = new Set<number | "mail">();
  const leaked = new Set<number>();
  const answered = new Set<number>();
  let isShown = false;
  let synAcks = 0;
  let syns = 0;

  for (const segment of segments) {
    const { sourcePort, destinationPort } = segment;
    if (segment.source === scanner && isSyn(segment)) {
      syns += 1;
      const key = keyOf(sourcePort, destinationPort, segment.sequence + 1);
      asked.add(key);
      if (isShown) late.add(key);
      if (served.has(destinationPort) || EXCLUDED.has(destinationPort)) continue;
      unused.add(MAIL_FAMILY.has(destinationPort) ? "mail" : destinationPort);
      isShown ||= unused.size >= 2 || TRAPS.has(destinationPort);
    } else if (segment.destination === scanner && isSynAck(segment)) {
      const key = keyOf(destinationPort, sourcePort, segment.acknowledgement);
      if (!asked.has(key)) continue;
      synAcks += 1;
      answered.add(sourcePort);
      if (late.has(key)) leaked.add(sourcePort);
    }
  }
  return { leaked: [...leaked], answered: [...answered].sort((a, b) => a - b), synAcks, syns };
}
