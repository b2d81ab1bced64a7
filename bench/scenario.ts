/**
 * What every engine is shown, and what is true of it: packets of one machine's link, the services
 * that the machine has, and who of the senders scans and who does not.
 *
 * The truth is declared by whoever made the packets and is never shown to an engine. A sender that
 * is neither a scanner nor innocent is somebody of whom nobody could say what he wants, from what
 * this machine sees of him: to convict him is no mistake, and not to is none either.
 */
import type { Transport } from "../src/net/transport.ts";

/** One IP packet as it passed the machine's link, in either direction. */
export interface Packet {
  readonly bytes: Uint8Array;
  readonly atEpochMs: number;
}

/** Something that the machine serves, and that its firewall lets everybody reach. */
export interface Service {
  readonly transport: Transport;
  readonly port: number;
  /** When it did not run: from the first time up to, and without, the second. Default: never. */
  readonly outages?: readonly (readonly [fromEpochMs: number, toEpochMs: number])[];
}

/** Where a scenario comes from, which is also where its row stands. */
export type ScenarioKind = "capture" | "scan" | "honest";

/** A scenario that is made when it is asked for, because some take room. */
export interface ScenarioMaker {
  readonly id: string;
  make(): Scenario;
}

export interface Scenario {
  /** Short name, unique: what `--only` takes. */
  readonly id: string;
  readonly kind: ScenarioKind;
  /** One line for the table. */
  readonly title: string;
  /** Addresses of the machine, as text. */
  readonly ours: readonly string[];
  readonly services: readonly Service[];
  /** Senders that scan and must be found, as text; for IPv6 their /64, written as its first address. */
  readonly scanners: readonly string[];
  /** Senders that must not be convicted, as {@link scanners}. */
  readonly innocents: readonly string[];
  /**
   * From when on the scanners scan; what they sent before is somebody else's behind the same
   * address, and who is listed as both is innocent until then. Default: from the beginning.
   */
  readonly scanBeginsAtEpochMs?: number;
  /** In the order in which they passed. */
  readonly packets: readonly Packet[];
}
