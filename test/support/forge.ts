/**
 * Sends forged TCP segments from a namespace: a bounded number, at a bounded rate, each exactly
 * once.
 */
import { join } from "node:path";
import type { Namespace } from "./namespaces.ts";
import { NODE } from "./programs.ts";

/** Flag octets by name (RFC 9293 section 3.1). */
export const TCP_FLAGS = {
  syn: 0x02,
  ack: 0x10,
  "syn-ack": 0x12,
  rst: 0x04,
  "fin-ack": 0x11,
} as const;

/** What the program is told; see {@link Forgery} for the meaning of each field. */
export interface ForgeOrder {
  readonly firstSource: string;
  readonly sources: number;
  readonly step: "address" | "network" | "prefix";
  readonly destination: string;
  readonly ports: readonly number[];
  readonly flags: number;
  readonly repeats: number;
  readonly fromPort: number;
  readonly fromPorts: number;
  readonly perSecond: number;
}

export interface Forgery {
  /** The first source address; the next ones count upward from it. */
  readonly from: string;
  /** Number of distinct source addresses. Default 1. */
  readonly sources?: number;
  /** `network` counts IPv4 /24s and `prefix` IPv6 /64s instead of addresses. Default address. */
  readonly step?: "address" | "network" | "prefix";
  readonly to: string;
  /**
   * Each source sends one segment to each of these, in this order, before the next source begins.
   */
  readonly ports: readonly number[];
  readonly flags?: keyof typeof TCP_FLAGS;
  /** How often all of it is sent. Default 1. */
  readonly repeats?: number;
  /** The first source port. Default 1025. */
  readonly fromPort?: number;
  /** Number of source ports; each segment has the next one. Default 30,000, or 1 from `fromPort`. */
  readonly fromPorts?: number;
  /** Default 1000. */
  readonly perSecond?: number;
}

/** Sends all of it. @returns the number of segments sent: sources × ports × repeats. */
export async function forge(namespace: Namespace, forgery: Forgery): Promise<number> {
  const order: ForgeOrder = {
    firstSource: forgery.from,
    sources: forgery.sources ?? 1,
    step: forgery.step ?? "address",
    destination: forgery.to,
    ports: forgery.ports,
    flags: TCP_FLAGS[forgery.flags ?? "syn"],
    repeats: forgery.repeats ?? 1,
    fromPort: forgery.fromPort ?? 1025,
    fromPorts: forgery.fromPorts ?? (forgery.fromPort === undefined ? 30_000 : 1),
    perSecond: forgery.perSecond ?? 1000,
  };
  const script = join(import.meta.dirname, "forge-packets.ts");
  const patienceMs =
    60_000 + (4000 * order.sources * order.ports.length * order.repeats) / order.perSecond;
  return Number(await namespace.run(NODE, [script, JSON.stringify(order)], patienceMs));
}
