/**
 * Builds the table, and puts it back when somebody else takes it away.
 *
 * Every change of the ruleset by anybody raises a generation number; asking for it costs two system
 * calls, so it is asked {@link CHECKS_A_SECOND} times a second, and only when it has moved are
 * chains and rules read and compared. What differs is rebuilt in one transaction.
 */
import { readFileSync } from "node:fs";
import { OperationalError } from "../errors.ts";
import { RulesetGeneration } from "../kernel/generation.ts";
import type { Nftables, NftablesOutcome } from "../kernel/nftables.ts";
import { buildStopped, buildTable } from "../kernel/table.ts";
import type { ListedSet, TableOptions } from "../kernel/table-options.ts";
import { TableReader } from "../kernel/table-reader.ts";
import { buildSets, TABLE } from "../kernel/table-sets.ts";

const CHECKS_A_SECOND = 4;

/** Groups that somebody listens to in this network namespace; root may read it. */
const NFLOG_LISTENERS = "/proc/net/netfilter/nfnetlink_log";

/** What was found when the ruleset had changed: the table, its rules, or elements of its sets. */
export type TableChange = "gone" | "altered" | "emptied";

/** What becomes of a change by others. */
export interface TableWatch {
  /** Whether bans and trust that should stand do; asked after every change of the ruleset. */
  readonly areSetsIntact: () => boolean;
  /** Called after the table stands again; its bans are to be brought back. */
  readonly onRebuilt: (change: TableChange) => void;
  /** The table could not be put back; it is tried again. */
  readonly onFailure: (reason: string) => void;
}

export class TableKeeper {
  readonly #nftables: Nftables;
  #options: TableOptions;
  readonly #generation = new RulesetGeneration();
  readonly #reader = new TableReader();
  /** What an earlier run has left goes on being asked until it is known what is wanted. */
  #listed: readonly ListedSet[] = this.#reader.listedSets();
  #expected: string | undefined;
  #fillSets: () => void = () => {};
  #seenGeneration: number | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(nftables: Nftables, options: TableOptions) {
    this.#nftables = nftables;
    this.#options = options;
  }

  /**
   * Builds the table or replaces its rules; sets of an earlier run stand, with their elements.
   * @param fillSets writes trust and grace into the sets; called before the first rule stands, and
   *   again whenever the table had to be put back.
   * @returns "replaced" when sets of another shape stood, which are gone with their elements.
   * @throws {OperationalError} ERR_KERNEL when the kernel refuses it.
   */
  build(fillSets = this.#fillSets): "kept" | "replaced" {
    this.#fillSets = fillSets;
    // Read before anything is done: a change by others in between then causes one more look.
    this.#seenGeneration = this.#generation.read();
    const options = { ...this.#options, listed: this.#listed };
    const sets = buildSets(options).join("\n");
    const isSameShape = [1, 2].some(() => this.#nftables.run(sets).status === "ok");
    if (!isSameShape) {
      // Sets of another version cannot be changed: begin anew. The journal brings the bans back.
      this.#run(`add table ${TABLE}\ndelete table ${TABLE}\n${sets}`);
    }
    fillSets();
    this.#run(buildTable(options));
    this.#expected = this.#reader.fingerprint();
    return isSameShape ? "kept" : "replaced";
  }

  /**
   * Replaces the rules by those of other options, in one transaction; sets stand.
   * @throws {OperationalError} ERR_KERNEL when the kernel refuses it; the old rules stand then.
   */
  rebuild(options: TableOptions): void {
    const before = this.#options;
    this.#options = options;
    try {
      this.build();
    } catch (error) {
      if (!(error instanceof OperationalError)) throw error;
      this.#options = before;
      // The rules are the old ones; the sets that the configuration fills may not be.
      this.build();
      throw error;
    }
  }

  /**
   * Asks these sets, which stand and are filled, in the place of those of the load before, in one
   * transaction.
   * @throws {OperationalError} ERR_KERNEL when the kernel refuses it; the old rules stand then.
   */
  askListed(listed: readonly ListedSet[]): void {
    const before = this.#listed;
    this.#listed = listed;
    try {
      this.build();
    } catch (error) {
      this.#listed = before;
      throw error;
    }
  }

  /** Looks for changes by others from now on. */
  watch({ areSetsIntact, onRebuilt, onFailure }: TableWatch): void {
    this.#timer = setInterval(() => {
      const generation = this.#generation.read();
      if (generation === this.#seenGeneration) return;
      this.#seenGeneration = generation;
      const found = this.#reader.fingerprint();
      const isEmptied = found === this.#expected;
      if (isEmptied && areSetsIntact()) return;
      try {
        this.build();
        onRebuilt(isEmptied ? "emptied" : found === undefined ? "gone" : "altered");
      } catch (error) {
        if (!(error instanceof OperationalError)) throw error;
        // Tried again at the next look.
        this.#seenGeneration = undefined;
        onFailure(error.message);
      }
    }, 1000 / CHECKS_A_SECOND);
  }

  /** Stops watching. Called once. */
  close(): void {
    clearInterval(this.#timer);
    this.#generation.close();
    this.#reader.close();
  }

  /** Leaves the bans in force and nothing else. @returns why it could not. */
  leaveBans(): string | undefined {
    return failureOf(this.#nftables.run(buildStopped({ ...this.#options, listed: this.#listed })));
  }

  /** Takes the table away, and every ban with it. @returns why it could not. */
  remove(): string | undefined {
    return failureOf(this.#nftables.run(`add table ${TABLE}\ndelete table ${TABLE}`));
  }

  #run(commands: string): void {
    const outcome = this.#nftables.run(commands);
    if (outcome.status === "ok") return;
    throw new OperationalError("ERR_KERNEL", `nftables refused the table: ${outcome.reason}`);
  }
}

function failureOf(outcome: NftablesOutcome): string | undefined {
  return outcome.status === "failed" ? outcome.reason : undefined;
}

/**
 * A guard of this network namespace that is alive, found by the log group that its table names.
 * @returns that group, when somebody listens to it.
 */
export function findListenedGroup(): number | undefined {
  const reader = new TableReader();
  const group = reader.logGroup();
  reader.close();
  return group !== undefined && readListenedGroups().has(group) ? group : undefined;
}

function readListenedGroups(): Set<number> {
  try {
    const lines = readFileSync(NFLOG_LISTENERS, "utf8").split("\n");
    return new Set(lines.map((line) => Number.parseInt(line, 10)).filter(Number.isInteger));
  } catch {
    // The module is loaded with the first group: no file, no listener.
    return new Set();
  }
}
