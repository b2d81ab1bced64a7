/** Probes and responses for the tests of the dialects. */
import type { LegacyResponse } from "../../../src/broker/executors/deed.ts";
import type { DialectEvent, Scan } from "../../../src/daemon/dialects/dialect.ts";
import { type IpAddress, parseIpAddress } from "../../../src/net/ip-address.ts";
import { prefixOf } from "../../../src/net/prefix.ts";

/** @throws when the text is none: a mistake in a test. */
export function address(text: string): IpAddress {
  const parsed = parseIpAddress(text);
  if (parsed === undefined) throw new Error(`not an address: ${text}`);
  return parsed;
}

/** A SYN of 192.0.2.7 to port 11 in 1.2's advanced mode, with what differs. */
export function scanOf(change: Partial<Scan> = {}): Scan {
  const source = address("192.0.2.7");
  return {
    source,
    host: change.source ?? source,
    transport: "tcp",
    port: 11,
    mode: "atcp",
    tcpFlags: 0x02,
    ipOptions: "not set",
    ...change,
  };
}

/** What became of a response to 192.0.2.7. */
export function responseOf(
  name: LegacyResponse["name"],
  status: LegacyResponse["status"],
  text: string,
  reason?: string,
): DialectEvent {
  const response = { name, status, text, ...(reason === undefined ? {} : { reason }) };
  return { event: "response", target: prefixOf(address("192.0.2.7"), 32), response };
}
