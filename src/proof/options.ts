/** Configuration keys of finding out whether a source is real. */

import type { TableOptions } from "../kernel/table-options.ts";
import { choice, choiceByPort, count } from "../key-types.ts";
import type { PhantomAnswer } from "./phantom-script.ts";

/** Keys of this folder by their name in the file. */
export const proofKeys = {
  CHALLENGE_RATE: count({
    default: "1000",
    min: 0,
    max: 5000,
    about:
      "Questions a second to the sources of TCP probes: each is a SYN+ACK of 40 bytes (60 in " +
      "IPv6) that a machine which is there resets, so that its evidence is alive and not claimed. " +
      "No network (/24, /48) gets more than 10 and then one a second. A SYN scan may take the ports " +
      "for open that it is asked from. 0: nobody is asked; nor is anybody with PROOF none, as in " +
      "profile portsentry, or with BLOCK_TCP 0 or 2.",
  }),
  PHANTOM: choice<TableOptions["phantom"]>({
    default: "off",
    about:
      "Unused TCP ports that look open: the guard answers for them, and whoever completes a " +
      "handshake is proven. traps: TRAP_PORTS. all: every one that is watched, and to a held " +
      "source the real ones, too, so that a SYN scan learns nothing; that is for " +
      "PROOF handshake. off: none. With BLOCK_TCP 0 or 2 none does. docs/PHANTOM.md says what can " +
      "still be told.",
    values: { off: "off", traps: "traps", all: "all" },
  }),
  PHANTOM_ANSWER: choiceByPort<PhantomAnswer>({
    default: "banner",
    about:
      "What a port of PHANTOM does with whoever has completed a handshake. banner: PORT_BANNER, or " +
      "a greeting that suits the port, and the end. tarpit: a window that stays closed, and a byte " +
      "now and then. reset: the end at once.",
    values: { banner: "banner", tarpit: "tarpit", reset: "reset" },
  }),
  PHANTOM_RATE: count({
    default: "10000",
    min: 1,
    max: 20_000,
    about:
      "SYNs a second that PHANTOM answers; to one network (/24, /48) half of them. A SYN+ACK is at " +
      "most 12 bytes longer than the shortest SYN, and is never sent again.",
  }),
};
