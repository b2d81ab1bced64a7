/**
 * Peers of SSH connections that belong to a user who has logged in.
 *
 * **An open connection alone trusts nobody**: a scanner has one in a millisecond. What counts is a
 * connection held by a process whose program is root's sshd and whose title says that a login is
 * over: "sshd: user@pts/0", "sshd: user@notty". Before that the titles are "[accepted]", "[net]",
 * "[preauth]" and "user [priv]", which a scanner can bring about and which trust nobody.
 *
 * Found where utmp and logind have nothing: `ssh host command`, scp, tunnels. Sources: openssh,
 * session.c (do_setproctitle), sshd-session.c; proc(5).
 */
import { readdirSync, readlinkSync, statSync } from "node:fs";
import { basename } from "node:path";
import { isSystemError } from "../../errors.ts";
import type { TrustedEntry } from "../../model/trusted-entry.ts";
import { hostPrefixOf } from "../../net/prefix.ts";
import type { SocketView } from "../socket-view.ts";
import { isOwnersOnly, readFile } from "./text-file.ts";
import { fromMachine, readingOf, type TrustReading, type TrustSource } from "./trust-source.ts";

/** Since OpenSSH 9.8 sessions have a program of their own. */
const PROGRAMS: readonly string[] = ["sshd", "sshd-session"];

/** A user name may have a backslash or an at sign (domains), and never a blank or a bracket. */
const LOGGED_IN_TITLE =
  /^(?:sshd|sshd-session): [^\s[\]]+@(?:notty|(?:pts\/\d+|tty\w+)(?:,(?:pts\/\d+|tty\w+))*)$/;

/** @returns whether the process title is that of a session after its login. */
export function isLoggedInTitle(title: string): boolean {
  return LOGGED_IN_TITLE.test(title);
}

export class SshdSockets implements TrustSource {
  readonly name = "SSH sessions";
  readonly isVital = false;
  readonly #sockets: SocketView;
  readonly #procRoot: string;

  /** @param procRoot where /proc is; tests have their own. */
  constructor(sockets: SocketView, procRoot = "/proc") {
    this.#sockets = sockets;
    this.#procRoot = procRoot;
  }

  read(): TrustReading {
    return fromMachine(() => {
      const inodes = this.#loggedInInodes();
      // The dump is the dear part, and a machine without SSH sessions needs none.
      if (inodes.size === 0) return readingOf([]);
      const entries: TrustedEntry[] = [];
      for (const { inode, remoteAddress, state } of this.#sockets.connections()) {
        if (state !== "established" || !inodes.has(inode)) continue;
        entries.push({ prefix: hostPrefixOf(remoteAddress), why: "logged in by SSH" });
      }
      return readingOf(entries);
    });
  }

  /** Sockets of sshd processes that serve a logged-in user; one of them is the connection. */
  #loggedInInodes(): Set<number> {
    const inodes = new Set<number>();
    for (const pid of readdirSync(this.#procRoot)) {
      if (!/^\d+$/.test(pid) || !this.#isLoggedIn(`${this.#procRoot}/${pid}`)) continue;
      for (const inode of this.#socketsOf(`${this.#procRoot}/${pid}/fd`)) inodes.add(inode);
    }
    return inodes;
  }

  #isLoggedIn(folder: string): boolean {
    const cmdline = readFile(`${folder}/cmdline`);
    if (cmdline.status !== "read") return false;
    // The title overwrites the arguments; what is left of their room is NUL.
    const [title = ""] = cmdline.bytes.toString("latin1").split("\0", 1);
    if (!isLoggedInTitle(title.trimEnd())) return false;
    // Anybody may give a process a title, and its program says no more than that it is root's sshd:
    // who starts that with a title of choice is let in here, and has a login already. After an
    // upgrade the link reads "… (deleted)" and still leads to the file that runs.
    const link = seen(() => readlinkSync(`${folder}/exe`))?.replace(/ \(deleted\)$/, "") ?? "";
    if (!PROGRAMS.includes(basename(link))) return false;
    const stats = seen(() => statSync(`${folder}/exe`));
    return stats !== undefined && isOwnersOnly(stats);
  }

  #socketsOf(folder: string): number[] {
    const descriptors = seen(() => readdirSync(folder)) ?? [];
    return descriptors.flatMap((fd) => {
      // One that was closed since it was listed says nothing of the others.
      const link = seen(() => readlinkSync(`${folder}/${fd}`)) ?? "";
      const inode = /^socket:\[(\d+)\]$/.exec(link)?.[1];
      return inode === undefined ? [] : [Number(inode)];
    });
  }
}

/** What says that a process or a descriptor has gone meanwhile, or is none of those we may see. */
const UNSEEN: readonly (string | undefined)[] = ["ENOENT", "ESRCH", "EINVAL", "EACCES", "EPERM"];

/** @returns undefined for what cannot be seen; other errors of the system are thrown. */
function seen<Value>(look: () => Value): Value | undefined {
  try {
    return look();
  } catch (error) {
    if (!isSystemError(error) || !UNSEEN.includes(error.code)) throw error;
    return undefined;
  }
}
