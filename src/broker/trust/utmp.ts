/**
 * Remote hosts of logged-in sessions, from the file that login programs keep.
 *
 * A record counts when it is a user's, names a user and a line, and its process still lives: after
 * a crash the file is full of sessions that are no more. The file itself must be root's; its usual
 * group, utmp, holds programs that may write it, and those could trust somebody.
 *
 * Source: utmp(5) and glibc's bits/utmp.h. A record has 384 bytes where time stamps are kept at 32
 * bits for old programs' sake (x86-64) and 400 elsewhere (arm64).
 */
import { existsSync } from "node:fs";
import type { TrustedEntry } from "../../model/trusted-entry.ts";
import { formatWords } from "../../net/address-words.ts";
import { type IpAddress, parseIpAddress } from "../../net/ip-address.ts";
import { hostPrefixOf } from "../../net/prefix.ts";
import { readFile } from "./text-file.ts";
import { readingOf, type TrustReading, type TrustSource } from "./trust-source.ts";

/** utmp(5), ut_type. */
const USER_PROCESS = 7;

/** Where fields stand in a record; those before `addressAt` are alike everywhere. */
export interface UtmpLayout {
  readonly recordBytes: number;
  readonly addressAt: number;
}

/** By machine: with 32-bit and with 64-bit times. */
export const UTMP_LAYOUTS = {
  x64: { recordBytes: 384, addressAt: 348 },
  arm64: { recordBytes: 400, addressAt: 360 },
} as const satisfies Record<string, UtmpLayout>;

/** One logged-in session with a remote host. */
export interface UtmpSession {
  readonly address: IpAddress;
  readonly user: string;
  readonly pid: number;
}

/** @returns the remote sessions among the records; a half record at the end is passed over. */
export function decodeUtmp(bytes: Buffer, layout: UtmpLayout): UtmpSession[] {
  const sessions: UtmpSession[] = [];
  for (let at = 0; at + layout.recordBytes <= bytes.length; at += layout.recordBytes) {
    const record = bytes.subarray(at, at + layout.recordBytes);
    const pid = record.readInt32LE(4);
    const user = textAt(record, 44, 32);
    if (record.readInt16LE(0) !== USER_PROCESS || pid <= 0) continue;
    if (user === "" || textAt(record, 8, 32) === "") continue;
    const address = addressAt(record, layout.addressAt) ?? parseIpAddress(textAt(record, 76, 256));
    if (address !== undefined) sessions.push({ address, user, pid });
  }
  return sessions;
}

export class UtmpSessions implements TrustSource {
  readonly name = "sessions in utmp";
  readonly isVital = false;
  readonly #path: string;
  readonly #isAlive: (pid: number) => boolean;

  constructor(
    path = "/var/run/utmp",
    isAlive: (pid: number) => boolean = (pid) => existsSync(`/proc/${pid}`),
  ) {
    this.#path = path;
    this.#isAlive = isAlive;
  }

  read(): TrustReading {
    const file = readFile(this.#path);
    if (file.status === "unreadable") return file;
    // Debian 13 and containers have none; logind has the same sessions.
    if (file.status === "absent") return readingOf([]);
    const isOurs = file.stats.uid === 0 || file.stats.uid === process.geteuid?.();
    if (!isOurs || (file.stats.mode & 0o002) !== 0) {
      return { status: "unreadable", reason: `${this.#path} can be written by anybody` };
    }
    const layout = process.arch === "arm64" ? UTMP_LAYOUTS.arm64 : UTMP_LAYOUTS.x64;
    const entries: TrustedEntry[] = [];
    for (const { address, pid } of decodeUtmp(file.bytes, layout)) {
      if (!this.#isAlive(pid)) continue;
      entries.push({ prefix: hostPrefixOf(address), why: "logged in from there" });
    }
    return readingOf(entries);
  }
}

/** ut_addr_v6: IPv4 stands alone in the first word. @returns undefined when all words are zero. */
function addressAt(record: Buffer, at: number): IpAddress | undefined {
  const words = Uint32Array.from([0, 4, 8, 12], (offset) => record.readUInt32BE(at + offset));
  const [first = 0, ...others] = words;
  if (others.some((word) => word !== 0)) return formatWords(words);
  return first === 0 ? undefined : formatWords(Uint32Array.of(0, 0, 0xffff, first));
}

/** Up to the first NUL; the field may fill its room without one. */
function textAt(record: Buffer, at: number, lengthBytes: number): string {
  const [text = ""] = record.toString("latin1", at, at + lengthBytes).split("\0", 1);
  return text;
}
