/**
 * Puts placed bans into their sets and looks whether they are there.
 *
 * A batch is one transaction, in bulk one a set; when the kernel refuses it, each ban is tried alone,
 * so that one bad ban does not cost the others. Nothing is reported as "applied" that the kernel did
 * not take.
 */
import { type ElementWriter, TIMED_ELEMENTS_AT_ONCE } from "../../kernel/element-writer.ts";
import type { Nftables } from "../../kernel/nftables.ts";
import type { TableReader } from "../../kernel/table-reader.ts";
import type { BanOrder } from "../../model/ban-order.ts";
import type { Outcome } from "../../model/order.ts";
import { writeWords } from "../../net/address-words.ts";
import { familyOf } from "../../net/ip-address.ts";
import type { Prefix } from "../../net/prefix.ts";
import type { BanPlace } from "./ban-sets.ts";
import { addCommand, deleteCommand, replaceCommand } from "./set-commands.ts";

/** A ban whose set is chosen. */
export interface PlacedBan extends BanOrder {
  readonly place: BanPlace;
}

/**
 * `renew`: a standing ban gets the new time, and every element is looked up afterwards. `bulk`: for
 * restoring a million; a standing ban may keep its time, and the last of each set is looked up.
 */
export type WriteMode = "renew" | "bulk";

/** One for all: a million are brought back. */
const APPLIED: Outcome = { status: "applied" };

export interface BanWriterParts {
  readonly nft: Pick<Nftables, "run">;
  readonly elements: Pick<ElementWriter, "add">;
  readonly reader: Pick<TableReader, "hasAddress">;
}

export class BanWriter {
  readonly #nft: BanWriterParts["nft"];
  readonly #elements: BanWriterParts["elements"];
  readonly #reader: BanWriterParts["reader"];

  constructor({ nft, elements, reader }: BanWriterParts) {
    this.#nft = nft;
    this.#elements = elements;
    this.#reader = reader;
  }

  /** Makes the bans, no prefix twice. @returns an outcome for each prefix. */
  write(bans: readonly PlacedBan[], mode: WriteMode): Map<Prefix, Outcome> {
    return mode === "bulk" ? this.#writeMany(bans) : this.#writeText(bans, mode);
  }

  /** By nft where there are intervals, which are few; else by netlink, in a third of the time. */
  #writeMany(bans: readonly PlacedBan[]): Map<Prefix, Outcome> {
    const outcomes = new Map<Prefix, Outcome>();
    for (const [set, placed] of Map.groupBy(bans, ({ place }) => place.set)) {
      for (let from = 0; from < placed.length; from += TIMED_ELEMENTS_AT_ONCE) {
        const batch = placed.slice(from, from + TIMED_ELEMENTS_AT_ONCE);
        if (!this.#addElements(set, batch)) {
          for (const [prefix, outcome] of this.#writeText(batch, "bulk")) {
            outcomes.set(prefix, outcome);
          }
          continue;
        }
        for (const { prefix } of batch) outcomes.set(prefix, APPLIED);
        const last = batch.at(-1) as PlacedBan;
        if (!this.stands(last.place)) outcomes.set(last.prefix, lostIn(set));
      }
    }
    return outcomes;
  }

  /** @returns false when nothing was written, be it that the set is one of intervals. */
  #addElements(set: string, bans: readonly PlacedBan[]): boolean {
    const [first] = bans;
    if (first === undefined || first.place.isInterval) return false;
    const wordsEach = familyOf(first.place.first) === 4 ? 1 : 4;
    const words = new Uint32Array(bans.length * wordsEach);
    const address = new Uint32Array(4);
    let at = 0;
    for (const { place } of bans) {
      writeWords(place.first, address);
      for (let word = 4 - wordsEach; word < 4; word += 1, at += 1) words[at] = address[word] ?? 0;
    }
    const timeoutsMs = bans.map(({ timeoutMs }) => timeoutMs);
    return this.#elements.add(set, words, wordsEach, timeoutsMs).status === "done";
  }

  #writeText(bans: readonly PlacedBan[], mode: WriteMode): Map<Prefix, Outcome> {
    const outcomes = new Map<Prefix, Outcome>();
    if (bans.length === 0) return outcomes;
    const bySet = Map.groupBy(bans, ({ place }) => place.set);
    const encode = mode === "renew" ? replaceCommand : addCommand;
    const outcome = this.#nft.run(
      [...bySet].map(([set, placed]) => encode(set, placed.map(elementOf))).join(""),
    );
    if (outcome.status === "failed") return this.#writeAlone(bans, mode, outcome.reason);
    for (const placed of bySet.values()) {
      const missing = this.#missing(mode === "renew" ? placed : placed.slice(-1));
      for (const { prefix, place } of placed) {
        outcomes.set(prefix, missing.has(prefix) ? lostIn(place.set) : APPLIED);
      }
    }
    return outcomes;
  }

  /**
   * @returns whether the element is in its set; in an interval set, whether an interval holds it.
   */
  stands(place: BanPlace): boolean {
    return this.#reader.hasAddress(place.set, place.first);
  }

  /** Takes out an element that stands. */
  remove(place: BanPlace): Outcome {
    const outcome = this.#nft.run(deleteCommand(place.set, [place.text]));
    if (outcome.status === "ok") return { status: "applied" };
    return { status: "failed", reason: firstLine(outcome.reason) };
  }

  #writeAlone(bans: readonly PlacedBan[], mode: WriteMode, reason: string): Map<Prefix, Outcome> {
    const [only, ...others] = bans;
    if (only !== undefined && others.length === 0) {
      return new Map([[only.prefix, { status: "failed", reason: firstLine(reason) }]]);
    }
    return new Map(bans.flatMap((ban) => [...this.#writeText([ban], mode)]));
  }

  #missing(bans: readonly PlacedBan[]): Set<Prefix> {
    return new Set(bans.filter(({ place }) => !this.stands(place)).map(({ prefix }) => prefix));
  }
}

function lostIn(set: string): Outcome {
  return { status: "failed", reason: `not in ${set} after it was put there` };
}

function elementOf({ place, timeoutMs }: PlacedBan) {
  return { text: place.text, timeoutMs };
}

/** The library quotes the command below its message. */
function firstLine(reason: string): string {
  return reason.split("\n", 1)[0] ?? reason;
}
