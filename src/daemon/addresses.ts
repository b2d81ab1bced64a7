/** What a person means by an address or prefix that they wrote. */
import { OperationalError } from "../errors.ts";
import { wordsOf } from "../net/address-words.ts";
import { type IpAddress, parseIpAddress } from "../net/ip-address.ts";
import { type Prefix, parsePrefix } from "../net/prefix.ts";
import type { SourceKeys } from "../net/source-keys.ts";

/** @throws {OperationalError} ERR_USAGE when it is neither an address nor a prefix. */
export function requirePrefix(text: string): Prefix {
  const prefix = parsePrefix(text.trim());
  if (prefix !== undefined) return prefix;
  const zone = text.includes("%") ? "; zones (%eth0) are not taken" : "";
  const message = `${JSON.stringify(text)} is not an address or prefix${zone}`;
  throw new OperationalError("ERR_USAGE", message);
}

/** @throws {OperationalError} ERR_USAGE when it is no address. */
export function requireAddress(text: string): IpAddress {
  const address = parseIpAddress(text.trim());
  if (address !== undefined) return address;
  throw new OperationalError("ERR_USAGE", `${JSON.stringify(text)} is not an address`);
}

/**
 * What one ban on `text` covers: an address stands for its source, which for IPv6 is its /64.
 * @throws {OperationalError} ERR_USAGE as {@link requirePrefix}.
 */
export function sourceOf(text: string, keys: SourceKeys): Prefix {
  const address = parseIpAddress(text.trim());
  return address === undefined ? requirePrefix(text) : keys.prefixOf(wordsOf(address));
}
