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

/** masscan: the identification holds the rest of the header; templ-pkt.c. */
export function masscanSyn(run: ToolRun, destinationPort: number, random: Random): Buffer {
  const sequence = random.word();
  const destination = run.destination.split(".").map(Number);
  const low = ((destination[2] ?? 0) << 8) | (destination[3] ?? 0);
  const id = (low ^ destinationPort ^ sequence) & 0xffff;
  const fields = { ...run, sequence, id, destinationPort };
  return encodeTcp({ ...fields, flags: TCP_SYN, window: 1024, ttl: random.integer(230, 250) });
}

/** Mirai and what came of it: the sequence number is the destination; scanner.c. */
export function miraiSyn(run: ToolRun, destinationPort: number, random: Random): Buffer {
  const [first = 0, second = 0, third = 0, last = 0] = run.destination.split(".").map(Number);
  const sequence = ((first << 24) | (second << 16) | (third << 8) | last) >>> 0;
  const window = random.integer(1, 0xffff);
  const fields = { ...run, sequence, destinationPort, window };
  return encodeTcp({ ...fields, flags: TCP_SYN, ttl: random.integer(40, 60), id: random.word() });
}

/** A SYN of an operating system: what every client, and every connect scan, begins with. */
export function stackSyn(ends: Ends, stack: "linux" | "windows", sequence: number): Buffer {
  const [options, ttl] = stack === "linux" ? [LINUX_OPTIONS, 53] : [WINDOWS_OPTIONS, 117];
  return encodeTcp({ ...ends, flags: TCP_SYN, sequence, window: 64_240, options, ttl, df: true });
}

/** A SYN with nothing in it but what its sender has invented. */
export function forgedSyn(ends: Ends, random: Random): Buffer {
  const window = random.integer(1, 0xffff);
  const ttl = random.integer(40, 120);
  return encodeTcp({ ...ends, flags: TCP_SYN, sequence: random.word(), window, ttl });
}
