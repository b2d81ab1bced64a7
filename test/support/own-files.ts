/**
 * A machine's files of a test's own: /etc and /var/lib for whoever is started behind
 * {@link OwnFiles.prefix}.
 *
 * PortSentry's places are fixed (/etc/hosts.deny, /etc/portsentry, /var/lib/portsentry), so the
 * command gets copies of both trees in a mount namespace. The machine's own are never touched.
 */
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import type { Lab } from "./namespaces.ts";

/** A mount namespace that util-linux makes is private: nothing of this is seen outside. */
const SCRIPT = `mount --bind "$1/etc" /etc && mount --bind "$1/lib" /var/lib && shift && exec "$@"`;

let made = 0;

export class OwnFiles {
  /** Words before a command that is to see these files. */
  readonly prefix: readonly string[];
  /** Also for what a test keeps beside them. */
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
    this.prefix = ["unshare", "--mount", "sh", "-c", SCRIPT, "sh", folder];
  }

  /** A copy of the machine's /etc without hosts.deny and portsentry, and an empty /var/lib. */
  static make(lab: Lab): OwnFiles {
    made += 1;
    const folder = join(lab.folder, `files-${made}`);
    mkdirSync(join(folder, "lib/portsentry"), { recursive: true });
    execFileSync("cp", ["-a", "/etc", join(folder, "etc")]);
    for (const name of ["hosts.deny", "portsentry", "default/portsentry", "vedette"]) {
      rmSync(join(folder, "etc", name), { recursive: true, force: true });
    }
    // The guard's unprivileged half has to reach its folders below this one.
    chmodSync(folder, 0o755);
    return new OwnFiles(folder);
  }

  /** @param path as the command sees it, below /etc or /var/lib. */
  write(path: string, text: string, modeBits = 0o644): void {
    const place = this.#placeOf(path);
    mkdirSync(dirname(place), { recursive: true });
    // A link of the copy may lead to the machine's own file.
    rmSync(place, { force: true });
    writeFileSync(place, text, { mode: modeBits });
  }

  /** @returns "" for a file that is not there. */
  read(path: string): string {
    const place = this.#placeOf(path);
    return existsSync(place) ? readFileSync(place, "utf8") : "";
  }

  makeFolder(path: string): void {
    mkdirSync(this.#placeOf(path), { recursive: true });
  }

  /** @returns the text of each file in a folder, without the end of its line. */
  readAll(path: string): string[] {
    const folder = this.#placeOf(path);
    return readdirSync(folder).map((name) => readFileSync(join(folder, name), "utf8").trimEnd());
  }

  #placeOf(path: string): string {
    if (path.startsWith("/etc/")) return join(this.folder, path);
    if (path.startsWith("/var/lib/")) return join(this.folder, path.slice("/var".length));
    throw new Error(`not one of these files: ${path}`);
  }
}
