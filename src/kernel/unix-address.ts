/**
 * `struct sockaddr_un` in bytes, for a socket that has a name.
 *
 * Source: unix(7), "Address format".
 */
import { AF_UNIX } from "./spec.ts";

/** `sun_path` holds 108 bytes with the closing zero. */
export const LONGEST_PATH_BYTES = 107;

/**
 * @returns undefined for what is no path of a socket: nothing, more than
 *   {@link LONGEST_PATH_BYTES}, or with a zero in it.
 */
export function encodeUnixAddress(path: string): Buffer | undefined {
  const name = Buffer.from(path);
  if (name.length === 0 || name.length > LONGEST_PATH_BYTES || name.includes(0)) return undefined;
  const address = Buffer.alloc(2 + name.length + 1);
  address.writeUInt16LE(AF_UNIX, 0);
  address.set(name, 2);
  return address;
}
