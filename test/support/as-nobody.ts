/** Words that start the command under test as somebody who may nothing. */

/**
 * The checkout is shown at another place, in a mount namespace of its own: it may lie where only
 * root may look, in /root say, and the tests that use this are not about that.
 */
const SCRIPT = `mount --bind "\${1%/bin/vedette}" /mnt && shift &&
  exec setpriv --reuid=65534 --regid=65534 --clear-groups /mnt/bin/vedette "$@"`;

export const AS_NOBODY: readonly string[] = ["unshare", "--mount", "sh", "-c", SCRIPT, "sh"];
