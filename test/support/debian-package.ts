/**
 * Programs of Debian packages that are not to be installed for a test: unpacked below its folder.
 *
 * logwatch would bring a mail server along, and both may start what nobody has asked for.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** Longest that a download may take. Milliseconds. */
const DOWNLOAD_MS = 60_000;

/** @returns the folder that stands for / in it; undefined where it cannot be had. */
export function unpackDebianPackage(name: string, folder: string): string | undefined {
  const place = join(folder, name);
  mkdirSync(place, { recursive: true });
  const options = { cwd: place, stdio: "ignore", timeout: DOWNLOAD_MS } as const;
  try {
    execFileSync("apt-get", ["-o", "APT::Sandbox::User=root", "download", name], options);
    for (const file of readdirSync(place)) {
      execFileSync("dpkg-deb", ["-x", file, place], options);
    }
    return place;
  } catch {
    // No Debian, no list of packages, or nobody answers.
    return undefined;
  }
}
