/**
 * Reads one file of a blocklist, as it comes from others: streamed, bounded, and never believed.
 *
 * At most {@link MAX_FILE_BYTES}, {@link MAX_LISTED} entries and {@link MAX_LINE_CHARACTERS} a line.
 * What others than root can write is refused: whoever writes it decides who is shut out. A file that
 * is empty, or of which more lines are bad than good, is a download that failed and not a list.
 */
import { constants, type Stats } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { isSystemError } from "../../errors.ts";
import { PrefixRows } from "../../net/prefix-rows.ts";
import { resolveTrustedPath } from "../executors/trusted-path.ts";
import { isOwnersOnly } from "../trust/text-file.ts";
import { blocksOfRange, EXPECTED_LINE, type ListedBlock, parseListedLine } from "./listed-line.ts";
import { takeListed, WIDEST_LISTED_BITS } from "./never-listed.ts";

/** Of one file, and of the set that all files are together. */
export const MAX_LISTED = 2_000_000;

const MAX_FILE_BYTES = 256 * 1_048_576;

/** Longer lines are bad. */
const MAX_LINE_CHARACTERS = 4096;

/** Bad lines that are told, the first of them. */
const MAX_TOLD = 3;

const CHUNK_BYTES = 65_536;

/** A file as it was read. */
export interface Blocklist {
  readonly path: string;
  /** The origin of a row is its line, from 1. */
  readonly rows: Readonly<Record<4 | 6, PrefixRows>>;
  /** Lines that name somebody, those included of which nothing is taken. */
  readonly entries: number;
  /** Entries that are private or reserved space, or wider than is taken, in whole or in part. */
  readonly withheld: number;
  /** Lines that are no entry. */
  readonly bad: number;
  /** The first of both, one sentence each, with file and line. */
  readonly told: readonly string[];
}

export type ListReading =
  | { readonly status: "read"; readonly list: Blocklist }
  | { readonly status: "unreadable"; readonly reason: string }
  /** Somebody was writing it: to be read once more. */
  | { readonly status: "changing" };

/** Reads a file. Never rejects for what a file can be. */
export async function readBlocklist(path: string): Promise<ListReading> {
  let handle: FileHandle | undefined;
  try {
    const resolved = resolveTrustedPath(path);
    if (resolved.status === "refused") return unreadable(`${path}: ${resolved.reason}`);
    // Not blocking, or opening a FIFO would wait for its writer.
    handle = await open(resolved.path, constants.O_RDONLY | constants.O_NONBLOCK);
    const before = await handle.stat();
    const fault = faultOfFile(before);
    if (fault !== undefined) return unreadable(`${path} ${fault}`);
    const reader = new BlocklistReader(path);
    const tooMany = await readWhole(handle, reader);
    if (tooMany !== undefined) return unreadable(tooMany);
    if (isOther(before, await handle.stat())) return { status: "changing" };
    return reader.finish();
  } catch (error) {
    if (!isSystemError(error)) throw error;
    if (error.code === "ENOENT") return unreadable(`${path} does not exist`);
    return unreadable(`${path} cannot be read: ${error.code ?? error.message}`);
  } finally {
    await handle?.close();
  }
}

async function readWhole(handle: FileHandle, reader: BlocklistReader): Promise<string | undefined> {
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  for (let total = 0; ; ) {
    const { bytesRead } = await handle.read(chunk, 0, CHUNK_BYTES, null);
    if (bytesRead === 0) return undefined;
    total += bytesRead;
    if (total > MAX_FILE_BYTES) return `${reader.path} is longer than ${MAX_FILE_BYTES} bytes`;
    // One character a byte: what is not ASCII can stand in comments alone.
    const fault = reader.take(chunk.toString("latin1", 0, bytesRead));
    if (fault !== undefined) return fault;
  }
}

/** Takes the text of one file piece by piece. */
export class BlocklistReader {
  readonly path: string;
  readonly #rows = { 4: new PrefixRows(4), 6: new PrefixRows(6) };
  readonly #told: string[] = [];
  #rest = "";
  #isInLongLine = false;
  #line = 0;
  #characters = 0;
  #entries = 0;
  #withheld = 0;
  #bad = 0;

