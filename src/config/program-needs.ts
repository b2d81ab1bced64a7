/**
 * What programs need that a hardened service may lack: the ones that people call when somebody has
 * scanned them.
 *
 * By the name of the program, because a service has to be judged before anything runs; what a
 * program of another name does is not known.
 */
import type { ShellCommand } from "./shell-uses.ts";

/** What a program needs besides the files that it is given. */
export interface ProgramNeeds {
  /** Their names. */
  readonly programs: string;
  /** Undefined: whatever its arguments. */
  readonly when?: (words: readonly string[]) => boolean;
  readonly capabilities?: readonly string[];
  /** A bit or a capability of its file that gives it more than its caller has. */
  readonly gains?: true;
  /** Groups of system calls, systemd.exec(5), SystemCallFilter. */
  readonly calls?: readonly string[];
  readonly families?: readonly string[];
  /** Settings of yes and no that prevent it. */
  readonly switches?: readonly string[];
  /** Files that it needs without being told. */
  readonly reads?: readonly string[];
  readonly writes?: readonly string[];
}

const SET_USER = ["CAP_SETUID", "CAP_SETGID"] as const;

/** A session of PAM's: pam_limits, which Debian has in each of them, sets limits and a priority. */
const SESSION = ["@setuid", "@resources"] as const;

const NEEDS: readonly ProgramNeeds[] = [
  {
    programs: "sudo doas pkexec",
    gains: true,
    capabilities: [...SET_USER, "CAP_AUDIT_WRITE"],
    calls: SESSION,
  },
  { programs: "su runuser", capabilities: SET_USER, calls: SESSION },
  { programs: "setpriv", capabilities: SET_USER, calls: ["@setuid", "capset"] },
  { programs: "newgrp", capabilities: SET_USER, calls: ["@setuid"] },
  {
    // postdrop of Postfix has a bit for a group, exim one for a user; both write their spools.
    programs: "mail mailx s-nail bsd-mailx mutt sendmail exim exim4 postdrop crontab at batch",
    gains: true,
    capabilities: [...SET_USER, "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER"],
    calls: ["@setuid", "@chown"],
    writes: ["/var/spool/x", "/var/mail/x"],
  },
  {
    programs: "tcpdump tshark dumpcap",
    capabilities: SET_USER,
    calls: ["@setuid"],
    families: ["AF_PACKET"],
  },
  { programs: "nmap arping", families: ["AF_PACKET"] },
  {
    programs: "ip iptables ip6tables iptables-legacy ip6tables-legacy nft ipset route tc",
    capabilities: ["CAP_NET_ADMIN"],
    families: ["AF_NETLINK"],
  },
  {
    programs: "nsenter unshare",
    capabilities: ["CAP_SYS_ADMIN"],
    switches: ["RestrictNamespaces"],
  },
  {
    programs: "ip",
    when: (words) => words.includes("netns") || words.some((word) => /^-(?:n|netns)$/.test(word)),
    capabilities: ["CAP_SYS_ADMIN"],
    switches: ["RestrictNamespaces"],
  },
  { programs: "mount umount", capabilities: ["CAP_SYS_ADMIN"], calls: ["@mount"] },
  {
    programs: "modprobe insmod rmmod",
    capabilities: ["CAP_SYS_MODULE"],
    calls: ["@module"],
    switches: ["ProtectKernelModules"],
  },
  {
    programs: "sysctl",
    when: (words) => words.some((word) => /=|^-w$|^-p|^--system$/.test(word)),
    switches: ["ProtectKernelTunables"],
  },
  {
    programs: "date",
    when: (words) => words.some((word) => /^(?:-s|--set)/.test(word)),
    capabilities: ["CAP_SYS_TIME"],
    calls: ["@clock"],
    switches: ["ProtectClock"],
  },
  {
    programs: "hwclock",
    capabilities: ["CAP_SYS_TIME"],
    calls: ["@clock"],
    switches: ["ProtectClock", "PrivateDevices"],
  },
  { programs: "dmesg", capabilities: ["CAP_SYSLOG"], switches: ["ProtectKernelLogs"] },
  { programs: "chown chgrp", capabilities: ["CAP_CHOWN"], calls: ["@chown"] },
  { programs: "chroot", capabilities: ["CAP_SYS_CHROOT"], calls: ["chroot"] },
  { programs: "renice ionice chrt taskset", calls: ["@resources"], capabilities: ["CAP_SYS_NICE"] },
  // Terminals belong to those who are logged in.
  { programs: "wall write", capabilities: ["CAP_DAC_OVERRIDE"] },
  { programs: "ssh scp sftp rsync gpg", reads: ["/root/.config"] },
  { programs: "ufw", writes: ["/run/ufw.lock"] },
  // They compile while they run.
  { programs: "node nodejs java php pypy3 luajit", switches: ["MemoryDenyWriteExecute"] },
];

/** What a group of system calls is made of, as far as {@link NEEDS} asks; systemd.exec(5). */
export const CALL_GROUPS: Readonly<Record<string, readonly string[]>> = {
  "@system-service": ["@chown", "@resources", "@setuid", "capset"],
  "@privileged": ["@chown", "@clock", "@module", "@setuid", "capset", "chroot"],
};

/** @returns the rows of the table that speak of this command. */
export function needsOf({ program, words }: ShellCommand): readonly ProgramNeeds[] {
  return NEEDS.filter(
    ({ programs, when }) => programs.split(" ").includes(program) && (when?.(words) ?? true),
  );
}
