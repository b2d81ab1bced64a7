/**
 * The bans in force as text for other firewalls: one address or prefix a line, in their order.
 *
 * Sorted and merged in columns of 9 bytes a ban, so that a million does not fill memory, and in
 * steps, so that the guard reads its probes in between. One list is made at a time.
 */
import { createHash } from "node:crypto";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { BanList, BanListRequest } from "../api/operator.ts";
import type { Journal } from "../journal/journal.ts";
import type { Ban } from "../model/ban.ts";
import { isStronger } from "../model/evidence.ts";
import { formatWords, wordsOf } from "../net/address-words.ts";
import { mergeRows } from "../net/merge-rows.ts";
import { familyOfPrefix, firstAddressOf, lengthOf } from "../net/prefix.ts";
import { PrefixRows } from "../net/prefix-rows.ts";

/** Bans read, and lines written, in one turn of the event loop. */
const BANS_A_TURN = 500;
const LINES_A_TURN = 2000;

type Rows = Readonly<Record<4 | 6, PrefixRows>>;

export class BanLists {
  readonly #journal: Pick<Journal, "eachActiveBan">;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(journal: Pick<Journal, "eachActiveBan">) {
    this.#journal = journal;
  }

  /** Made of the bans as they stand; waits for the list before it. */
  list(request: BanListRequest): Promise<BanList> {
    const made = this.#turn.then(() => makeList(this.#journal, request));
    this.#turn = made.catch(() => undefined);
    return made;
  }
}

async function makeList(
  journal: Pick<Journal, "eachActiveBan">,
  request: BanListRequest,
): Promise<BanList> {
  const rows: Rows = { 4: new PrefixRows(4), 6: new PrefixRows(6) };
  for (const bans of journal.eachActiveBan(BANS_A_TURN)) {
    for (const ban of bans) if (isWanted(ban, request)) addBan(rows, ban);
    await nextTurn();
  }
  const merged = ([4, 6] as const).map((family) => mergeRows(family, [rows[family]]));
  const hash = createHash("sha256");
  for await (const text of textOf(merged)) hash.update(text);
  return { tag: hash.digest("hex").slice(0, 32), text: () => textOf(merged) };
}

/** What a person has banned is wanted whatever it stands on. */
function isWanted({ prefix, origin, evidence }: Ban, request: BanListRequest): boolean {
  if (request.family !== undefined && familyOfPrefix(prefix) !== request.family) return false;
  return origin === "operator" || !isStronger(request.evidence, evidence);
}

function addBan(rows: Rows, { prefix }: Ban): void {
  rows[familyOfPrefix(prefix)].add(wordsOf(firstAddressOf(prefix)), lengthOf(prefix), 0);
}

async function* textOf(merged: readonly PrefixRows[]): AsyncGenerator<string> {
  for (const rows of merged) {
    for (let first = 0; first < rows.length; first += LINES_A_TURN) {
      const lines: string[] = [];
      const end = Math.min(first + LINES_A_TURN, rows.length);
      for (let row = first; row < end; row += 1) lines.push(lineOf(rows, row));
      yield `${lines.join("\n")}\n`;
      await nextTurn();
    }
  }
}

/** An address alone is written without its length. */
function lineOf(rows: PrefixRows, row: number): string {
  const isIpv4 = rows.family === 4;
  const words = isIpv4
    ? Uint32Array.of(0, 0, 0xffff, rows.word(row, 0))
    : Uint32Array.from({ length: 4 }, (_, index) => rows.word(row, index));
  const bits = rows.bits(row);
  return bits === (isIpv4 ? 32 : 128) ? formatWords(words) : `${formatWords(words)}/${bits}`;
}
