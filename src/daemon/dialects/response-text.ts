/**
 * What both dialects write of what was done to a source: in PortSentry's words where it has some,
 * else in ours. logwatch counts every `Host … has been blocked`.
 */
import type { LegacyResponse } from "../../broker/executors/deed.ts";
import { LEVEL_MARKS } from "../../logger.ts";
import { formatPrefix } from "../../net/prefix.ts";
import type { OwnEvent } from "./dialect.ts";

/** @returns the same for both dialects; the command or line as it was carried out is quoted. */
export function formatResponseDone(target: string, { name, text }: LegacyResponse): string {
  switch (name) {
    case "hosts-deny":
      return `attackalert: Host ${target} has been blocked via wrappers with string: "${text}"`;
    case "route":
      return `attackalert: Host ${target} has been blocked via dropped route using command: "${text}"`;
    case "command":
      return `attackalert: External command run for host: ${target} using command: "${text}"`;
  }
}

/** @returns the text without what 1.2 has before every text. */
export function formatOwnEvent(event: OwnEvent): string {
  switch (event.event) {
    case "banned":
      return `Host ${formatPrefix(event.target)} has been blocked via nftables ${event.span}`;
    case "not-banned":
      return `Host ${formatPrefix(event.target)} was not blocked: ${event.reason}`;
    case "unbanned":
      return `Host ${formatPrefix(event.target)} is let in again`;
    case "not-undone": {
      const { name, status, reason } = event.response;
      const why = reason === undefined ? "" : `: ${reason}`;
      return `Undoing response ${name} ${status} for host ${formatPrefix(event.target)}${why}`;
    }
    case "left-out":
      return `and ${event.count} more ${event.what}`;
    case "note":
      return `${LEVEL_MARKS[event.level]}${event.text}`;
  }
}
