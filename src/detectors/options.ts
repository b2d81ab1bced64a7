/** Configuration keys of who is judged a scanner. */
import { choice, count, duration } from "../key-types.ts";

/** Keys of this folder by their name in the file. */
export const detectorKeys = {
  DETECTOR: choice({
    default: "trigger",
    about: "How probes are judged. trigger: by the number of different unused ports.",
    values: { trigger: "trigger" },
  }),
  SCAN_TRIGGER: count({
    default: "3",
    min: 0,
    max: 1000,
    about:
      "Different unused ports that make a scan, within RECORD_TIME. 0 and 1: the first probe is " +
      "enough.",
  }),
  RECORD_TIME: duration({
    default: "24h",
    minMs: 60_000,
    maxMs: 2_592_000_000,
    about: "How long a source is remembered after its last probe.",
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
