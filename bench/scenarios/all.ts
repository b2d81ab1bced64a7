/** All made scenarios, in the order of the table. They are made when they are asked for. */
import type { Scenario } from "../scenario.ts";
import { NMAP_TIMINGS } from "./nmap-timings.ts";

/** See the file comment. */
export const MADE_SCENARIOS: readonly (() => Scenario)[] = [...NMAP_TIMINGS];
