/**
 * PortSentry's ignore file: who is never held and never banned, by hand.
 *
 * Kinder than its models: blanks before, CRLF, IPv6, host bits, a last line without a newline and
 * host names are read, and one bad line is a fault that is told with its number, while all others
 * hold. 0.0.0.0/0 is legal and means that nobody is banned. A file that cannot be read is a health
 * problem and never a ban: what it said before goes on, and before it was read once nobody is
 * banned. So is one that others than root, or the user that we are, can write; where that is group
 * root or adm alone, it is read and told. One that nobody has named may be taken away, and counts as gone when it was missed in two
 * readings a second apart.
 */
import type { Clock } from "../../clock.ts";
import { ownersOf } from "../../file-owners.ts";
import type { TrustedEntry } from "../../model/trusted-entry.ts";
import { hostPrefixOf, type Prefix, parsePrefix } from "../../net/prefix.ts";
import { type HostNames, MAX_NAMES } from "./host-names.ts";
import { readFile } from "./text-file.ts";
import type { TrustReading, TrustSource } from "./trust-source.ts";

/** More lines than that are a blocklist's size; each goes to the guard as a fact. */
const MAX_ENTRIES = 100_000;

const HOST_NAME = /^(?=.{1,253}$)(?=.*[a-z])[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*\.?$/i;

/** How long (ms) a file that need not be there must be missed before it counts as gone. */
const GONE_AFTER_MS = 1000;

/** A line that names a host. */
interface IgnoredName {
  readonly name: string;
  readonly line: number;
}

/** An ignore file of the configuration. */
export interface IgnoreFileSetting {
  readonly path: string;
  /** Its absence is a problem, and nobody is banned before it was read once. */
  readonly isRequired: boolean;
  /** Resolves this file's host names; another file needs another. */
  readonly names: HostNames;
}

export interface ParsedIgnoreFile {
  readonly entries: readonly TrustedEntry[];
  readonly names: readonly IgnoredName[];
  /** One sentence each, beginning with file and line. */
  readonly faults: readonly string[];
}

/** Reads the text of the file at `path`, which is only named in what is said about it. */
export function parseIgnoreFile(text: string, path: string): ParsedIgnoreFile {
  const entries: TrustedEntry[] = [];
  const names: IgnoredName[] = [];
  const faults: string[] = [];
  for (const [index, raw] of text
    .replace(/^\uFEFF/, "")
    .split(/\r\n|\r|\n/)
    .entries()) {
    const line = index + 1;
    const [content = ""] = raw.split("#", 1);
    const [word = "", ...others] = content.trim().split(/\s+/);
    if (word === "") continue;
    if (entries.length + names.length >= MAX_ENTRIES) {
      faults.push(`${path}:${line}: more than ${MAX_ENTRIES} entries; the rest is not read`);
      break;
    }
    if (others.length > 0) {
      faults.push(`${path}:${line}: only "${quoted(word)}" is read; a comment begins with #`);
    }
    const prefix = parseIgnored(word);
    if (prefix !== undefined) entries.push({ prefix, why: `${path}:${line}` });
    else if (!HOST_NAME.test(word)) faults.push(`${path}:${line}: ${faultOf(word)}`);
    else if (names.length < MAX_NAMES) names.push({ name: word, line });
    else faults.push(`${path}:${line}: more than ${MAX_NAMES} host names`);
  }
  return { entries, names, faults };
}

export class IgnoreFile implements TrustSource {
  readonly name: string;
  readonly isVital = true;
  readonly #path: string;
  readonly #names: HostNames;
  readonly #isRequired: boolean;
  readonly #clock: Clock;
  #parsed: ParsedIgnoreFile = { entries: [], names: [], faults: [] };
  /** The text that was parsed. */
  #bytes: Buffer = Buffer.alloc(0);
  /** When it was first missed, since it was last there. */
  #missedAtMs: number | undefined;

  constructor({ path, isRequired, names }: IgnoreFileSetting, clock: Clock) {
    this.name = path;
    this.#path = path;
    this.#names = names;
    this.#isRequired = isRequired;
    this.#clock = clock;
  }

  read(): TrustReading {
    const file = readFile(this.#path);
    if (file.status === "unreadable") return file;
    if (file.status === "absent" && this.#isRequired) {
      return { status: "unreadable", reason: `${this.#path} does not exist` };
    }
    let loose: string | undefined;
    if (file.status === "read") {
      const owners = ownersOf(file.stats);
      loose = owners.status === "ours" ? undefined : looseWords(this.#path, owners.reason);
      if (owners.status === "strangers") {
        return { status: "unreadable", reason: `its entries are not taken: ${loose}` };
      }
      this.#missedAtMs = undefined;
      this.#take(file.bytes);
    } else if (this.#isGone()) {
      this.#take(Buffer.alloc(0));
    }
    return this.#withNames(loose === undefined ? [] : [loose]);
  }

  /** An editor that takes the old file away before it writes the new one costs nobody his trust. */
  #isGone(): boolean {
    const now = this.#clock.monotonicMs();
    this.#missedAtMs ??= now;
    return now - this.#missedAtMs >= GONE_AFTER_MS;
  }

  #take(bytes: Buffer): void {
    if (bytes.equals(this.#bytes)) return;
    this.#parsed = parseIgnoreFile(bytes.toString(), this.#path);
    this.#names.want(this.#parsed.names.map(({ name }) => name));
    this.#bytes = bytes;
  }

  #withNames(found: readonly string[]): TrustReading {
    const entries = [...this.#parsed.entries];
    const faults = [...found, ...this.#parsed.faults];
    for (const { name, line } of this.#parsed.names) {
      const { addresses, fault } = this.#names.resolved(name);
      for (const address of addresses) {
        entries.push({ prefix: hostPrefixOf(address), why: `${this.#path}:${line} (${name})` });
      }
      if (fault !== undefined) {
        const known =
          addresses.length === 0 ? "nobody is trusted by it" : "its last addresses hold";
        faults.push(`${this.#path}:${line}: ${name} cannot be resolved (${fault}); ${known}`);
      }
    }
    return { status: "read", entries, faults };
  }
}

/** Whoever can write it can trust himself. */
function looseWords(path: string, reason: string): string {
  return `${path}: ${reason}, and whoever can is able to trust himself; mend it: chown root: ${path}; chmod go-w ${path}`;
}

/** A zone ("%eth0") is passed over: the address is ignored on every link. */
function parseIgnored(word: string): Prefix | undefined {
  return parsePrefix(word.replace(/%[^/]*/, ""));
}

function faultOf(word: string): string {
  if (/^[\d.]+\/\d+(?:\.\d+)+$/.test(word)) {
    return `write "${quoted(word)}" with a length, such as /24 for 255.255.255.0`;
  }
  return `"${quoted(word)}" is no address, prefix or host name`;
}

/** What is quoted ends in logs and tables, so nothing but printable ASCII is. */
function quoted(word: string): string {
  return word.slice(0, 60).replace(/[^\x21-\x7e]/g, "?");
}
