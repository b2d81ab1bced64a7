/** Live events as lines, for where there is no terminal: a pipe, a log, a screen reader. */

import type { LiveEvent } from "../../api/contract.ts";
import { counted } from "../../counted.ts";
import { escapeInvisible } from "../../invisible-text.ts";
import { formatLocalSeconds } from "../times.ts";

/** @returns undefined for what is no news; the status comes every second. */
export function formatPlain(event: LiveEvent, timeZone: string | undefined): string | undefined {
  const at = (time: string) => formatLocalSeconds(Date.parse(time), timeZone);
  switch (event.kind) {
    case "status":
      return undefined;
    case "campaign": {
      const { change, campaign } = event;
      return `${at(event.at)}  ${change}  ${escapeInvisible(campaign.story)}`;
    }
    case "event": {
      const { kind, address, text, at: time } = event.event;
      const who = address === null ? "" : `${escapeInvisible(address)}  `;
      return `${at(time)}  ${escapeInvisible(kind)}  ${who}${escapeInvisible(text)}`;
    }
    case "lagged":
      return `${counted(event.dropped, "event is", "events are")} missing here: see vedette history`;
  }
}
