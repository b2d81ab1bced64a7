/** Configuration keys of finding out whether a source is real. */
import { count } from "../key-types.ts";

/** Keys of this folder by their name in the file. */
export const proofKeys = {
  CHALLENGE_RATE: count({
    default: "1000",
    portsentry: "0",
    min: 0,
    max: 5000,
    about:
      "Questions a second to the sources of TCP probes: each is a SYN+ACK of 40 bytes (60 in " +
      "IPv6) that a machine which is there resets, so that its evidence is alive and not claimed. " +
      "No network (/24, /48) gets more than 10 and then one a second. 0: nobody is asked. With " +
      "BLOCK_TCP 0 or 2 nobody is, either.",
  }),
};
