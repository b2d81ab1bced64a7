/**
 * Everybody who is trusted without being named, and the files that name the others.
 *
 * The running guard and the commands that work without one ask the same sources.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { SocketView } from "../broker/socket-view.ts";
import { HostNames } from "../broker/trust/host-names.ts";
import { machineSources } from "../broker/trust/machine-sources.ts";
import { OutgoingHosts } from "../broker/trust/outgoing.ts";
import { sessionSources } from "../broker/trust/sessions.ts";
import { readFile } from "../broker/trust/text-file.ts";
import { TrustFile } from "../broker/trust/trust-file.ts";
import { TrustKeeper, type TrustKeeperParts, type TrustLists } from "../broker/trust-keeper.ts";
import { systemClock } from "../clock.ts";
import type { Configuration } from "../config/load.ts";
import { ownersOf } from "../file-owners.ts";
import { readEphemeralPorts } from "./table-plan.ts";

/** Name of the file in the state directory that `vedette trust` keeps. */
const TRUST_FILE = "trusted";

/** Where PortSentry's own ignore lists lie; they are read where they are there. */
const PORTSENTRY_FILES = [
  "/etc/portsentry/portsentry.ignore",
  "/etc/portsentry/portsentry.ignore.static",
] as const;

export interface TrustPlaces {
  readonly stateDirectory: string;
  /**
   * IGNORE_FILE, and whether somebody has named it: then its absence is a fault, except where
   * Debian makes it of its `.static` list. Without a path there is none.
   */
  readonly ignoreFile: { readonly path: string | undefined; readonly isNamed: boolean };
}

export interface IgnoreFilePlace {
  readonly path: string;
  /** Whether its absence is a fault: somebody counts on it. */
  readonly isRequired: boolean;
}

export interface TrustParts
  extends Pick<TrustKeeperParts, "trusted" | "kernel" | "onFacts" | "onFaults" | "onUntrusted"> {
  readonly sockets: SocketView;
}

/** The file in which trust by hand is kept. */
export function openTrustFile(stateDirectory: string): TrustFile {
  return new TrustFile(join(stateDirectory, TRUST_FILE), systemClock);
}

/**
 * The ignore lists to read, each once.
 *
 * Debian's start script writes IGNORE_FILE anew from the list beside it that ends in `.static`. Who
 * brings such a configuration along names a file that nothing makes any more: the `.static` list is
 * read in its stead, and the other one's absence says nothing.
 */
export function ignoreFilePlaces(
  { path, isNamed }: TrustPlaces["ignoreFile"],
  isThere: (path: string) => boolean = existsSync,
): readonly IgnoreFilePlace[] {
  const named =
    path === undefined
      ? []
      : [
          { path, isRequired: isNamed && !isThere(`${path}.static`) },
          { path: `${path}.static`, isRequired: false },
        ];
  const isAmongNamed = (file: string): boolean => named.some((place) => place.path === file);
  return [
    ...named,
    ...PORTSENTRY_FILES.filter((file) => !isAmongNamed(file)).map((file) => ({
      path: file,
      isRequired: false,
    })),
  ];
}

/** The ignore file that a configuration names. */
export function ignoreFileOf({ values, sources }: Configuration): TrustPlaces["ignoreFile"] {
  return { path: values.IGNORE_FILE, isNamed: !sources.IGNORE_FILE.startsWith("default") };
}

/** @returns why an ignore list that must be there cannot be read; undefined when all can. */
export function ignoreFileFault(configuration: Configuration): string | undefined {
  for (const { path, isRequired } of ignoreFilePlaces(ignoreFileOf(configuration))) {
    const reading = readFile(path);
    if (reading.status === "read") {
      const owners = ownersOf(reading.stats);
      if (owners.status !== "strangers") continue;
      return `${configuration.sources.IGNORE_FILE}: IGNORE_FILE: ${path}: ${owners.reason}; mend it: chown root: ${path}; chmod go-w ${path}`;
    }
    if (!isRequired) continue;
    const reason = reading.status === "absent" ? `there is no ${path}` : reading.reason;
    return `${configuration.sources.IGNORE_FILE}: IGNORE_FILE: ${reason}`;
  }
  return undefined;
}

/** Who is trusted, and a way to go by other ignore lists. */
export interface Trust {
  readonly keeper: TrustKeeper;
  /** From the keeper's next reading on. */
  readonly followIgnoreFile: (ignoreFile: TrustPlaces["ignoreFile"]) => void;
}

export function createTrust(places: TrustPlaces, parts: TrustParts): Trust {
  const outgoing = new OutgoingHosts(
    { ephemeral: readEphemeralPorts() },
    parts.sockets,
    systemClock,
  );
  const listsOf = (ignoreFile: TrustPlaces["ignoreFile"]): TrustLists => {
    const ignoreFiles = ignoreFilePlaces(ignoreFile).map((file) => ({
      ...file,
      names: new HostNames(systemClock),
    }));
    return {
      ...machineSources({ ignoreFiles, outgoing, clock: systemClock }),
      paths: [join(places.stateDirectory, TRUST_FILE), ...ignoreFiles.map((file) => file.path)],
      names: ignoreFiles.map(({ names }) => names),
    };
  };
  const keeper = new TrustKeeper({
    ...listsOf(places.ignoreFile),
    sessions: sessionSources(parts.sockets),
    file: openTrustFile(places.stateDirectory),
    trusted: parts.trusted,
    kernel: parts.kernel,
    clock: systemClock,
    onFacts: parts.onFacts,
    onFaults: parts.onFaults,
    onUntrusted: parts.onUntrusted,
  });
  return { keeper, followIgnoreFile: (ignoreFile) => keeper.follow(listsOf(ignoreFile)) };
}
