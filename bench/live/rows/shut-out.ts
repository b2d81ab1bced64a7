/**
 * How soon a scanner is shut out of a real service, on the wire.
 *
 * One host asks the service a thousand times a second, probes two unused ports in between, and goes
 * on asking. Whoever does that is banned, so each measurement has a machine of its own. The two ports
 * are below 1024, where every peer looks, and traps for nobody; PortSentry acts at the first of them,
 * Vedette at the second. Questions leave in bursts 5 ms apart, and the time is no finer.
 */
import { forge } from "../../../test/support/forge.ts";
import { Wire } from "../../../test/support/wire.ts";
import type { Row } from "../row.ts";
import { shutOutMs } from "../shut-out.ts";
import { raiseMachine, WEB_PORT } from "../standing.ts";

const UNUSED_PORTS = [11, 15];

/** A tenth of a second of answers before, and three seconds of questions after. */
const PER_SECOND = 1000;
const ASKED_BEFORE = 100;
const ASKED_AFTER = 3000;

export const SHUT_OUT: Row = {
  name: "shut-out",
  measures: [
    {
      id: "shut-out.delay",
      title:
        'from a source\'s first probe of an unused port until no service answers it; "-" is never',
      unit: "ms",
      isMoreBetter: false,
      isPaired: false,
    },
  ],
  async measure({ contestant, tools }) {
    // Somebody who shuts nobody out never does.
    if (contestant.convictsAfter === undefined) return {};
    await using standing = await raiseMachine(contestant, tools);
    const { target, hosts } = standing.network;
    const wire = await Wire.start(standing.lab, target);
    await forge(hosts.client.namespace, {
      from: hosts.client.ipv4,
      to: target.ipv4,
      ports: [
        ...Array<number>(ASKED_BEFORE).fill(WEB_PORT),
        ...UNUSED_PORTS,
        ...Array<number>(ASKED_AFTER).fill(WEB_PORT),
      ],
      perSecond: PER_SECOND,
    });
    const segments = await wire.stop();
    const delayMs = shutOutMs(segments, { scanner: hosts.client.ipv4, service: WEB_PORT });
    return delayMs === undefined ? {} : { "shut-out.delay": delayMs };
  },
};
