/**
 * Puts placed bans into their sets and looks whether they are there.
 *
 * A batch is one transaction; when the kernel refuses it, each ban is tried alone, so that one bad
 * ban does not cost the others. Nothing is reported as "applied" that the kernel did not take.
 */
import type { Nftables } from "../../kernel/nftables.ts";
import type { TableReader } from "../../kernel/table-reader.ts";
import type { BanOrder } from "../../model/ban-order.ts";
import type { Outcome } from "../../model/order.ts";
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

export class BanWriter {
  readonly #nft: Pick<Nftables, "run">;
  readonly #reader: Pick<TableReader, "hasAddress">;

  constructor(nft: Pick<Nftables, "run">, reader: Pick<TableReader, "hasAddress">) {
    this.#nft = nft;
    this.#reader = reader;
  }

  /** Makes the bans, no prefix twice. @returns an outcome for each prefix. */
  write(bans: readonly PlacedBan[], mode: WriteMode): Map<Prefix, Outcome> {
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
        const reason = `not in ${place.set} after it was put there`;
        outcomes.set(
          prefix,
          missing.has(prefix) ? { status: "failed", reason } : { status: "applied" },
        );
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
    return new Map(bans.flatMap((ban) => [...this.write([ban], mode)]));
  }

  #missing(bans: readonly PlacedBan[]): Set<Prefix> {
    return new Set(bans.filter(({ place }) => !this.stands(place)).map(({ prefix }) => prefix));
  }
}

function elementOf({ place, timeoutMs }: PlacedBan) {
  return { text: place.text, timeoutMs };
}

/** The library quotes the command below its message. */
function firstLine(reason: string): string {
  return reason.split("\n", 1)[0] ?? reason;
}
