/**
 * Prints how many IPv4 bans the kernel of this namespace holds. For sets of a million, which take
 * nft minutes to list.
 */
import { TableReader } from "../../src/kernel/table-reader.ts";

const reader = new TableReader();
process.stdout.write(`${reader.countElements("banned4", Number.MAX_SAFE_INTEGER)}\n`);
reader.close();
