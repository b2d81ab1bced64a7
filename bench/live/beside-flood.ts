/**
 * A flood of forged SYNs at a steady pace, beside which something else is measured. Every packet has
 * a source of its own, in order, so that a guard knows none of them.
 */
import { forge } from "../../test/support/forge.ts";
import type { Standing } from "./standing.ts";

/** What one process can forge beside a guard on two processors. Packets a second. */
export const FLOOD_PER_SECOND = 10_000;

/** Where every peer looks, and no trap of anybody. */
const PORT = 15;

/** @returns how many were sent, when all were. */
export async function flood({ network }: Standing, seconds: number, round = 0): Promise<number> {
  const { client } = network.hosts;
  return forge(client.namespace, {
    from: `10.${(round * 16) % 256}.0.1`,
    sources: FLOOD_PER_SECOND * seconds,
    ...{ to: network.target.ipv4, ports: [PORT], perSecond: FLOOD_PER_SECOND },
  });
}

/** Floods for as long as the act takes, and at least for so many seconds. */
export async function floodBeside<Value>(
  standing: Standing,
  seconds: number,
  act: () => Promise<Value>,
): Promise<Value> {
  let isOver = false;
  const acting = act().finally(() => {
    isOver = true;
  });
  // Whoever waits for it is told below, and after the flood.
  acting.catch(() => undefined);
  for (let round = 1; round === 1 || !isOver; round += 1) await flood(standing, seconds, round);
  return acting;
}
