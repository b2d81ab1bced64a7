/**
 * What every engine of the scoreboard must do: packets in, convictions out.
 *
 * An engine is the rule of a program and not the program: what it leaves out stands in its file.
 * It is told of each packet what its program would know of it on the machine that it guards, and
 * nothing more; the truth of a scenario is not among it.
 */
import type { Packet } from "../scenario.ts";
import type { Sight } from "../sight.ts";

/**
 * Takes a conviction: the source's address as text (the first one of its prefix where an engine
 * judges prefixes), and when. May be called again for the same source; only the first counts.
 */
export type OnConviction = (source: string, atEpochMs: number) => void;

export interface Engine {
  /** Takes the next packet. `sight` is reused: what is kept of it is copied. */
  observe(sight: Sight): void;
  /** No more packets come; timers that still run do so to their end. */
  end(): void;
}

/** One column of the table. */
export interface EngineEntry {
  /** As the table shows it. */
  readonly name: string;
  /** The rule in one line, with its numbers. */
  readonly rule: string;
  /** @returns an engine that has seen nothing yet. */
  make(onConviction: OnConviction, ground: EngineGround): Engine;
}

/** What an engine may be told about the machine before the first packet. */
export interface EngineGround {
  /** Addresses of the machine, as text. */
  readonly ours: readonly string[];
  /**
   * All packets, for whoever learns from them which ports are open, as nobody has to who guards a
   * machine: its kernel knows.
   */
  readonly packets: readonly Packet[];
}
