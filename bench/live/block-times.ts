/** When a source was shut out by the kernel, as `nft monitor` tells it. Pure. */
import { type Segment, TCP_ACK, TCP_SYN } from "../../test/support/pcap.ts";

/** Vedette's set, and the rules that PortSentry's command makes by iptables over nftables. */
const BLOCK =
  /^(?:add element inet vedette banned4 \{ ([\d.]+)[ ,}]|(?:add|insert) rule ip filter INPUT ip saddr ([\d.]+) .*\bdrop\b)/;

/** Reads what the monitor writes, piece by piece. */
export class BlockTimes {
  /** By source: when its first block was told. Milliseconds since 1970. */
  readonly atEpochMs = new Map<string, number>();
  #rest = "";

  read(piece: string, atEpochMs: number): void {
    const lines = (this.#rest + piece).split("\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines) {
      const match = BLOCK.exec(line);
      const source = match?.[1] ?? match?.[2];
      if (source !== undefined && !this.atEpochMs.has(source))
        this.atEpochMs.set(source, atEpochMs);
    }
  }
}

/**
 * @param convictsAfter so many distinct ports have to be probed until a source is convicted.
 * @returns of each source that has probed so many and was blocked, milliseconds from the SYN that
 * made it so many; negative, that is before it by the clocks' difference, is 0.
 */
export function blockDelays(
  segments: readonly Segment[],
  blocked: ReadonlyMap<string, number>,
  convictsAfter: number,
): number[] {
  const probed = new Map<string, Set<number>>();
  const delays: number[] = [];
  for (const { source, destinationPort, flags, seenAtEpochMs } of segments) {
    if ((flags & (TCP_SYN | TCP_ACK)) !== TCP_SYN) continue;
    const ports = probed.get(source) ?? new Set();
    probed.set(source, ports);
    if (ports.has(destinationPort)) continue;
    ports.add(destinationPort);
    const blockedAtMs = blocked.get(source);
    if (ports.size !== convictsAfter || blockedAtMs === undefined) continue;
    delays.push(Math.max(0, blockedAtMs - seenAtEpochMs));
  }
  return delays;
}
