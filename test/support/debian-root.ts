/**
 * A Debian of its own to install packages into, as an overlay over one that debootstrap has made.
 *
 * Each {@link DebianRoot.run} has namespaces of its own for mounts, processes and the network: what
 * it starts and mounts ends with it, and nothing of it reaches the machine. Files stay from one run
 * to the next. There is no network within, so what is to be installed is downloaded into the base
 * before.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const MIRROR = "http://deb.debian.org/debian";
const SUITE = "bookworm";

/** What the tests install besides; downloaded, and not installed. */
const DOWNLOADED = ["portsentry", "libnftables1", "libatomic1", "nftables"];

/** Longest that one run may take. Milliseconds. */
const RUN_MS = 600_000;

/** Lays the overlay, and runs a script in it. $1: base, $2: changes, $3: packages, $4: script. */
const ENTER = `set -e
mount -t overlay overlay -o "lowerdir=$1,upperdir=$2/upper,workdir=$2/work" "$2/root"
mount -t proc proc "$2/root/proc"
mount -t tmpfs tmpfs "$2/root/run"
mount --rbind /dev "$2/root/dev"
mkdir -p "$2/root/packages"
mount --bind "$3" "$2/root/packages"
ip link set lo up
exec chroot "$2/root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C \\
  DEBIAN_FRONTEND=noninteractive sh -ec "$4"`;

/**
 * A base for {@link DebianRoot}: a minimal Debian 12.
 * @param place new directory.
 */
export function makeDebianBase(place: string): void {
  execFileSync("debootstrap", ["--variant=minbase", SUITE, place, MIRROR], {
    timeout: RUN_MS,
    stdio: "pipe",
  });
  // Without it nothing is started where there is no init: here PortSentry is to run.
  writeFileSync(join(place, "usr/sbin/policy-rc.d"), "#!/bin/sh\nexit 0\n", { mode: 0o755 });
  const download = `mount -t proc proc "$1/proc" && chroot "$1" apt-get update -q &&
    chroot "$1" apt-get install -q -y --no-install-recommends -d ${DOWNLOADED.join(" ")}`;
  const namespaces = ["--mount", "--propagation", "private"];
  execFileSync("unshare", [...namespaces, "sh", "-c", download, "sh", place], {
    timeout: RUN_MS,
    stdio: "pipe",
  });
}

export class DebianRoot implements Disposable {
  readonly #base: string;
  readonly #packages: string;
  readonly #changes = mkdtempSync(join(tmpdir(), "vedette-debian-"));

  /** @param packages directory that is /packages within. */
  constructor(base: string, packages: string) {
    this.#base = base;
    this.#packages = packages;
    for (const name of ["upper", "work", "root"]) mkdirSync(join(this.#changes, name));
  }

  /**
   * Runs a script of sh as root within; it ends at the first command that fails.
   * @returns both of its outputs. @throws {Error} with them when it fails.
   */
  run(script: string): string {
    const namespaces = ["--mount", "--propagation", "private", "--net", "--pid", "--fork"];
    const enter = [ENTER, "sh", this.#base, this.#changes, this.#packages, `exec 2>&1\n${script}`];
    try {
      return execFileSync("unshare", [...namespaces, "--kill-child", "sh", "-c", ...enter], {
        encoding: "utf8",
        timeout: RUN_MS,
        stdio: ["ignore", "pipe", "pipe"],
      });
    } catch (cause) {
      const { stdout, stderr } = cause as { readonly stdout?: string; readonly stderr?: string };
      throw new Error(`within Debian: ${stdout ?? ""}${stderr ?? ""}`, { cause });
    }
  }

  [Symbol.dispose](): void {
    rmSync(this.#changes, { recursive: true, force: true });
  }
}
