/**
 * Acts with another user's rights, as root, for the time of one call.
 *
 * The journal's directory belongs to the guard, which is taken to be taken over: it may lay a link
 * there that leads elsewhere. Whatever root opens in it is opened with the guard's rights only.
 */

/** Calls `act` as `uid`; as ourselves when we are not root. `act` must not wait. */
export function asUser<Result>(uid: number, act: () => Result): Result {
  if (process.getuid?.() !== 0 || uid === 0) return act();
  process.seteuid?.(uid);
  try {
    return act();
  } finally {
    process.seteuid?.(0);
  }
}
