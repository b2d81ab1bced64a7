/**
 * Whoever takes part: how it is started on a machine, and how it is told what it cost.
 */
import type { Lab } from "../../../test/support/namespaces.ts";
import type { Host } from "../../../test/support/networks.ts";
import type { ApiPlace } from "../listeners.ts";
import type { Tools } from "../tools.ts";

export interface Contestant {
  /** In the results and on the command line; never changed. */
  readonly id: string;
  readonly title: string;
  /** How it is run here, in one sentence. */
  readonly setting: string;
  /** So many unused ports has a source to probe until it is shut out; undefined: it never is. */
  readonly convictsAfter?: number;
  /** @returns its version; undefined: it is not there, and takes no part. */
  version(tools: Tools): Promise<string | undefined>;
  /** Starts it on the machine. @returns when it guards. */
  start(lab: Lab, machine: Machine, tools: Tools): Promise<RunningGuard>;
}

/** The machine to be guarded, and a process that is in its namespace. */
interface Machine {
  readonly target: Host;
  readonly pid: number;
}

export interface RunningGuard {
  /** From its start until it guards. Milliseconds; undefined where nothing is started. */
  readonly startMs: number | undefined;
  /** All of its processes, as of now. */
  pids(): number[];
  /** Packets that it was given so far, wherever it can be told. */
  packets(): Promise<number | undefined>;
  /** From a verdict until its ban stands, by its own clock; undefined: there was none. */
  meanBanMs?(): Promise<number | undefined>;
  /** undefined: it has no API, and no dashboard. */
  readonly api?: ApiPlace;
}
