/**
 * What `vedette doctor` knows of this machine: read once, in one place, so that every check is a
 * function of it and nothing else.
 */
import type { StatusView } from "../../api/contract.ts";
import type { Settings } from "../../config/schema.ts";
import type { TrustedEntry } from "../../model/trusted-entry.ts";
import type { Transport } from "../../net/transport.ts";
import type { Neighbour } from "../neighbours.ts";
import type { Ruleset } from "./ruleset.ts";

/** What was read, or why it could not be. */
export type Reading<Value> =
  | { readonly status: "read"; readonly value: Value }
  | { readonly status: "unread"; readonly reason: string };

/** The guard of this command's run directory. */
export type GuardFact =
  | { readonly status: "running"; readonly view: StatusView }
  | { readonly status: "absent" }
  /** It is there, and does not tell us how it is. */
  | { readonly status: "silent"; readonly reason: string };

/** The configuration that the guard goes by, or the next one would. */
export type ConfigurationFact =
  | {
      readonly status: "ok";
      readonly path: string;
      readonly values: Settings;
      readonly warnings: readonly string[];
      /** What the hardening of the installed service prevents; none where there is no service. */
      readonly limits: readonly string[];
      /** Questions a second to sources of probes; 0: none is asked, and no port looks open. */
      readonly answersProbes: boolean;
    }
  | { readonly status: "invalid"; readonly path: string; readonly faults: readonly string[] };

/** Something that the kernel was asked to do in a private network, and did not. */
export interface MissingFeature {
  /** "the socket expression (nft_socket)". */
  readonly what: string;
  readonly reason: string;
}

/** A service that others can reach: no loopback listener, and no answer port of UDP. */
export interface ServiceListener {
  readonly transport: Transport;
  readonly address: string;
  readonly port: number;
  /** Name of its process; undefined where that cannot be seen. */
  readonly program: string | undefined;
  /** Its command line, words parted by blanks; "" where that cannot be seen. */
  readonly command: string;
  readonly pid: number | undefined;
  /** When its process began. */
  readonly sinceEpochMs: number | undefined;
}

/** A file or directory whose text, or whose owner, decides something. */
export interface FileFact {
  readonly path: string;
  /** "the configuration". */
  readonly what: string;
  readonly status: "there" | "absent" | "unreadable";
  readonly isDirectory: boolean;
  readonly uid: number;
  /** Permission bits. */
  readonly mode: number;
  /** Whose it may be besides root's; undefined: root's alone. */
  readonly owner: number | undefined;
  readonly isRequired: boolean;
  /** It is there to be run. */
  readonly isProgram: boolean;
}

export interface Disk {
  /** The file system's directory that was asked about. */
  readonly path: string;
  readonly freeBytes: number;
  /** undefined where the file system does not count files. */
  readonly freeFiles: number | undefined;
}

export interface Facts {
  readonly isRoot: boolean;
  /** Whose files this command's guard has: 0, or the caller. */
  readonly uid: number;
  /** "6.1.0-13-amd64". */
  readonly kernelRelease: string;
  readonly features: Reading<readonly MissingFeature[]>;
  readonly guard: GuardFact;
  readonly configuration: ConfigurationFact;
  readonly ruleset: Reading<Ruleset>;
  /** Tables of the old iptables that hold rules: "filter". nft does not list them. */
  readonly legacyTables: readonly string[];
  /** Files that flush the whole ruleset when they are loaded. */
  readonly flushingFiles: readonly string[];
  readonly neighbours: readonly Neighbour[];
  readonly missingInterfaces: readonly string[];
  /** Files of BLOCKLIST_FILES that a guard would not load, one sentence each. */
  readonly unreadBlocklists: readonly string[];
  readonly listeners: Reading<readonly ServiceListener[]>;
  /** Remote hosts of logged-in sessions. */
  readonly sessions: readonly TrustedEntry[];
  /** Why some of them may not have been seen; one reason a source. */
  readonly unseenSessions: readonly string[];
  /** Trust that outlives a session: ignore lists and the trust file. */
  readonly lastingTrust: Reading<readonly TrustedEntry[]>;
  readonly files: readonly FileFact[];
  readonly hasUser: boolean;
  readonly nowEpochMs: number;
  /** undefined where the kernel does not say. */
  readonly isClockSynchronised: boolean | undefined;
  /** The newest of our own files, which cannot be from the future. */
  readonly newestFileEpochMs: number | undefined;
  readonly disk: Reading<Disk>;
  /** NFLOG groups that somebody reads here, and who: the port id of a socket, mostly a pid. */
  readonly logGroups: Reading<ReadonlyMap<number, number>>;
  /** Interfaces with a default route of IPv4. */
  readonly uplinks: readonly string[];
  /** Interfaces that drop what would not be answered by the same one (rp_filter 1). */
  readonly strictInterfaces: readonly string[];
}
