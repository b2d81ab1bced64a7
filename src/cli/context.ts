/**
 * What a command has of the world: the caller, the terminal, the clock, and the way to a guard.
 *
 * Commands take all of it from here, so that a test can be the terminal and the machine.
 */
import type { OfflineOperator } from "../api/operator.ts";
import type { Clock } from "../clock.ts";

/** Where a guard keeps its socket and its journal. */
export interface GuardPlaces {
  readonly runDirectory: string;
  readonly stateDirectory: string;
}

/** @param tell takes what was found to be wrong, for people, in one line. */
export type OpenOffline = (
  places: GuardPlaces,
  tell: (text: string) => void,
) => Promise<OfflineOperator>;

export interface CliContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Effective user id. */
  readonly uid: number;
  readonly clock: Clock;
  /** IANA name; undefined: the machine's own. */
  readonly timeZone: string | undefined;
  /** Width of the terminal; undefined when the output is no terminal. */
  readonly columns: number | undefined;
  /** The standard output; takes text as it is. */
  readonly write: (text: string) => void;
  /** The standard error; takes text as it is. */
  readonly writeError: (text: string) => void;
  /**
   * Shows a line on the terminal that the next one takes the place of, "" for none; undefined when
   * the standard error is no terminal.
   */
  readonly progress: ((text: string) => void) | undefined;
  /** Asks the person at the terminal; undefined when there is none. */
  readonly ask: ((question: string) => Promise<string>) | undefined;
  readonly openOffline: OpenOffline;
  /** Where systemd looks for units, the first place first. */
  readonly unitFolders: readonly string[];
  /** Set by a command that ends well in another way than 0. */
  exitStatus: number;
}
