/** Configuration keys of who is judged a scanner. */
import { choice, count, duration, flag } from "../key-types.ts";
import { portsentryTrigger } from "../portsentry-numbers.ts";
import type { TriggerOptions } from "./trigger.ts";

/** Keys of this folder by their name in the file. */
export const detectorKeys = {
  DETECTOR: choice({
    default: "sequential",
    portsentry: "trigger",
    about:
      "How probes are judged. sequential: by how likely they come from a scanner: four unused " +
      "ports of TCP convict, SCORE_HALF_LIFE says at what pace; a trap port (TRAP_PORTS) counts " +
      "twice, and so do flags that no stack sends (NULL, XMAS and the like), UDP half. trigger: by " +
      "a number, SCAN_TRIGGER.",
    values: { sequential: "sequential", trigger: "trigger" },
  }),
  STRICT: flag({
    default: "0",
    about:
      "With DETECTOR sequential: three unused ports convict instead of four. For machines whose " +
      "clients never try a port in vain.",
  }),
  SCORE_HALF_LIFE: duration({
    default: "6h",
    minMs: 60_000,
    maxMs: 2_592_000_000,
    about:
      "With DETECTOR sequential: how long until what was seen of a source is worth half. With 6h " +
      "a scan of a port every three hours is found, and one of a port every four is not.",
  }),
  SCAN_TRIGGER: count({
    default: "3",
    portsentry: "0",
    min: 0,
    max: 65_535,
    about:
      "With DETECTOR trigger: different unused ports, or hits, that make a scan, within " +
      "RECORD_TIME; TRIGGER_COUNTS says which. 0 and 1: the first probe is enough.",
    asPortSentry: portsentryTrigger,
  }),
  TRIGGER_COUNTS: choice<TriggerOptions["counts"]>({
    default: "ports",
    portsentry: "hits",
    about:
      "What SCAN_TRIGGER counts. ports: different unused ports, so that a client that tries one " +
      "stopped service again and again is none. hits: every probe, as PortSentry counts.",
    values: { ports: "distinct-ports", hits: "hits" },
  }),
  RECORD_TIME: duration({
    default: "24h",
    minMs: 60_000,
    maxMs: 2_592_000_000,
    about: "How long a source is remembered after its last probe that counted.",
  }),
  CAMPAIGN_QUIET: duration({
    default: "30m",
    minMs: 1000,
    maxMs: 604_800_000,
    about:
      "When a source has sent no probe for so long, its scan is over and its whole story is told. " +
      "What a ban or another firewall stops is no probe. A slower scan has a story for each part.",
  }),
  MAX_SOURCES: count({
    default: "65536",
    min: 1,
    max: 1_048_576,
    about:
      "Sources that are remembered at once. When there are more, the least convincing and idlest " +
      "are forgotten.",
  }),
};
