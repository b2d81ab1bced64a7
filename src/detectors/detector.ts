/**
 * What every detector must do: probes and proofs in, verdicts out.
 *
 * Pure state machines: no I/O, time only from the probe and the clock that they were given, memory
 * bounded at construction. Calls arrive one at a time.
 */
import type { Proof } from "../model/evidence.ts";
import type { Probe } from "../model/probe.ts";
import type { Verdict } from "../model/verdict.ts";
import type { AddressWords } from "../net/address-words.ts";
import type { Prefix } from "../net/prefix.ts";

export interface Detector {
  /**
   * Takes one probe into account. Copies what it keeps: the probe is reused by its sensor.
   * @returns a verdict on the probe that completes a conviction, at most once for each conviction,
   * and once more when a later probe brings stronger evidence, as {@link raise} does.
   */
  observe(probe: Probe): Verdict | undefined;
  /**
   * Takes into account that a source is more than a claim. A source that has sent no probe, or that
   * is not remembered, gets no record by it.
   * @returns the verdict that was given on the source within the last hour, with this evidence, when
   * it was given on weaker: at most twice for each conviction. Of the same campaign and reason.
   */
  raise(proof: Proof): Verdict | undefined;
  /**
   * Whether a verdict on the source of this address was given and its probes are passed over since.
   * Allocates nothing; changes nothing.
   */
  isConvicted(source: AddressWords): boolean;
  /**
   * Counts the probes of a convicted source again from a second after `atMs` on (monotonic), though
   * its conviction stands: nothing followed from it, and something may from the next.
   */
  resume(source: Prefix, atMs: number): void;
  /** As {@link ProvesAlone}, by the options of now. */
  provesAlone(port: number): boolean;
  /** Drops what is known of every source inside `prefix`: after an unban it starts anew. */
  forget(prefix: Prefix): void;
  /** Sources remembered now. */
  readonly tracked: number;
}
