/**
 * Acts with another user's rights, as root, for the time of one call.
 *
 * The journal's directory belongs to the guard, which is taken to be taken over: it may lay a link
 * there that leads elsewhere. Whatever root opens in it is opened with the guard's rights only: its
 * user, its group, and no other group.
 *
 * What remains: it is this process that reads what a guard has written, and its real and saved user
 * are root. Code that a fault of the reader would let in could take root's rights back; only a
 * process of its own, which gives them up for good, would be out of its reach.
 */

/** Whose rights to act with. */
export interface FileOwner {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Calls `act` with the rights of `owner` alone; as ourselves when we are not root, or `owner` is.
 * `act` must not wait: the rights are the whole process's. Rights are ours again afterwards, also
 * when it throws.
 */
export function asUser<Result>(owner: FileOwner, act: () => Result): Result {
  if (process.geteuid?.() !== 0 || owner.uid === 0) return act();
  const groups = process.getgroups?.() ?? [];
  const gid = process.getegid?.() ?? 0;
  try {
    // The user last: without root's rights the groups could not be changed.
    process.setgroups?.([]);
    process.setegid?.(owner.gid);
    process.seteuid?.(owner.uid);
    return act();
  } finally {
    process.seteuid?.(0);
    process.setegid?.(gid);
    process.setgroups?.(groups);
  }
}
