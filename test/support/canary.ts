/**
 * Shows that a quiet guard is awake: one probe of a host that does nothing else.
 *
 * "Nothing was reported" is also what a dead guard says. The probe comes last and the kernel's log
 * keeps its order, so once it is reported all earlier ones would have been. It is a packet of its
 * own and no connection: a stack that is challenged sends its SYN once more.
 */
import { forge } from "./forge.ts";
import type { Guard } from "./guard.ts";
import type { Host } from "./networks.ts";

/** An unused port that is neither a trap nor part of a family. */
const CANARY_PORT = 1001;

export interface Noticed {
  /** Probes that the guard counted, the canary's own among them. */
  readonly probes: number;
  readonly holds: number;
  readonly banned: number;
  /** Sources of all reported probes and holds, each once. */
  readonly sources: readonly string[];
}

/** @returns what the guard noticed up to and with the probe of `canary`. */
export async function sendCanary(guard: Guard, canary: Host, target: Host): Promise<Noticed> {
  await forge(canary.namespace, { from: canary.ipv4, to: target.ipv4, ports: [CANARY_PORT] });
  await guard.event("probe", ({ source }) => source === canary.ipv4);
  const { probes, holds, banned } = await guard.status();
  const reported = [...guard.events("probe"), ...guard.events("hold")];
  const sources = [...new Set(reported.map(({ source }) => String(source)))];
  return { probes, holds, banned, sources };
}
