/**
 * First packets as the tools and the stacks of these years write them: the same facts that
 * src/detectors/tool-looks.ts tells them by, from the tools' own sources and captures.
 */
import { type Ends, encodeTcp } from "./packets.ts";
import type { Random } from "./random.ts";

export const TCP_FIN = 0x01;
export const TCP_SYN = 0x02;
export const TCP_RST = 0x04;
export const TCP_PSH = 0x08;
export const TCP_ACK = 0x10;

/** Options of a SYN: nmap's; those of Linux; those of Windows 10. */
const SEGMENT_SIZE = "020405b4";
const LINUX_OPTIONS = "020405b40402080a1afcdb55000000000103030a";
const WINDOWS_OPTIONS = "020405b40103030801010402";

/** One run of a tool: what it keeps from its first packet to its last. */
export interface ToolRun {
  readonly source: string;
  readonly destination: string;
  readonly sourcePort: number;
  readonly sequence: number;
}

/** @returns a run of nmap: one source port and one sequence number for all ports of a pass. */
export function nmapRun(source: string, destination: string, random: Random): ToolRun {
  const sourcePort = random.integer(33_000, 63_999);
  return { source, destination, sourcePort, sequence: random.word() };
}

/**
 * nmap -sS: a window of 1024, one option, a TTL of 37 to 59; scan_engine_raw.cc, sendIPScanProbe.
 * @param sources the sender, and its decoys: they share all but the address and the TTL.
 */
export function nmapSyns(
  run: ToolRun,
  sources: readonly string[],
  destinationPort: number,
  random: Random,
): Buffer[] {
  const id = random.integer(0, 0xffff);
  return sources.map((source) =>
    encodeTcp({
      ...run,
      source,
      destinationPort,
      flags: TCP_SYN,
      window: 1024,
      options: SEGMENT_SIZE,
      ttl: random.integer(37, 59),
      id,
    }),
  );
}

/** A SYN of an operating system: what every client, and every connect scan, begins with. */
export function stackSyn(ends: Ends, stack: "linux" | "windows", sequence: number): Buffer {
  const [options, ttl] = stack === "linux" ? [LINUX_OPTIONS, 53] : [WINDOWS_OPTIONS, 117];
  return encodeTcp({ ...ends, flags: TCP_SYN, sequence, window: 64_240, options, ttl, df: true });
}
