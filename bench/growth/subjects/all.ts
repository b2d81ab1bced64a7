/** The subjects, in the order in which they are measured and written. */
import type { Subject } from "../subject.ts";
import { BANS } from "./bans.ts";
import { CAMPAIGNS } from "./campaigns.ts";
import { CLIENTS } from "./clients.ts";
import { SOURCES } from "./sources.ts";

export const SUBJECTS: readonly Subject[] = [SOURCES, BANS, CAMPAIGNS, CLIENTS];
