/** Configuration keys of what is remembered, and for how long. */
import { bytes, duration } from "../key-types.ts";

/** Keys of this folder by their name in the file. */
export const journalKeys = {
  JOURNAL_AGE: duration({
    default: "90d",
    minMs: 3_600_000,
    maxMs: 315_360_000_000,
    about:
      "How long campaigns, verdicts and ended bans stay in the journal. Bans in force stay, and so " +
      "do ended ones for as long as REPEAT_WITHIN counts them.",
  }),
  JOURNAL_SIZE: bytes({
    default: "512M",
    minBytes: 16_777_216,
    maxBytes: 1_099_511_627_776,
    about:
      "How large the history of campaigns and verdicts may get. Beyond it the oldest goes first: " +
      "campaigns that were no scan, then scans and single events by their time, and last what people " +
      "have asked for. Bans are kept apart, and stay.",
  }),
};
