/**
 * The programs that the benchmark uses; those of others are Debian's packages, unpacked and not
 * installed.
 *
 * PortSentry and scanlogd would be started by their installation, and iperf3 has a library besides.
 * So their packages are downloaded by apt-get, with its signatures checked, and unpacked into a
 * folder of the benchmark's; nothing of the machine changes.
 */
import { execFileSync } from "node:child_process";
import { globSync, mkdirSync } from "node:fs";
import { basename, join } from "node:path";

/** Longest that a contestant may take until it guards. Milliseconds. */
export const READY_MS = 60_000;

/** Pause between two looks whether it does. Milliseconds: the resolution of the start times. */
export const POLL_MS = 1;

const PACKAGES = ["portsentry", "scanlogd", "iperf3", "libiperf0", "libsctp1"];

/** Longest that one command of apt or dpkg may take. Milliseconds. */
const COMMAND_MS = 120_000;

export interface Peers {
  /** The root below which the packages' files lie. */
  readonly folder: string;
  /** By package. */
  readonly versions: ReadonlyMap<string, string>;
}

export interface Tools {
  /** undefined: this is no Debian, or its packages cannot be had. */
  readonly peers: Peers | undefined;
  /** The command of Vedette that is measured. */
  readonly program: string;
}

/** @throws {Error} with apt's words when a package cannot be had. */
export function unpackPeers(place: string): Peers {
  const folder = join(place, "peers");
  const packages = join(place, "packages");
  mkdirSync(folder);
  mkdirSync(packages);
  const options = { cwd: packages, timeout: COMMAND_MS, encoding: "utf8", stdio: "pipe" } as const;
  // As root: its own user may not reach the folder, which it would say as a warning.
  execFileSync(
    "apt-get",
    ["-q", "-o", "APT::Sandbox::User=root", "download", ...PACKAGES],
    options,
  );
  const versions = new Map<string, string>();
  for (const file of globSync("*.deb", { cwd: packages })) {
    execFileSync("dpkg-deb", ["-x", file, folder], options);
    const [name = "", version = ""] = basename(file).split("_");
    // In a name of a file the colon of an epoch is written so.
    versions.set(name, version.replace("%3a", ":"));
  }
  return { folder, versions };
}

/** @returns words that start iperf3: the unpacked one, or the machine's own. */
export function iperf3Of({ peers }: Tools): readonly string[] {
  if (peers === undefined) return ["iperf3"];
  const [library = ""] = globSync("usr/lib/*/libiperf.so.0", { cwd: peers.folder });
  const folder = join(peers.folder, library, "..");
  return ["env", `LD_LIBRARY_PATH=${folder}`, join(peers.folder, "usr/bin/iperf3")];
}
