/**
 * Everybody who is trusted without being named, and the files that name the others.
 *
 * The running guard and the commands that work without one ask the same sources.
 */
import { join } from "node:path";
import type { SocketView } from "../broker/socket-view.ts";
import { Gateways } from "../broker/trust/gateways.ts";
import { HostNames } from "../broker/trust/host-names.ts";
import { IgnoreFile } from "../broker/trust/ignore-file.ts";
import { LogindSessions } from "../broker/trust/logind.ts";
import { MetadataAddress } from "../broker/trust/metadata-address.ts";
import { OutgoingHosts } from "../broker/trust/outgoing.ts";
import { OwnAddresses } from "../broker/trust/own-addresses.ts";
import { Resolvers } from "../broker/trust/resolvers.ts";
import { SshConnection } from "../broker/trust/ssh-connection.ts";
import { SshdSockets } from "../broker/trust/sshd-sockets.ts";
import { TrustFile } from "../broker/trust/trust-file.ts";
import { UtmpSessions } from "../broker/trust/utmp.ts";
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
  const listed = [
    ...(path === undefined ? [] : [{ path, isNamed }]),
    ...PORTSENTRY_FILES.map((each) => ({ path: each, isNamed: false })),
  ].map((file) => {
    const names = new HostNames(systemClock);
    return { names, source: new IgnoreFile(file.path, names, file.isNamed) };
  });
  return new TrustKeeper({
    sessions: [
      new SshConnection(),
      new UtmpSessions(),
      new LogindSessions(),
      new SshdSockets(parts.sockets),
    ],
    sources: [
      new OwnAddresses(),
      new Gateways(),
      new Resolvers(),
      new MetadataAddress(),
      new OutgoingHosts({ ephemeral: readEphemeralPorts() }, parts.sockets, systemClock),
      ...listed.map(({ source }) => source),
    ],
    file: openTrustFile(places.stateDirectory),
    names: listed.map(({ names }) => names),
    trusted: parts.trusted,
    kernel: parts.kernel,
    clock: systemClock,
    onFacts: parts.onFacts,
    onFaults: parts.onFaults,
  });
}
