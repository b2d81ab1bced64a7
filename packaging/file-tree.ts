/**
 * The directory in which a package is laid out: writing into it, and making it the same every time.
 *
 * Modes do not depend on the umask and times not on the clock, so that two builds of one commit are
 * the same bytes.
 */
import {
  chmodSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, relative } from "node:path";
import { gzipSync } from "node:zlib";
import type { PackedFile } from "./debian/control-files.ts";

/** Paths of all files below `directory`, in their order; what a link leads to is not among them. */
export function listFiles(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(directory, join(entry.parentPath, entry.name)))
    .sort();
}

export class FileTree {
  readonly root: string;

  /** `root` must be new or empty. */
  constructor(root: string) {
    this.root = root;
    mkdirSync(root, { recursive: true });
  }

  /** Writes a file, executable for everybody or for nobody. */
  write(path: string, content: string | Uint8Array, isExecutable = false): void {
    const target = join(this.root, path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, content);
    chmodSync(target, isExecutable ? 0o755 : 0o644);
  }

  /** As `write`, compressed as Debian's policy (section 12.1) wants manuals and changelogs. */
  writeGzipped(path: string, content: string | Uint8Array): void {
    this.write(path, gzipSync(content, { level: 9 }));
  }

  copy(from: string, path: string, isExecutable = false): void {
    this.write(path, readFileSync(from), isExecutable);
  }

  link(path: string, target: string): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true });
    symlinkSync(target, join(this.root, path));
  }

  /** Everything in it but the root, in the order of its paths. */
  list(): PackedFile[] {
    return readdirSync(this.root, { recursive: true, encoding: "utf8" })
      .sort()
      .map((path) => {
        const found = lstatSync(join(this.root, path));
        const kind = found.isSymbolicLink() ? "link" : found.isDirectory() ? "directory" : "file";
        return { path, kind, sizeBytes: found.size };
      });
  }

  /** Gives every file the same time, and directories the usual mode. */
  settle(epochSeconds: number): void {
    for (const { path, kind } of this.list().reverse()) {
      const target = join(this.root, path);
      if (kind === "directory") chmodSync(target, 0o755);
      lutimesSync(target, epochSeconds, epochSeconds);
    }
    chmodSync(this.root, 0o755);
    lutimesSync(this.root, epochSeconds, epochSeconds);
  }
}
