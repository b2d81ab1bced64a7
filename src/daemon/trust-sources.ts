/**
 * Everybody who is trusted without being named, and the files that name the others.
 *
 * The running guard and the commands that work without one ask the same sources.
 */
import { join } from "node:path";
import type { SocketView } from "../broker/socket-view.ts";
import { HostNames } from "../broker/trust/host-names.ts";
import { machineSources } from "../broker/trust/machine-sources.ts";
import { sessionSources } from "../broker/trust/sessions.ts";
import { TrustFile } from "../broker/trust/trust-file.ts";
import { TrustKeeper, type TrustKeeperParts } from "../broker/trust-keeper.ts";
import { systemClock } from "../clock.ts";
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
   * IGNORE_FILE, and whether somebody has named it: then its absence is a fault. Without a path
   * there is none.
   */
  readonly ignoreFile: { readonly path: string | undefined; readonly isNamed: boolean };
}

export interface TrustParts
  extends Pick<TrustKeeperParts, "trusted" | "kernel" | "onFacts" | "onFaults"> {
  readonly sockets: SocketView;
}

/** The file in which trust by hand is kept. */
export function openTrustFile(stateDirectory: string): TrustFile {
  return new TrustFile(join(stateDirectory, TRUST_FILE), systemClock);
}

export function createTrustKeeper(places: TrustPlaces, parts: TrustParts): TrustKeeper {
  const { path, isNamed } = places.ignoreFile;
  const ignoreFiles = [
    ...(path === undefined ? [] : [{ path, isRequired: isNamed }]),
    ...PORTSENTRY_FILES.map((file) => ({ path: file, isRequired: false })),
  ].map((file) => ({ ...file, names: new HostNames(systemClock) }));
  return new TrustKeeper({
    sessions: sessionSources(parts.sockets),
    sources: machineSources({
      ignoreFiles,
      sockets: parts.sockets,
      clock: systemClock,
      ephemeral: readEphemeralPorts(),
    }),
    file: openTrustFile(places.stateDirectory),
    paths: [join(places.stateDirectory, TRUST_FILE), ...ignoreFiles.map((file) => file.path)],
    names: ignoreFiles.map(({ names }) => names),
    trusted: parts.trusted,
    kernel: parts.kernel,
    clock: systemClock,
    onFacts: parts.onFacts,
    onFaults: parts.onFaults,
  });
}
