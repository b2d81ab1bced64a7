/** What makes sources show whether they are real: it answers probes and judges what comes back. */
import type { Proof } from "../model/evidence.ts";
import type { Probe } from "../model/probe.ts";
import type { PacketHeader } from "../packet/packet-header.ts";

/** Called for every packet, one at a time; allocates nothing and never throws. */
export interface Prover {
  /**
   * Answers a probe, or leaves it unanswered. Keeps nothing of it beyond the call.
   * @returns whether the answer is this one's to give, so that no other gives one.
   */
  answer(probe: Probe): boolean;
  /**
   * @param interfaceIndex where the reply came in, as in {@link Probe}.
   * @param seenAtMs monotonic milliseconds.
   * @param hasService a held source has sent it to the port of a real service, which proves nothing
   *   of it: it may want just that service. It may be its SYN.
   * @returns what a TCP segment proves of its source; undefined when it proves nothing.
   */
  judge(
    reply: PacketHeader,
    interfaceIndex: number,
    seenAtMs: number,
    hasService: boolean,
  ): Proof["evidence"] | undefined;
}
