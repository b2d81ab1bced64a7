import { describe, expect, it } from "vitest";
import { warningsOf } from "./warnings-of.ts";

describe("findDoubtfulSettings", () => {
  it.each([
    {
      content: 'PROOF="alive"\nBAN_TIME_CLAIMED="30s 61s"\n',
      warnings: [
        "line 2: BAN_TIME_CLAIMED: 30s 61s: with PROOF alive such a ban lasts a minute at most, " +
          "because anybody can forge it: expected no step over 1m",
      ],
    },
    {
      content: 'BAN_TIME_CLAIMED="forever"\n',
      warnings: [
        "line 1: BAN_TIME_CLAIMED: forever: with PROOF alive such a ban lasts a minute at most, " +
          "because anybody can forge it: expected no step over 1m",
      ],
    },
    { content: 'BAN_TIME_CLAIMED="30s 1m"\n', warnings: [] },
    {
      content: 'TRAP_PORTS=""\nADVANCED_EXCLUDE_TCP="1-65535"\n',
      warnings: [
        "line 2: ADVANCED_EXCLUDE_TCP: 1-65535: no port is watched: expected some that are not excluded",
      ],
    },
    { content: 'TRAP_PORTS=""\nADVANCED_EXCLUDE_TCP="2-65535"\n', warnings: [] },
    {
      content: 'SENSE_OTHER="1"\nNFT_BAN="0"\n',
      warnings: [
        "line 1: SENSE_OTHER: 1: who is convicted by it is not shut out while NFT_BAN is 0: expected NFT_BAN 1 with it",
      ],
    },
    { content: 'SENSE_OTHER="1"\n', warnings: [] },
    { content: 'PROOF="none"\nBAN_TIME_CLAIMED="10m"\n', warnings: [] },
    {
      content: 'PHANTOM="all"\n',
      warnings: [
        "line 1: PHANTOM: all: with PROOF alive a source is banned for what it claims, and sees " +
          "nothing open from there on: expected PROOF handshake with it",
      ],
    },
    { content: 'PHANTOM="all"\nPROOF="handshake"\n', warnings: [] },
    { content: 'PHANTOM="traps"\n', warnings: [] },
    {
      content: 'BAN_TIME_ALIVE="10m 1h 30m"\n',
      warnings: [
        "line 1: BAN_TIME_ALIVE: 10m 1h 30m: a later ban is shorter than the one before it: " +
          "expected steps that never shrink",
      ],
    },
    { content: 'BAN_TIME_ALIVE="10m 10m 1h"\n', warnings: [] },
    {
      content: 'BAN_TIME_ALIVE="2h"\n',
      warnings: [
        "line 1: BAN_TIME_ALIVE: 2h: longer than BAN_TIME_PROVEN (1h 1d 7d), which stands on more: " +
          "expected no step above its own",
      ],
    },
    {
      content: 'BAN_TIME_PROVEN="5m"\n',
      warnings: [
        "line 1: BAN_TIME_PROVEN: 5m: shorter than BAN_TIME_ALIVE (10m 1h 4h), which stands on " +
          "less: expected no step below its own",
      ],
    },
    {
      content: 'BAN_TIME_ALIVE="forever"\nBAN_TIME_PROVEN="1d"\n',
      warnings: [
        "line 1: BAN_TIME_ALIVE: forever: longer than BAN_TIME_PROVEN (1d), which stands on more: " +
          "expected no step above its own",
      ],
    },
    { content: 'BAN_TIME_ALIVE="forever"\nBAN_TIME_PROVEN="forever"\n', warnings: [] },
    { content: 'BAN_TIME_ALIVE="1h 1d 7d"\n', warnings: [] },
    {
      content: 'PROOF="none"\nBAN_TIME_CLAIMED="1h"\n',
      warnings: [
        "line 2: BAN_TIME_CLAIMED: 1h: longer than BAN_TIME_ALIVE (10m 1h 4h), which stands on " +
          "more: expected no step above its own",
      ],
    },
    // What is longer than a minute is not in force, and is told once.
    { content: 'BAN_TIME_ALIVE="2m"\nBAN_TIME_CLAIMED="1m"\n', warnings: [] },
    {
      content: 'BAN_TIME_ALIVE="30s"\n',
      warnings: [
        "line 1: BAN_TIME_ALIVE: 30s: shorter than BAN_TIME_CLAIMED (1m), which stands on less: " +
          "expected no step below its own",
      ],
    },
    {
      content: 'TRAP_PORTS="23,113,445"\n',
      warnings: [
        "line 1: TRAP_PORTS: 23,113,445: 113 is no trap, because ADVANCED_EXCLUDE_TCP (113) " +
          "excludes it: expected each port in one of the two",
      ],
    },
    {
      content: 'TRAP_PORTS="23,445-447"\nADVANCED_EXCLUDE_TCP="446,23,80"\n',
      warnings: [
        "line 1: TRAP_PORTS: 23,445-447: 23,446 are no traps, because ADVANCED_EXCLUDE_TCP " +
          "(446,23,80) excludes them: expected each port in one of the two",
      ],
    },
    // To exclude one of the default's is how it is meant.
    { content: 'ADVANCED_EXCLUDE_TCP="445"\n', warnings: [] },
    { content: "", warnings: [] },
  ])("$content -> $warnings", ({ content, warnings }) => {
    expect(warningsOf(content)).toEqual(warnings);
  });

  it("says nothing of what PortSentry's own files leave at its defaults", () => {
    const content =
      'TCP_MODE="atcp"\nBLOCK_TCP="1"\nKILL_ROUTE="/sbin/route add $TARGET$ reject"\n';
    expect(warningsOf(content, "portsentry.conf")).toEqual([]);
  });
});
