/** Writes docs/table.nft: the nftables table that the default configuration gives. */
import { writeFileSync } from "node:fs";
import { loadConfigurationTexts } from "../src/config/load.ts";
import { DEFAULT_EPHEMERAL, planTable } from "../src/daemon/table-plan.ts";
import { buildTable } from "../src/kernel/table.ts";

const options = planTable(loadConfigurationTexts({}), false, DEFAULT_EPHEMERAL);
writeFileSync(new URL("../docs/table.nft", import.meta.url), buildTable(options));
