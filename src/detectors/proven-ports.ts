/**
 * What a completed handshake is worth: a source is proven by two unused ports of which it has
 * completed one each, or by a single one where that is told of a scanner already.
 *
 * Who connects to one unused port has made a mistake, and is no scanner yet; whoever knows that it
 * did can forge the rest of a scan in its name. One port therefore shows no more than that the
 * address exists ("alive"), whenever it was touched. Where a port proves alone, as a trap does, one
 * visit to it and forged packets are enough to have the visitor banned for proof: nobody is made to
 * visit a trap, and what comes to one is what it is for.
 *
 * Ports count by families, as contacts do: a mail client tries several for one service. Memory is
 * one number a source. It is not saved: after a restart two ports are wanted again.
 */
import type { Evidence } from "../model/evidence.ts";
import { familyRepresentative } from "./port-families.ts";

/** Whether a handshake on this TCP port (0 to 65535) is enough by itself. */
export type ProvesAlone = (port: number) => boolean;

/** What a probe or an answer says of its source, and by which TCP port of ours. */
interface Shown {
  readonly evidence: Evidence;
  readonly port: number;
}

/** Stands for no port. */
const NONE = -1;

/**
 * @param firstPort of an earlier handshake, as {@link ProvenPorts.firstOf} has it.
 * @returns the evidence that both come to.
 */
export function evidenceOf(
  { evidence, port }: Shown,
  firstPort: number | undefined,
  provesAlone: ProvesAlone,
): Evidence {
  if (evidence !== "proven" || provesAlone(port)) return evidence;
  return firstPort === undefined || firstPort === provenPortOf(port) ? "alive" : "proven";
}

/** @returns the port as it counts: its family's, on which another of the family adds nothing. */
export function provenPortOf(port: number): number {
  return familyRepresentative("tcp", port);
}

/** The first port of each source's present count; by slots of the source table. */
export class ProvenPorts {
  readonly #first: Int32Array;
  readonly #provesAlone: ProvesAlone;

  /** @param capacity slots of the table. */
  constructor(capacity: number, provesAlone: ProvesAlone) {
    this.#first = new Int32Array(capacity).fill(NONE);
    this.#provesAlone = provesAlone;
  }

  /** Forgets the slot's port: another source, or another count. */
  begin(slot: number): void {
    this.#first[slot] = NONE;
  }

  /** @returns the port as {@link provenPortOf} counts it; undefined: there was no handshake. */
  firstOf(slot: number): number | undefined {
    const port = this.#first[slot] as number;
    return port === NONE ? undefined : port;
  }

  /** Takes what was shown into account. @returns the evidence that it comes to with all before. */
  take(slot: number, shown: Shown): Evidence {
    if (shown.evidence !== "proven") return shown.evidence;
    const first = this.firstOf(slot);
    if (first === undefined) this.#first[slot] = provenPortOf(shown.port);
    return evidenceOf(shown, first, this.#provesAlone);
  }
}
