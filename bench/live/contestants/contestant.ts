/**
 * Whoever takes part: how it is started on a machine, and how it is told what it cost.
 */
import type { Lab } from "../../../test/support/namespaces.ts";
import type { Host } from "../../../test/support/networks.ts";
import type { Tally } from "../ledger.ts";
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
  /** The same where so many bans were made before. */
  startWithBans?: (lab: Lab, machine: Machine, tools: Tools, bans: number) => Promise<BanningGuard>;
  /** More than these take it minutes. */
  readonly mostBans?: number;
}

/** A guard that was started with bans, and makes more. */
export interface BanningGuard {
  readonly running: RunningGuard;
  /** From its start until all of them stand. Milliseconds. */
  readonly loadMs: number;
  ban(address: string): Promise<void>;
  unban(address: string): Promise<void>;
  list(): Promise<void>;
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
  /** What it says of the packets that it was to see; left out: it counts none. */
  tally?(): Promise<Tally>;
  /** Packets so far that its socket had no room for; left out: nobody counts them. */
  missed?(): number;
  /** Bytes of its log and of the files that it keeps. */
  writtenBytes?(): number;
  /** Left out: it shuts nobody out. */
  shutOut?(): Promise<ShutOut>;
  /** How many it has shut out, as of now, and no more than that: asked again and again. */
  shutOutCount?(): Promise<number>;
  /** Sources that get no new connection for some seconds, as of now; left out: it holds nobody. */
  held?(): Promise<number>;
  /** From a verdict until its ban stands, by its own clock; undefined: there was none. */
  meanBanMs?(): Promise<number | undefined>;
  /** undefined: it has no API, and no dashboard. */
  readonly api?: ApiPlace;
}

/** Sources that a guard has shut out, as of now. */
export interface ShutOut {
  readonly sources: number;
  /** Those of them that stay so for more than a minute. */
  readonly forLong: number;
}
