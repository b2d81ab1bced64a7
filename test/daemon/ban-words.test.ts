import { describe, expect, it } from "vitest";
import { requireConfiguration } from "../../src/config/load.ts";
import { banWords } from "../../src/daemon/ban-words.ts";

function wordsOf(overrides: Readonly<Record<string, string>>): string | undefined {
  return banWords(requireConfiguration({ overrides }).values);
}

const AFTER_FOUR = "after 4 unused ports (a trap port counts twice, UDP half)";
const ALL_FOREVER = {
  BAN_TIME_CLAIMED: "forever",
  BAN_TIME_ALIVE: "forever",
  BAN_TIME_PROVEN: "forever",
};

describe("banWords", () => {
  it.each([
    {
      what: "names no proof where there is nothing to connect to",
      keys: {},
      words: `banned for 1 min (claimed) or 10 min (alive) ${AFTER_FOUR}`,
    },
    {
      what: "names proof where ports look open",
      keys: { PHANTOM: "traps" },
      words: `banned for 1 min (claimed), 10 min (alive) or 1 h (proven) ${AFTER_FOUR}`,
    },
    {
      what: "names all three where real listeners are",
      keys: { TCP_MODE: "tcp" },
      words: `banned for 1 min (claimed), 10 min (alive) or 1 h (proven) ${AFTER_FOUR}`,
    },
    {
      what: "names a claim alone where nobody is asked whether he is there",
      keys: { CHALLENGE_RATE: "0" },
      words: `banned for 1 min (claimed) ${AFTER_FOUR}`,
    },
    {
      what: "caps claimed bans with PROOF alive",
      keys: { BAN_TIME_CLAIMED: "5m" },
      words: `banned for 1 min (claimed) or 10 min (alive) ${AFTER_FOUR}`,
    },
    {
      what: "asks nobody with PROOF none, so that all stands on a claim",
      keys: { PROOF: "none", BAN_TIME_CLAIMED: "5m" },
      words: `banned for 5 min on a claim alone ${AFTER_FOUR}`,
    },
    {
      what: "tells more of who shows more with PROOF none",
      keys: { PROOF: "none", PHANTOM: "traps" },
      words: `banned for 1 min (claimed), 10 min (alive) or 1 h (proven) ${AFTER_FOUR}`,
    },
    {
      what: "says one time where all are the same",
      keys: { PROOF: "none", PHANTOM: "traps", ...ALL_FOREVER },
      words: `banned for good ${AFTER_FOUR}`,
    },
    {
      what: "promises no ban with PROOF handshake where there is nothing to connect to",
      keys: { PROOF: "handshake" },
      words: undefined,
    },
    {
      what: "promises none where the traps that would look open are none",
      keys: { PROOF: "handshake", PHANTOM: "traps", TRAP_PORTS: "" },
      words: undefined,
    },
    {
      what: "says what PROOF handshake waits for",
      keys: { PROOF: "handshake", PHANTOM: "all" },
      words: `banned for 1 h ${AFTER_FOUR}, once it has connected to two of them or to a trap port`,
    },
    {
      what: "promises no trap where none is",
      keys: { PROOF: "handshake", PHANTOM: "all", TRAP_PORTS: "" },
      words: "banned for 1 h after 4 unused ports (UDP half), once it has connected to two of them",
    },
    {
      what: "promises no trap with DETECTOR trigger",
      keys: { PROOF: "handshake", PHANTOM: "all", DETECTOR: "trigger" },
      words: "banned for 1 h after 3 unused ports, once it has connected to two of them",
    },
    {
      what: "asks for one connection where one probe is a scan",
      keys: { PROOF: "handshake", PHANTOM: "all", DETECTOR: "trigger", SCAN_TRIGGER: "1" },
      words: "banned for 1 h after 1 unused port, once it has connected to it",
    },
    {
      what: "asks for two connections whatever the hits",
      keys: {
        PROOF: "handshake",
        PHANTOM: "all",
        DETECTOR: "trigger",
        SCAN_TRIGGER: "5",
        TRIGGER_COUNTS: "hits",
      },
      words: "banned for 1 h after 5 hits, once it has connected to two unused ports",
    },
  ])("$what", ({ keys, words }) => {
    expect(wordsOf(keys)).toBe(words);
  });
});
