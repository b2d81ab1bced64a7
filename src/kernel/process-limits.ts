/**
 * What a process gives up for good before it touches anything hostile.
 *
 * Each call holds for the rest of the process's life. None of them needs a privilege.
 *
 * Source: prctl(2); linux/prctl.h.
 */
import { constants } from "node:os";
import { formatErrno } from "./errno.ts";
import { prctl } from "./libc.ts";
import { PR_SET_DUMPABLE, PR_SET_NO_NEW_PRIVS, PR_SET_PDEATHSIG } from "./spec.ts";

export type LimitOutcome =
  | { readonly status: "applied" }
  | { readonly status: "failed"; readonly reason: string };

/**
 * From now on no program that this thread starts gains privileges by set-uid bits or file
 * capabilities. The limit belongs to the thread and its children, and Node starts processes from
 * its main thread, so call it there.
 */
export function forbidNewPrivileges(): LimitOutcome {
  return outcomeOf(prctl(PR_SET_NO_NEW_PRIVS, 1));
}

/**
 * No core dump, and no debugger of the same user. Most of /proc/self belongs to root from then on:
 * an unprivileged process cannot list its own descriptors or environment any more.
 */
export function forbidDumping(): LimitOutcome {
  return outcomeOf(prctl(PR_SET_DUMPABLE, 0));
}

/**
 * The kernel sends SIGTERM when the parent ends. A parent that has ended before the call is missed:
 * compare `process.ppid` with the expected one afterwards. Changing the uid clears the setting.
 */
export function endWithParent(): LimitOutcome {
  return outcomeOf(prctl(PR_SET_PDEATHSIG, constants.signals.SIGTERM));
}

function outcomeOf(result: number): LimitOutcome {
  return result < 0 ? { status: "failed", reason: formatErrno(-result) } : { status: "applied" };
}
