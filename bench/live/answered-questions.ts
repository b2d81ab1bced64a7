/** Counts what services have answered, whoever asked. Pure. */
import { type Segment, TCP_ACK, TCP_SYN } from "../../test/support/pcap.ts";

const typeOf = ({ flags }: Segment): number => flags & (TCP_SYN | TCP_ACK);

/** @returns how many pairs of a source and a service have a SYN that was answered by SYN+ACK. */
export function answeredQuestions(
  segments: readonly Segment[],
  services: readonly number[],
): number {
  const asked = new Set<string>();
  const answered = new Set<string>();
  for (const segment of segments) {
    const { source, sourcePort, destination, destinationPort } = segment;
    if (typeOf(segment) === TCP_SYN && services.includes(destinationPort)) {
      asked.add(`${source} ${destinationPort}`);
    }
    const pair = `${destination} ${sourcePort}`;
    if (typeOf(segment) === (TCP_SYN | TCP_ACK) && asked.has(pair)) answered.add(pair);
  }
  return answered.size;
}
