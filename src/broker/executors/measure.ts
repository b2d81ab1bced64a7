/**
 * What the kernel has counted, and how many sources it holds.
 *
 * Asked by netlink and not of nft, which would load every element of every set first.
 */
import type { TableReader } from "../../kernel/table-reader.ts";
import type { KernelCounters, Measurement } from "../protocol.ts";

/** Held sources are counted up to here: under a flood the exact number is worth no half second. */
export const MAX_COUNTED = 20_000;

/** The part of {@link TableReader} that is asked. */
export type TableCounts = Pick<TableReader, "counters" | "countElements">;

/** Zeros while the table is gone: it is being put back, and a guard does not end over a number. */
export function readCounters(reader: TableCounts): KernelCounters {
  const packets = reader.counters();
  const of = (name: string) => packets?.get(name) ?? 0;
  return {
    holds: of("holds"),
    refused: of("refused"),
    shutOut: of("shut_out"),
    trusted: of("trusted"),
    full: of("full"),
    unlogged: of("unlogged"),
  };
}

/** Sources held at this moment, {@link MAX_COUNTED} for that many or more of a family. */
export function countHeld(reader: TableCounts): number {
  return reader.countElements("held4", MAX_COUNTED) + reader.countElements("held6", MAX_COUNTED);
}

/** Both. */
export function measureTable(reader: TableCounts): Measurement {
  return { counters: readCounters(reader), held: countHeld(reader) };
}
