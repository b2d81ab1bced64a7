/**
 * Adds an address to, or takes it from, the ignore list that people edit: what Debian's
 * portsentry-add-ip and portsentry-rm-ip do, for prefixes and IPv6 as well.
 *
 * Every other line stays as it is, to the byte. The new file takes the old one's place at once,
 * with its owner and mode, so that a guard that reads it meanwhile sees one or the other. Two
 * changes at the same time would lose one of them: the second is told to try again.
 */
import {
  closeSync,
  fchmodSync,
  fchownSync,
  fsyncSync,
  openSync,
  realpathSync,
  renameSync,
  type Stats,
  statSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { readSmallFile } from "../../config/read-small-file.ts";
import { OperationalError } from "../../errors.ts";
import { type Prefix, parsePrefix } from "../../net/prefix.ts";

/** Debian's list. */
export const IGNORE_STATIC_PATH = "/etc/portsentry/portsentry.ignore.static";

/** As much as the guard reads. */
const MAX_FILE_KIB = 16_384;

/** `already`: the file was as it was wanted, and was not touched. */
export type IgnoreChange = "changed" | "already";

/**
 * Afterwards a line of the file at `path`, which is made where it is not there, names `prefix`.
 * @param word how it is written.
 * @throws {OperationalError} ERR_PERMISSION or ERR_UNAVAILABLE when the file is as it was.
 */
export function addIgnored(path: string, prefix: Prefix, word: string): IgnoreChange {
  return change(path, (lines) => {
    if (lines.some((line) => prefixIn(line) === prefix)) return undefined;
    const last = lines.at(-1);
    const isWhole = last === undefined || /[\r\n]$/.test(last);
    return [...lines, isWhole ? `${word}\n` : `\n${word}\n`];
  });
}

/**
 * Afterwards no line of the file at `path` names exactly `prefix`; wider ones stay.
 * @throws {OperationalError} as {@link addIgnored}.
 */
export function removeIgnored(path: string, prefix: Prefix): IgnoreChange {
  return change(path, (lines) => {
    const others = lines.filter((line) => prefixIn(line) !== prefix);
    return others.length === lines.length ? undefined : others;
  });
}

/** @returns what the line names; undefined for comments, names and whatever else stands there. */
function prefixIn(line: string): Prefix | undefined {
  const [content = ""] = line.split("#", 1);
  const [word = ""] = content.trim().split(/\s+/);
  return parsePrefix(word);
}

/** `decide` gets the lines with their ends, and returns undefined to leave them. */
function change(
  path: string,
  decide: (lines: readonly string[]) => readonly string[] | undefined,
): IgnoreChange {
  try {
    // A link stays a link: what it leads to is replaced.
    const stats = statSync(path, { throwIfNoEntry: false });
    const target = stats === undefined ? path : realpathSync(path);
    return replace(target, stats, decide);
  } catch (error) {
    if (error instanceof OperationalError) throw error;
    const cause = error as NodeJS.ErrnoException;
    const code = /^E(?:ACCES|PERM|ROFS)$/.test(cause.code ?? "") ? "ERR_PERMISSION" : undefined;
    const message = `${path} cannot be changed: ${cause.message}`;
    throw new OperationalError(code ?? "ERR_UNAVAILABLE", message, { cause });
  }
}

function replace(
  path: string,
  stats: Stats | undefined,
  decide: (lines: readonly string[]) => readonly string[] | undefined,
): IgnoreChange {
  const newPath = `${path}.new`;
  const descriptor = openNew(newPath);
  try {
    // Read only now that nobody else is at it.
    const file = readSmallFile(path, MAX_FILE_KIB, "latin1");
    if (file.status === "unreadable") {
      throw new OperationalError("ERR_UNAVAILABLE", `${path} cannot be read: ${file.reason}`);
    }
    const text = file.status === "read" ? file.text : "";
    const lines = decide(text.match(/[^\n]*\n|[^\n]+$/g) ?? []);
    if (lines === undefined) {
      unlinkSync(newPath);
      return "already";
    }
    writeFileSync(descriptor, lines.join(""), "latin1");
    if (stats !== undefined) {
      fchownSync(descriptor, stats.uid, stats.gid);
      fchmodSync(descriptor, stats.mode & 0o7777);
    }
    fsyncSync(descriptor);
    renameSync(newPath, path);
    return "changed";
  } catch (error) {
    unlinkSync(newPath);
    throw error;
  } finally {
    closeSync(descriptor);
  }
}

/** The new file is also the lock. */
function openNew(newPath: string): number {
  try {
    return openSync(newPath, "wx", 0o644);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    const message = `${newPath} exists: somebody else is at it; if nobody is, delete it`;
    throw new OperationalError("ERR_UNAVAILABLE", message, { cause: error });
  }
}
