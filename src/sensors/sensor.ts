/**
 * What every sensor must do: the outside world in, probes out, and proofs of who sent them.
 *
 * A sensor never judges. Malformed input is counted, never thrown.
 */
import type { Proof } from "../model/evidence.ts";
import type { Probe } from "../model/probe.ts";

/** Counts since the sensor started; they only grow. */
export interface SensorCounts {
  /** Probes handed on. */
  readonly probes: number;
  /** Messages that the kernel made and we never got. */
  readonly lost: number;
  /** Packets or messages that could not be decoded. */
  readonly malformed: number;
}

export interface Sensor {
  readonly name: Probe["sensor"];
  /**
   * Begins to deliver. May be called once. Both are called synchronously and must not throw.
   * `onProof`: with what was learnt of a source after its probe was delivered; a probe that comes
   * with its proof says so itself.
   */
  start(onProbe: (probe: Probe) => void, onProof: (proof: Proof) => void): void;
  counts(): SensorCounts;
  /** Delivers nothing any more once the promise is fulfilled. May be called twice. */
  stop(): Promise<void>;
}
