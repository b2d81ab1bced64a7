/**
 * A machine of its own with a systemd that has booted: a writable copy of this one's root, in mount,
 * process and control group namespaces, and in a network namespace of the lab.
 *
 * The shipped units are installed there, and the checkout as their program. Nothing that it writes
 * is left: the copy is an overlay in memory, and what could reach through to the kernel or the clock
 * of the machine (sysctl, modules, time) is masked. It ends with its process.
 */
import { readFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Ended, LiveProcess } from "./live-process.ts";
import type { Lab, Namespace } from "./namespaces.ts";
import { PROJECT } from "./programs.ts";
import { waitFor } from "./wait-for.ts";

/** Enters a control group of its own, $2, which is the root of all below; $1 is an empty folder. */
const ENTER = `
set -eu
mount -t cgroup2 cgroup2 "$1"
mkdir "$1/$2"
echo $$ > "$1/$2/cgroup.procs"
umount "$1"
shift 2
exec unshare --mount --pid --fork --kill-child=SIGKILL --cgroup --uts --ipc \\
  --propagation private "$@"
`;

/** Removes that control group, when all is over in it. */
const LEAVE = `
mount -t cgroup2 cgroup2 "$1" && find "$1/$2" -depth -type d -exec rmdir {} +
`;

/** $1 is an empty folder, $2 the checkout. */
const BOOT = `
set -eu
mount -t tmpfs tmpfs "$1"
mkdir "$1/upper" "$1/work" "$1/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" "$1/root"
root="$1/root"
units="$root/etc/systemd/system"
for unit in systemd-sysctl systemd-modules-load systemd-timesyncd systemd-remount-fs \\
    systemd-update-utmp systemd-udevd systemd-udev-trigger systemd-pstore; do
  ln -sf /dev/null "$units/$unit.service"
done
cp "$2"/packaging/systemd/* "$units/"
mkdir -p "$root/usr/lib/vedette" "$root/etc/vedette"
mount --bind "$2" "$root/usr/lib/vedette"
ln -sf ../lib/vedette/bin/vedette "$root/usr/bin/vedette"
grep -q ^vedette: "$root/etc/group" || echo vedette:x:64917: >> "$root/etc/group"
grep -q ^vedette: "$root/etc/passwd" ||
  echo vedette:x:64917:64917::/nonexistent:/usr/sbin/nologin >> "$root/etc/passwd"
mount -t proc proc "$root/proc"
mount -t sysfs sysfs "$root/sys"
mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
for folder in run tmp dev; do mount -t tmpfs -o mode=755 tmpfs "$root/$folder"; done
chmod 1777 "$root/tmp"
for name in null zero full random urandom tty; do
  touch "$root/dev/$name"
  mount --bind "/dev/$name" "$root/dev/$name"
done
mkdir "$root/dev/pts" "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts"
ln -s pts/ptmx "$root/dev/ptmx"
cd "$root"
mkdir -p old
pivot_root . old
umount -l /old
export container=vedette-test
exec /lib/systemd/systemd --system --unit=basic.target --show-status=no
`;

export class BootedSystemd implements AsyncDisposable {
  readonly #namespace: Namespace;
  readonly #folder: string;
  readonly #unshare: LiveProcess;

  private constructor(namespace: Namespace, folder: string) {
    this.#namespace = namespace;
    this.#folder = folder;
    const boot = ["sh", "-c", BOOT, "sh", folder, PROJECT];
    const words = ["--mount", "sh", "-c", ENTER, "sh", folder, namespace.name, ...boot];
    this.#unshare = namespace.spawn("unshare", words);
  }

  /** Ends it at once, and removes what the kernel would keep of it. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#unshare.signal("SIGKILL");
    await this.#unshare.ended;
    const leave = ["--mount", "sh", "-c", LEAVE, "sh", this.#folder, this.#namespace.name];
    await waitFor("an empty control group", 30_000, async () => {
      const { status } = await this.#namespace.exec("unshare", leave);
      return status === 0;
    });
  }

  /** @returns when it takes commands. */
  static async boot(lab: Lab, namespace: Namespace): Promise<BootedSystemd> {
    const folder = join(lab.folder, "machine");
    await mkdir(folder);
    const machine = new BootedSystemd(namespace, folder);
    const missing = () => `a booted systemd:\n${machine.#unshare.output}`;
    await waitFor(missing, 60_000, async () => {
      if (machine.#unshare.isOver) throw new Error(missing());
      const { stdout } = await machine.exec("systemctl is-system-running");
      return /running|degraded/.test(stdout);
    });
    return machine;
  }

  /** Runs a line of the shell there, as root, whatever its status. */
  exec(line: string, timeoutMs?: number): Promise<Ended> {
    const { pid } = this.#unshare;
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8");
    const first = children.split(" ")[0] ?? "";
    const into = ["-t", first, "-m", "-p", "-C", "-u", "-i", "sh", "-c", line];
    return this.#namespace.exec("nsenter", into, timeoutMs);
  }

  /** Runs a line that must succeed. @returns its output. */
  async run(line: string, timeoutMs?: number): Promise<string> {
    const { status, stdout, stderr } = await this.exec(line, timeoutMs);
    if (status === 0) return stdout;
    throw new Error(`${line}: ${status}\n${stdout}${stderr}`);
  }

  /** A property of a unit as systemctl shows it: "ActiveState", "MainPID". */
  async property(unit: string, name: string): Promise<string> {
    return (await this.run(`systemctl show ${unit} -p ${name} --value`)).trim();
  }

  /** What the service has written to the journal. */
  journal(): Promise<string> {
    return this.run("journalctl --no-pager -o cat -u vedette -u vedette-guard");
  }
}
