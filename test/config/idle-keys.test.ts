import { describe, expect, it } from "vitest";
import { warningsOf } from "./warnings-of.ts";

describe("findIdleKeys", () => {
  it.each([
    {
      content: 'SCAN_TRIGGER="5"\nTRIGGER_COUNTS="hits"\n',
      warnings: [
        "line 1: SCAN_TRIGGER: has no effect while DETECTOR is sequential: it is for trigger",
        "line 2: TRIGGER_COUNTS: has no effect while DETECTOR is sequential: it is for trigger",
      ],
    },
    {
      content:
        'API_TOKEN_FILE="/etc/vedette/api.token"\nAPI_HOSTS="sentry.example.org"\n' +
        'API_READ_TOKEN_FILE="/etc/vedette/read.token"\n',
      warnings: [
        "line 1: API_TOKEN_FILE: has no effect while API_LISTEN is empty",
        "line 2: API_HOSTS: has no effect while API_LISTEN is empty",
        "line 3: API_READ_TOKEN_FILE: has no effect while API_LISTEN is empty",
      ],
    },
    { content: 'API_LISTEN="127.0.0.1:9847"\nAPI_HOSTS="sentry.example.org"\n', warnings: [] },
    {
      content: 'STRICT="1"\nDETECTOR="trigger"\n',
      warnings: ["line 1: STRICT: has no effect while DETECTOR is trigger: it is for sequential"],
    },
    { content: 'DETECTOR="trigger"\nSCAN_TRIGGER="5"\n', warnings: [] },
    { content: 'STRICT="1"\nSCORE_HALF_LIFE="1h"\n', warnings: [] },
    {
      content: 'PHANTOM_ANSWER="reset"\n',
      warnings: ["line 1: PHANTOM_ANSWER: has no effect while PHANTOM is off"],
    },
    {
      content: 'PHANTOM="traps"\nBLOCK_TCP="0"\n',
      warnings: ["line 1: PHANTOM: has no effect: BLOCK_TCP is 0 or 2, which changes no answer"],
    },
    {
      content: 'PHANTOM="all"\nTCP_MODE="tcp"\nPHANTOM_RATE="5"\n',
      warnings: ["line 1: PHANTOM: has no effect: TCP_MODE watches nothing in the kernel"],
    },
    { content: 'PHANTOM="traps"\nPHANTOM_ANSWER="reset"\n', warnings: [] },
    { content: 'PHANTOM="off"\n', warnings: [] },
    {
      content: 'PROOF="handshake"\n',
      warnings: [
        "line 1: PROOF: handshake bans nobody while there is nothing to connect to: set PHANTOM, " +
          "or TCP_MODE to tcp",
      ],
    },
    { content: 'PROOF="handshake"\nPHANTOM="traps"\n', warnings: [] },
    { content: 'PROOF="handshake"\nTCP_MODE="tcp"\nTCP_PORTS="1"\n', warnings: [] },
    { content: 'PROOF="alive"\n', warnings: [] },
    {
      content: 'PHANTOM="traps"\nTRAP_PORTS=""\n',
      warnings: [
        'line 1: PHANTOM: traps has no effect: TRAP_PORTS ("") has no port that ' +
          "ADVANCED_EXCLUDE_TCP (113) leaves; expected a trap, or PHANTOM all or off",
      ],
    },
    {
      content: 'PHANTOM="traps"\nTRAP_PORTS="23"\nADVANCED_EXCLUDE_TCP="22-23"\n',
      warnings: [
        'line 1: PHANTOM: traps has no effect: TRAP_PORTS ("23") has no port that ' +
          "ADVANCED_EXCLUDE_TCP (22-23) leaves; expected a trap, or PHANTOM all or off",
        "line 2: TRAP_PORTS: 23: 23 is no trap, because ADVANCED_EXCLUDE_TCP (22-23) excludes it: " +
          "expected each port in one of the two",
      ],
    },
    {
      content: 'OTHER_EXCLUDE="2,47"\n',
      warnings: ["line 1: OTHER_EXCLUDE: has no effect while SENSE_OTHER is 0"],
    },
    { content: 'OTHER_EXCLUDE="2,47"\nSENSE_OTHER="1"\n', warnings: [] },
    {
      content: 'PROOF="none"\nCHALLENGE_RATE="500"\n',
      warnings: ["line 2: CHALLENGE_RATE: has no effect while PROOF is none: nobody is asked"],
    },
    {
      content: 'BLOCK_TCP="0"\nCHALLENGE_RATE="500"\n',
      warnings: [
        "line 2: CHALLENGE_RATE: has no effect: BLOCK_TCP is 0 or 2, which changes no answer",
      ],
    },
    { content: 'CHALLENGE_RATE="0"\nPROOF="none"\n', warnings: [] },
    { content: 'CHALLENGE_RATE="500"\n', warnings: [] },
    {
      content: 'PROOF="handshake"\nPHANTOM="traps"\nBAN_TIME_ALIVE="1h"\nCLAIMED_BANS="5"\n',
      warnings: [
        "line 3: BAN_TIME_ALIVE: has no effect while PROOF is handshake: only proven bans",
        "line 4: CLAIMED_BANS: has no effect while PROOF is handshake: only proven bans",
      ],
    },
    { content: "", warnings: [] },
  ])("$content -> $warnings", ({ content, warnings }) => {
    expect(warningsOf(content)).toEqual(warnings);
  });

  it("says nothing of PortSentry's own SCAN_TRIGGER", () => {
    const content = 'SCAN_TRIGGER="2"\nTCP_MODE="atcp"\n';
    expect(warningsOf(content, "portsentry.conf")).toEqual([]);
  });

  it("warns beside a fault, too", () => {
    const content = 'SCAN_TRIGGER="5"\nBLOCK_TCP="2"\n';
    expect(warningsOf(content)).toHaveLength(1);
  });
});
