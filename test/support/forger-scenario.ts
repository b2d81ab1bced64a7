/**
 * A forger who names an innocent again and again, and the innocent who goes on trying to connect.
 *
 * The forger's SYN goes to a trap port, where one packet holds. The innocent tries every
 * {@link ATTEMPT_MS}; the time that it is shut out is the sum of the attempts that failed.
 */
import { Agent } from "./agent.ts";
import { forge } from "./forge.ts";
import { Guard, type GuardEvent } from "./guard.ts";
import type { Lab } from "./namespaces.ts";
import { buildNetwork } from "./networks.ts";
import { startServices } from "./services.ts";
import { letPass } from "./wait-for.ts";

/** One attempt of the innocent takes this long, whether it succeeds or not. Milliseconds. */
const ATTEMPT_MS = 250;
const TRAP_PORT = 23;

export interface Forgeries {
  readonly config?: Readonly<Record<string, string>>;
  readonly everyMs: number;
  readonly forMs: number;
}

export interface Framed {
  /** All the time during which the innocent could not connect. Milliseconds. */
  readonly shutOutMs: number;
  /** The attempts of the last fifth of the time that failed. */
  readonly lateFailures: number;
  /** Holds that the guard reported of the innocent. */
  readonly holds: number;
  readonly isBanned: boolean;
  /** Forged SYNs that were sent. */
  readonly forged: number;
}

/** Plays it to the end. */
export async function frameAnInnocent(lab: Lab, forgeries: Forgeries): Promise<Framed> {
  const { everyMs, forMs, config = {} } = forgeries;
  const { hosts, target } = await buildNetwork(lab, ["forger", "innocent"]);
  await startServices(target.namespace, { tcp: [80] });
  const guard = await Guard.start(lab, target.namespace, { config });
  const innocent = new Agent(hosts.innocent.namespace);
  await innocent.connect(target.ipv4, 80);

  const startedAtMs = performance.now();
  const elapsedMs = () => performance.now() - startedAtMs;
  const count = Math.floor(forMs / everyMs);
  const forging = forge(hosts.forger.namespace, {
    from: hosts.innocent.ipv4,
    to: target.ipv4,
    ports: [TRAP_PORT],
    repeats: count,
    perSecond: 1000 / everyMs,
  });
  let shutOutMs = 0;
  let lateFailures = 0;
  while (elapsedMs() < forMs) {
    const beganAtMs = elapsedMs();
    const outcome = await innocent.connect(target.ipv4, 80, { timeoutMs: ATTEMPT_MS });
    const restMs = ATTEMPT_MS - (elapsedMs() - beganAtMs);
    if (restMs > 0) await letPass(restMs);
    if (outcome === "open") continue;
    shutOutMs += elapsedMs() - beganAtMs;
    if (beganAtMs > 0.8 * forMs) lateFailures += 1;
  }
  const forged = await forging;
  const ofInnocent = ({ source }: GuardEvent) => source === hosts.innocent.ipv4;
  return {
    shutOutMs,
    lateFailures,
    holds: guard.events("hold").filter(ofInnocent).length,
    isBanned: (await guard.bans()).length > 0,
    forged,
  };
}
