/** Who takes part, in the order of the columns; the first is what the others are compared with. */
import type { Contestant } from "./contestant.ts";
import { NONE } from "./none.ts";
import { PORTSENTRY_1 } from "./portsentry-1.ts";
import { PORTSENTRY_2 } from "./portsentry-2.ts";
import { SCANLOGD } from "./scanlogd.ts";
import { VEDETTE } from "./vedette.ts";

export const CONTESTANTS: readonly Contestant[] = [
  NONE,
  VEDETTE,
  PORTSENTRY_1,
  PORTSENTRY_2,
  SCANLOGD,
];
