/** The rows, in the order in which they are measured and written. Start first: it is over then. */
import type { Row } from "../row.ts";
import { BAN_DELAY } from "./ban-delay.ts";
import { MANY_BANS, MILLION_BANS, NO_BANS, THOUSAND_BANS } from "./bans.ts";
import { DASHBOARD } from "./dashboard.ts";
import { FLOOD } from "./flood.ts";
import { IDLE, START } from "./idle.ts";
import { JOURNAL } from "./journal.ts";
import { LEAK } from "./leak.ts";
import { LEAK_TOOLS } from "./leak-tools.ts";
import { MANY_SOURCES } from "./many-sources.ts";
import { SHUT_OUT } from "./shut-out.ts";
import { THROUGHPUT } from "./throughput.ts";
import { NEW_CONNECTIONS, REQUESTS } from "./web.ts";

export const ROWS: readonly Row[] = [
  START,
  IDLE,
  NEW_CONNECTIONS,
  REQUESTS,
  THROUGHPUT,
  SHUT_OUT,
  BAN_DELAY,
  FLOOD,
  ...[NO_BANS, THOUSAND_BANS, MANY_BANS, MILLION_BANS],
  LEAK,
  LEAK_TOOLS,
  MANY_SOURCES,
  JOURNAL,
  DASHBOARD,
];
