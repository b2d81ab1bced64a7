/**
 * A scan from 5,000 sources at once, each in a network of its own, that share the work: each probes
 * five unused ports, and then all of them ask the two services, soon and once more 11 s later.
 *
 * Their addresses are those of a host that answers for all of them, so that they are real. By the
 * time a source asks for a service, two to three seconds have passed since its probes; a hold of
 * Vedette's lasts ten, so the second time tells what was banned. What is given away is counted on the
 * wire: questions that a service has answered with SYN+ACK.
 *
 * What is looked at last is when nobody is shut out any more: what the guard used is read after that.
 */
import { setTimeout as pause } from "node:timers/promises";
import { forge } from "../../../test/support/forge.ts";
import { Wire } from "../../../test/support/wire.ts";
import { answeredQuestions } from "../answered-questions.ts";
import type { RunningGuard } from "../contestants/contestant.ts";
import { HostileMachine } from "../hostile-machine.ts";
import { ledgerOf } from "../ledger.ts";
import type { Row } from "../row.ts";
import { IPERF_PORT, type Standing, WEB_PORT } from "../standing.ts";

const SOURCES = 5000;
/** Below 1024, where every peer looks, and traps for nobody. */
const UNUSED = [11, 15, 17, 19, 79];
const SERVICES = [WEB_PORT, IPERF_PORT];
const FIRST_SOURCE = "10.0.0.1";
const ALL_SOURCES = "10.0.0.0/8";

/** All of them together: the probes take two and a half seconds. */
const PER_SECOND = 10_000;

/** Longer than a hold of Vedette's. Milliseconds. */
const AFTER_HOLDS_MS = 11_000;
/** Between two looks how many are shut out. Milliseconds. */
const LOOK_EVERY_MS = 500;

const COST = { isMoreBetter: false, isPaired: false };
const SHARE = { unit: "% of questions", isMoreBetter: false, isPaired: true };
const WORDS = `a scan from ${SOURCES.toLocaleString("en")} sources`;

const NOTE =
  "Vedette holds each source in the kernel, in the packet of its second port, so that nothing is " +
  "given away while the holds last: ten seconds. Before it bans a source that has not proven itself " +
  "it asks the kernel's socket table whether a service knows it, 20 times a second at the most and " +
  "twice for each, so it bans about ten such sources a second; of those that do not even answer, " +
  "CLAIMED_BANS (60) a minute. The others are free when their hold ends, and held again by two " +
  "probes more, as often as the budget of holds lets them: who has thousands of addresses and " +
  "patience learns of the services. PortSentry bans each source that it gets to see, for good.";

export const MANY_SOURCES: Row = {
  name: "many-sources",
  isLong: true,
  aboutSeconds: 25,
  measures: [
    {
      id: "many-sources.soon",
      title: `${WORDS}, each of which probes 5 unused ports and then asks 2 services: what is answered`,
      ...SHARE,
    },
    {
      id: "many-sources.later",
      title: "the same, asked once more 11 s later",
      ...SHARE,
      note: NOTE,
    },
    {
      id: "many-sources.held",
      title: `${WORDS}: those that the kernel holds when the probes are over`,
      unit: "sources",
      isMoreBetter: null,
      isPaired: false,
    },
    {
      id: "many-sources.shut",
      title: `${WORDS}: those that are banned, or shut out by a rule, 11 s later`,
      unit: "sources",
      isMoreBetter: true,
      isPaired: false,
    },
    {
      id: "many-sources.last",
      title: `${WORDS}: from its beginning until the last of these is shut out`,
      unit: "s",
      ...COST,
    },
    {
      id: "many-sources.cpu",
      title: `CPU time of the guard, ${WORDS} and what follows from it`,
      unit: "s",
      ...COST,
    },
    {
      id: "many-sources.growth",
      title: `growth of its memory (RSS), ${WORDS}`,
      unit: "MB",
      ...COST,
    },
  ],
  async measure({ contestant, tools }) {
    await using machine = await HostileMachine.raise(contestant, tools);
    const { standing } = machine;
    await answerForAll(standing);
    const before = await machine.look();
    const beganAtMs = performance.now();
    const { guard } = standing;
    let held: number | undefined;
    const soon = await answeredDuring(standing, async () => {
      await send(standing, UNUSED);
      held = await guard.held?.();
      await send(standing, SERVICES);
    });
    // Where nobody is shut out, the time that passes changes nothing.
    const isOver = guard.shutOutCount === undefined;
    const last = isOver ? undefined : await lastShutOut(guard, beganAtMs);
    const after = await machine.look();
    const shut = await guard.shutOutCount?.();
    const later = isOver ? soon : await answeredDuring(standing, () => send(standing, SERVICES));
    if (guard.pids().length === 0) {
      return { "many-sources.soon": soon, "many-sources.later": later };
    }
    return {
      "many-sources.soon": soon,
      "many-sources.later": later,
      ...(held !== undefined && { "many-sources.held": held }),
      ...(shut !== undefined && { "many-sources.shut": shut }),
      ...(last !== undefined && { "many-sources.last": last }),
      "many-sources.cpu": after.cpuSeconds - before.cpuSeconds,
      "many-sources.growth": ledgerOf(before, after).grownBytes / 1e6,
    };
  },
};

/** Gives the client every address of the sources, so that what is asked of one is answered. */
async function answerForAll({ network: { router, hosts } }: Standing): Promise<void> {
  await router.configure([`route add ${ALL_SOURCES} via ${hosts.client.ipv4}`]);
  await hosts.client.namespace.configure([`route add local ${ALL_SOURCES} dev lo`]);
}

async function send({ network }: Standing, ports: readonly number[]): Promise<void> {
  await forge(network.hosts.client.namespace, {
    from: FIRST_SOURCE,
    sources: SOURCES,
    step: "network",
    ...{ to: network.target.ipv4, ports, perSecond: PER_SECOND },
  });
}

/** @returns the share of what is asked of the services that they answer. Percent. */
async function answeredDuring(
  { lab, network: { target } }: Standing,
  act: () => Promise<void>,
): Promise<number> {
  const wire = await Wire.start(lab, target);
  await act();
  return (100 * answeredQuestions(await wire.stop(), SERVICES)) / (SOURCES * SERVICES.length);
}

/**
 * Waits until every hold is over.
 * @returns when one more was shut out for the last time until then, in seconds since `beganAtMs`;
 * undefined: nobody was.
 */
async function lastShutOut(guard: RunningGuard, beganAtMs: number): Promise<number | undefined> {
  const endsAtMs = performance.now() + AFTER_HOLDS_MS;
  let most = 0;
  let lastAtMs: number | undefined;
  while (performance.now() < endsAtMs) {
    const count = (await guard.shutOutCount?.()) ?? 0;
    if (count > most) lastAtMs = performance.now();
    most = Math.max(most, count);
    await pause(LOOK_EVERY_MS);
  }
  return lastAtMs === undefined ? undefined : (lastAtMs - beganAtMs) / 1000;
}