  constructor(path: string) {
    this.path = path;
  }

  /** @returns why it reads no further; undefined when it does. */
  take(text: string): string | undefined {
    this.#characters += text.length;
    const lines = (this.#rest + text).split("\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines) this.#takeLine(line);
    if (this.#rest.length > MAX_LINE_CHARACTERS) {
      this.#rest = "";
      this.#isInLongLine = true;
    }
    const rows = this.#rows[4].length + this.#rows[6].length;
    return rows > MAX_LISTED ? `${this.path} has more than ${MAX_LISTED} entries` : undefined;
  }

  /** The end of the text. Called once. */
  finish(): ListReading {
    if (this.#rest !== "" || this.#isInLongLine) this.#takeLine(this.#rest);
    this.#rest = "";
    const { path } = this;
    if (this.#characters === 0) return unreadable(`${path} is empty`);
    if (this.#bad > this.#entries) {
      const some = `${this.#bad} of its lines are no entries`;
      return unreadable(`${path} is no blocklist, ${some}: ${this.#told.join("; ")}`);
    }
    const counts = { entries: this.#entries, withheld: this.#withheld, bad: this.#bad };
    return { status: "read", list: { path, rows: this.#rows, ...counts, told: this.#told } };
  }

  #takeLine(raw: string): void {
    this.#line += 1;
    if (this.#isInLongLine || raw.length > MAX_LINE_CHARACTERS) {
      this.#isInLongLine = false;
      this.#tellBad(`a line is longer than ${MAX_LINE_CHARACTERS} characters`);
      return;
    }
    // A byte order mark in UTF-8, read byte by byte.
    const text = this.#line === 1 ? raw.replace(/^\xef\xbb\xbf/, "") : raw;
    const parsed = parseListedLine(text);
    switch (parsed.kind) {
      case "nothing":
        return;
      case "bad":
        this.#tellBad(`"${quoted(text)}" is no entry: expected ${EXPECTED_LINE}`);
        return;
      case "block":
        this.#entries += 1;
        if (!this.#takeBlock(parsed)) this.#tellWithheld(text);
        return;
      case "range": {
        this.#entries += 1;
        const blocks = [...blocksOfRange(parsed)];
        const isTooWide = blocks.some(({ family, bits }) => bits < WIDEST_LISTED_BITS[family]);
        // All of a range or, where it is too wide, none of it.
        const isWhole = !isTooWide && blocks.map((block) => this.#takeBlock(block)).every(Boolean);
        if (!isWhole) this.#tellWithheld(text);
        return;
      }
    }
  }

  /** @returns whether all of it was taken. */
  #takeBlock({ family, first, bits }: ListedBlock): boolean {
    return takeListed(this.#rows[family], first, bits, this.#line) === "added";
  }

  #tellWithheld(text: string): void {
    this.#withheld += 1;
    const what = "private, reserved, or too wide: that part of it shuts out nobody";
    this.#tell(`"${quoted(text)}" is ${what}`, this.#withheld);
  }

  #tellBad(fault: string): void {
    this.#bad += 1;
    this.#tell(fault, this.#bad);
  }

  #tell(fault: string, count: number): void {
    if (count <= MAX_TOLD) this.#told.push(`${this.path}:${this.#line}: ${fault}`);
  }
}

function faultOfFile(stats: Stats): string | undefined {
  if (!stats.isFile()) return "is no file";
  if (!isOwnersOnly(stats)) return "can be written by others than root";
  return stats.size > MAX_FILE_BYTES ? `is longer than ${MAX_FILE_BYTES} bytes` : undefined;
}

function isOther(before: Stats, after: Stats): boolean {
  return before.size !== after.size || before.mtimeMs !== after.mtimeMs;
}

function unreadable(reason: string): ListReading {
  return { status: "unreadable", reason };
}

/** What is quoted ends in logs and tables, so nothing but printable ASCII is. */
function quoted(text: string): string {
  return text
    .trim()
    .slice(0, 60)
    .replace(/[^\x20-\x7e]/g, "?");
}
