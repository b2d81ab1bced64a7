/** The columns of the table, in their order: Vedette first. */
import { CROWDSEC } from "./crowdsec.ts";
import type { EngineEntry } from "./engine.ts";
import { PORTSENTRY } from "./portsentry.ts";
import { PSAD } from "./psad.ts";
import { SCANLOGD } from "./scanlogd.ts";
import { SIMPLE_SCAN } from "./simple-scan.ts";
import { SNORT } from "./snort.ts";
import { VEDETTE, VEDETTE_STRICT } from "./vedette.ts";

/** Ours, and then those of others by how much they ask for before they convict. */
export const ENGINES: readonly EngineEntry[] = [
  VEDETTE,
  VEDETTE_STRICT,
  PORTSENTRY,
  PSAD,
  SCANLOGD,
  CROWDSEC,
  SNORT,
  SIMPLE_SCAN,
];
