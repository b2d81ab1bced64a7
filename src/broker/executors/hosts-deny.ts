/**
 * The file with which TCP wrappers shut clients out, hosts_access(5), edited beside other people.
 *
 * A change is a new file that takes the old one's place, with its owner, group and mode; a file
 * that is not there is made for all to read, 0644, because the services that read it are not all
 * root. 1.2 makes it 0600 and 2.x fails without it. Before the new file takes the place it is
 * looked whether the old one is still what was read, and if not, the change is made anew on what
 * stands there now, a few times. Between that look and the renaming, which are neighbours, an edit
 * by others can still be lost. Fails towards no block by this file: other responses are unaffected.
 */
import { fsync, renameSync, rmSync } from "node:fs";
import { promisify } from "node:util";
import type { Outcome } from "../../model/order.ts";
import type { Prefix } from "../../net/prefix.ts";
import { readFile } from "../trust/text-file.ts";
import { parseHostsDenyLine } from "./command-template.ts";
import { addLine, linesOf, removeLine } from "./hosts-deny-text.ts";
import { OneAtATime } from "./one-at-a-time.ts";
import { resolveTrustedPath } from "./trusted-path.ts";
import { type FlushFile, writeBeside } from "./write-beside.ts";

/** Where the library of hosts_access(5) looks. */
export const HOSTS_DENY_PATH = "/etc/hosts.deny";

/** How often a change is made anew because others have changed the file meanwhile. */
const MAX_TRIES = 5;

/** A line that shuts somebody out. */
export interface DeniedHost {
  readonly prefix: Prefix;
  readonly line: string;
}

type Change = (text: string) => string | undefined;

type Reading =
  | { readonly status: "read"; readonly lines: readonly string[] }
  | { readonly status: "failed"; readonly reason: string };

export class HostsDeny {
  readonly #path: string;
  readonly #flush: FlushFile;
  readonly #changes = new OneAtATime();

  constructor(path: string = HOSTS_DENY_PATH, flush: FlushFile = promisify(fsync)) {
    this.#path = path;
    this.#flush = flush;
  }

  /** Adds a line at the end; "already-applied" when it stands there. May be called at any time. */
  add(line: string): Promise<Outcome> {
    return this.#change((text) => addLine(text, bytesOf(line)));
  }

  /** Removes every line that is exactly this one; "already-applied" when there is none. */
  remove(line: string): Promise<Outcome> {
    return this.#change((text) => removeLine(text, bytesOf(line)));
  }

  /** @returns the lines of the file; none when there is no file. */
  read(): Reading {
    const file = readFile(this.#path);
    if (file.status === "unreadable") return { status: "failed", reason: file.reason };
    const text = file.status === "read" ? file.bytes.toString("latin1") : "";
    const lines = linesOf(text).map((line) => Buffer.from(line, "latin1").toString());
    return { status: "read", lines };
  }

  /** @returns the lines that `template` makes, whoever wrote them; none when it has no $TARGET$. */
  denied(template: string): readonly DeniedHost[] {
    const reading = this.read();
    if (reading.status === "failed") return [];
    return [...new Set(reading.lines)].flatMap((line) => {
      const prefix = parseHostsDenyLine(template, line);
      return prefix === undefined ? [] : [{ prefix, line }];
    });
  }

  /** @returns the lines that `template` makes for exactly `prefix`. */
  find(prefix: Prefix, template: string): readonly string[] {
    return this.denied(template).flatMap((host) => (host.prefix === prefix ? [host.line] : []));
  }

  #change(change: Change): Promise<Outcome> {
    return this.#changes.run(async () => {
      try {
        return await this.#replace(change);
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        return { status: "failed", reason: `${this.#path} cannot be changed: ${code ?? error}` };
      }
    });
  }

  async #replace(change: Change): Promise<Outcome> {
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      const resolution = resolveTrustedPath(this.#path);
      if (resolution.status === "refused") return resolution;
      const { path } = resolution;
      const before = readFile(path);
      if (before.status === "unreadable") return { status: "failed", reason: before.reason };
      const text = before.status === "read" ? before.bytes.toString("latin1") : "";
      const changed = change(text);
      if (changed === undefined) return { status: "already-applied" };
      const attributes =
        before.status === "read"
          ? { ...before.stats, mode: before.stats.mode & 0o7777 }
          : { mode: 0o644 };
      const bytes = Buffer.from(changed, "latin1");
      const newPath = await writeBeside(path, bytes, attributes, this.#flush);
      if (isSame(before, readFile(path))) {
        renameSync(newPath, path);
        return { status: "applied" };
      }
      rmSync(newPath, { force: true });
    }
    return { status: "failed", reason: `${this.#path} is changed by others all the time` };
  }
}

type FileReading = ReturnType<typeof readFile>;

/** The same file with the same bytes, or both times none. */
function isSame(before: FileReading, now: FileReading): boolean {
  if (before.status !== "read" || now.status !== "read") return before.status === now.status;
  return before.stats.ino === now.stats.ino && before.bytes.equals(now.bytes);
}

/** A line as the file's text has it: one character a byte. */
function bytesOf(line: string): string {
  return Buffer.from(line).toString("latin1");
}
