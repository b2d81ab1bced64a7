/**
 * The line that 1.2's history and blocked files have for each source, written and read.
 *
 * `epoch - MM/DD/YYYY HH:MM:SS Host: NAME/ADDRESS Port: N TCP|UDP Blocked`. fail2ban's stock filter
 * takes the address between the slash and " Port:", and nothing may stand behind "Blocked". The
 * name belongs to whoever owns the source's reverse zone: one that could be taken for another part
 * of the line is replaced by the address. Reading never throws, whatever the text.
 */
import { type IpAddress, parseIpAddress } from "../../net/ip-address.ts";
import type { Transport } from "../../net/transport.ts";
import { formatSlashTime } from "./local-time.ts";

/** One source that was blocked, as both files tell it. */
export interface HistoryRecord {
  readonly address: IpAddress;
  /** The source's name, or its address where names are not resolved. */
  readonly host: string;
  /** 0 to 65535; 0 where no port led to the ban. */
  readonly port: number;
  readonly transport: Transport;
  /** Written and read in whole seconds. */
  readonly sinceEpochMs: number;
}

/** Eleven digits of seconds end in the year 5138, so that each of them is a date. */
const LINE =
  /^(\d{1,11}) - \d\d\/\d\d\/\d{4} \d\d:\d\d:\d\d Host: [^\s/]*\/([0-9A-Fa-f:.]+) Port: (\d{1,5}) (TCP|UDP) Blocked$/;

/** A name of 253 letters and an address of 45 fit; a longer line is not looked at. */
const LONGEST_LINE = 512;

const NAME = /^[0-9A-Za-z.:-]{1,253}$/;

/** @returns the line without its end. `offsetMinutes`: east of UTC; the machine's own zone. */
export function formatHistoryLine(record: HistoryRecord, offsetMinutes?: number): string {
  const { address, host, port, transport, sinceEpochMs } = record;
  const seconds = Math.floor(sinceEpochMs / 1000);
  const time = formatSlashTime(sinceEpochMs, offsetMinutes);
  const name = NAME.test(host) ? host : address;
  const kind = transport.toUpperCase();
  return `${seconds} - ${time} Host: ${name}/${address} Port: ${port} ${kind} Blocked`;
}

/** @returns undefined when `line` is damaged or another; its name is not read, only its address. */
export function parseHistoryLine(line: string): HistoryRecord | undefined {
  if (line.length > LONGEST_LINE) return undefined;
  const [, seconds, addressText = "", portText, kind] = LINE.exec(line) ?? [];
  const address = parseIpAddress(addressText);
  const port = Number(portText);
  if (address === undefined || port > 65_535) return undefined;
  const transport = kind === "TCP" ? "tcp" : "udp";
  return { address, host: address, port, transport, sinceEpochMs: Number(seconds) * 1000 };
}
