/** The machine that all made scenarios are about, and what their senders have in common. */
import type { Service } from "../scenario.ts";

/** 2026-03-02T00:00:00Z, a Monday: when all of them begin. */
export const STARTED_AT_EPOCH_MS = Date.UTC(2026, 2, 2);

export const SECOND_MS = 1000;
export const MINUTE_MS = 60 * SECOND_MS;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

/** The machine: a web server that people administer over SSH. */
export const OURS = "198.51.100.10";

export const SERVICES: readonly Service[] = [
  { transport: "tcp", port: 22 },
  { transport: "tcp", port: 80 },
  { transport: "tcp", port: 443 },
];

/** Somebody who scans. */
export const SCANNER = "203.0.113.66";

/**
 * The hundred ports that nmap -F asks, as it orders them: the most popular first, the rest at
 * random, here in ascending order, and shuffled by whoever uses them. nmap-services, and
 * nmap.cc, random_port_cheat.
 */
export const POPULAR_PORTS: readonly number[] = [
  80, 23, 443, 21, 22, 25, 3389, 110, 445, 139, 143, 53, 135, 3306, 8080, 1723, 111, 995, 993, 5900,
  1025, 587, 8888, 199, 1720, 113, 554, 256,
];
export const OTHER_PORTS: readonly number[] = [
  7, 9, 13, 26, 37, 79, 81, 88, 106, 119, 144, 179, 389, 427, 444, 465, 513, 514, 515, 543, 544,
  548, 631, 646, 873, 990, 1026, 1027, 1028, 1029, 1110, 1433, 1755, 1900, 2000, 2001, 2049, 2121,
  2717, 3000, 3128, 3986, 4899, 5000, 5009, 5051, 5060, 5101, 5190, 5357, 5432, 5631, 5666, 5800,
  6000, 6001, 6646, 7070, 8000, 8008, 8009, 8081, 8443, 9100, 9999, 10000, 32768, 49152, 49153,
  49154, 49155, 49156,
];

/** @returns the address `index` places behind 10.0.0.0 … as text: 203.0.113.0 and 5 is 203.0.113.5. */
export function addressAt(first: string, index: number): string {
  const value = first.split(".").reduce((sum, octet) => sum * 256 + Number(octet), 0) + index;
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join(".");
}
