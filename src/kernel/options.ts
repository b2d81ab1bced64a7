/** Configuration keys of what the kernel does by itself, before the guard has even woken up. */
import { choice, count, duration, ports } from "../key-types.ts";
import type { TableOptions } from "./table-options.ts";

/** Keys of this folder by their name in the file. */
export const kernelKeys = {
  HOLD_AFTER: choice<TableOptions["holdAfter"]>({
    default: "2",
    portsentry: "off",
    about:
      "How many different unused ports a source probes within a minute until the kernel holds " +
      "it: no new connection for HOLD_TIME. With 1 a typing slip is enough. off: nobody is held.",
    values: { 1: 1, 2: 2, off: "off" },
  }),
  HOLD_TIME: duration({
    default: "10s",
    minMs: 1000,
    maxMs: 3_600_000,
    about: "How long a source is held. Its established connections live on.",
  }),
  GRACE: duration({
    default: "10m",
    minMs: 30_000,
    maxMs: 86_400_000,
    about:
      "How long a port that was served is no probe after its service has gone, so that a restart " +
      "makes nobody a scanner.",
  }),
  IPV6_PREFIX: count({
    default: "64",
    portsentry: "128",
    min: 48,
    max: 128,
    about:
      "Bits of an IPv6 address that make one source. Whoever holds a /64 can take a fresh " +
      "address for every probe.",
  }),
  ANSWER: choice<TableOptions["answer"]>({
    default: "drop",
    portsentry: "pass",
    about:
      "What becomes of a probe. drop: silence. reject: the answer of a closed port. pass: the " +
      "machine answers as it would without a guard.",
    values: { drop: "drop", reject: "reject", pass: "pass" },
  }),
  TRAP_PORTS: ports({
    default: "23,135,139,445,1433,2323,3389,5555,5900",
    portsentry: "",
    about: "TCP ports where a single probe holds. Those that are served or excluded are taken out.",
  }),
};
