/** All made scenarios, in the order of the table. */
import type { ScenarioMaker } from "../scenario.ts";
import { BACKGROUND } from "./background.ts";
import { FLOOD } from "./flood.ts";
import { HONEST } from "./honest.ts";
import { FRAMED, MANY_SENDERS } from "./many-senders.ts";
import { HONEST_OFFICES, OFFICES_WITH_SCANNER } from "./nat.ts";
import { NMAP_TIMINGS } from "./nmap-timings.ts";
import { PASSIVE_FTP } from "./passive-ftp.ts";
import { UDP_SCAN } from "./udp-scan.ts";

/** See the file comment. */
export const MADE_SCENARIOS: readonly ScenarioMaker[] = [
  ...NMAP_TIMINGS,
  UDP_SCAN,
  ...MANY_SENDERS,
  FLOOD,
  OFFICES_WITH_SCANNER,
  BACKGROUND,
  ...HONEST,
  PASSIVE_FTP,
  HONEST_OFFICES,
  FRAMED,
];
