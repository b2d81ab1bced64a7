/**
 * Scans in one line: "22@0 u53@10 a80@20" is TCP port 22 at 0 ms, UDP 53 at 10, an ACK to 80 at 20;
 * "x80@30" an XMAS packet to it, "p2@0 i47@1" a ping of the second of our addresses, and GRE at 1.
 */
import type { Clock } from "../../src/clock.ts";
import type { Detector } from "../../src/detectors/detector.ts";
import type { Probe } from "../../src/model/probe.ts";
import type { Verdict } from "../../src/model/verdict.ts";
import { wordsOf } from "../../src/net/address-words.ts";
import { type IpAddress, parseIpAddress } from "../../src/net/ip-address.ts";

export const STARTED_AT_EPOCH_MS = Date.UTC(2026, 10, 22);

/** Monotonic time is given by the probes of a trace; the wall clock runs beside it. */
export const clock: Clock = {
  monotonicMs: () => 50_000,
  epochMs: () => STARTED_AT_EPOCH_MS + 50_000,
};

export const SCANNER = "192.0.2.7";

/** The probe of one step. */
export function probe(source: string, step: string, more: Partial<Probe> = {}): Probe {
  const [, letter, port, ms] = /^([uapix]?)(\d+)@([\d.]+)$/.exec(step) ?? [];
  if (ms === undefined) throw new Error(`not a step: ${step}`);
  const kinds = {
    "": { transport: "tcp", kind: "tcp-syn", tcpFlags: 0x02 },
    a: { transport: "tcp", kind: "tcp-ack", tcpFlags: 0x10 },
    x: { transport: "tcp", kind: "tcp-xmas", tcpFlags: 0x29 },
    u: { transport: "udp", kind: "udp", tcpFlags: 0 },
    p: { transport: "icmp", kind: "icmp-echo", tcpFlags: 0 },
    i: { transport: "ip", kind: "ip-protocol", tcpFlags: 0 },
  } as const;
  const isPing = letter === "p";
  const destination = isPing ? `198.51.100.${Number(port) & 0xff}` : "198.51.100.1";
  return {
    source: wordsOf(parseIpAddress(source) as IpAddress),
    destination: wordsOf(parseIpAddress(destination) as IpAddress),
    ...kinds[letter as keyof typeof kinds],
    port: isPing ? 8 : Number(port),
    sourcePort: 40_000,
    evidence: "claimed",
    sensor: "nflog",
    startedHold: false,
    hasIpOptions: false,
    isFragment: false,
    header: undefined,
    seenAtMs: Number(ms),
    ...more,
  };
}

/** @returns the steps of the trace that convicted. */
export function convictions(sut: Detector, trace: string, source = SCANNER): string[] {
  return trace.split(" ").filter((step) => sut.observe(probe(source, step)) !== undefined);
}

/** @returns the trace's first verdict. */
export function verdictOf(sut: Detector, trace: string, source = SCANNER): Verdict {
  const verdicts = trace.split(" ").map((step) => sut.observe(probe(source, step)));
  return verdicts.find((verdict) => verdict !== undefined) as Verdict;
}
