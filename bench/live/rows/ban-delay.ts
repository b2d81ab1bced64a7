/**
 * How soon a scanner's block stands in the kernel: from the SYN that convicts it, on the wire, until
 * the kernel has told that there is an element in Vedette's set, or a rule of PortSentry's.
 *
 * Sources are addresses of a host that answers for all of them, so that they are real, each in a
 * network of its own: Vedette asks a network no more than a few times a second who it is. They come
 * one after the other, so nobody waits for another's block. The kernel tells by `nft monitor`, whose
 * lines are read about a millisecond later; the times are no finer. Where iptables is not that over
 * nftables, a peer's rule is told by nobody.
 */
import { forge } from "../../../test/support/forge.ts";
import { waitFor } from "../../../test/support/wait-for.ts";
import { Wire } from "../../../test/support/wire.ts";
import { BlockTimes, blockDelays } from "../block-times.ts";
import type { Row } from "../row.ts";
import { raiseMachine, type Standing } from "../standing.ts";
import { spreadOf } from "../statistics.ts";

/** Below 1024, where every peer looks, and traps for nobody. */
const PORTS = [11, 15, 17, 19];

const SOURCES = 40;
/** Eight sources a second: Vedette asks the socket table no more than ten times. */
const PER_SECOND = 8 * PORTS.length;

/** Of networks between which devices are measured (RFC 2544): nobody's. */
const NETWORK = "198.18.0.0/15";
const FIRST_SOURCE = "198.18.0.1";

/** Longest wait for the last block; who has none then has none. Milliseconds. */
const PATIENCE_MS = 2000;

export const BAN_DELAY: Row = {
  name: "ban-delay",
  measures: [
    {
      id: "ban-delay.median",
      title: `from the convicting probe until the block stands in the kernel, median of ${SOURCES} sources`,
      unit: "ms",
      isMoreBetter: false,
      isPaired: false,
      bar: { bound: "below", value: 20 },
    },
    {
      id: "ban-delay.worst",
      title: "the same, the worst of them",
      unit: "ms",
      isMoreBetter: false,
      isPaired: false,
    },
    {
      id: "ban-delay.own",
      title: "from the verdict until the block stands, mean, as the guard itself tells it",
      unit: "ms",
      isMoreBetter: false,
      isPaired: false,
    },
    {
      id: "ban-delay.missed",
      title: "those of them that were never blocked",
      unit: "sources",
      isMoreBetter: false,
      isPaired: false,
    },
  ],
  async measure({ contestant, tools }) {
    const { convictsAfter } = contestant;
    if (convictsAfter === undefined) return {};
    await using standing = await raiseMachine(contestant, tools);
    const { guard, lab, network } = standing;
    await answerForAll(standing);
    const times = await watchBlocks(standing);
    const wire = await Wire.start(lab, network.target);
    await forge(network.hosts.client.namespace, {
      from: FIRST_SOURCE,
      sources: SOURCES,
      step: "network",
      to: network.target.ipv4,
      ports: PORTS,
      perSecond: PER_SECOND,
    });
    const all = waitFor("all blocks", PATIENCE_MS, () => times.atEpochMs.size >= SOURCES);
    // Those that are missing are counted.
    await all.catch(() => undefined);
    const delays = blockDelays(await wire.stop(), times.atEpochMs, convictsAfter);
    const spread = spreadOf(delays);
    const own = await guard.meanBanMs?.();
    return {
      ...(spread && { "ban-delay.median": spread.median, "ban-delay.worst": Math.max(...delays) }),
      ...(own !== undefined && { "ban-delay.own": own }),
      "ban-delay.missed": SOURCES - delays.length,
    };
  },
};

/** Gives the client every address of the network, so that what is asked of one is answered. */
async function answerForAll({ network: { router, hosts } }: Standing): Promise<void> {
  await router.configure([`route add ${NETWORK} via ${hosts.client.ipv4}`]);
  await hosts.client.namespace.configure([`route add local ${NETWORK} dev lo`]);
}

/** Resolves when the monitor is listening: it has told of a table that was made for that. */
async function watchBlocks({ network: { target } }: Standing): Promise<BlockTimes> {
  const times = new BlockTimes();
  const monitor = target.namespace.spawn("nft", ["-n", "monitor", "new"]);
  await waitFor("nft to monitor", PATIENCE_MS, async () => {
    await target.namespace.load("table ip beginning { }\ndelete table ip beginning\n");
    return monitor.output.includes("beginning");
  });
  let read = monitor.output.length;
  const follow = async (): Promise<void> => {
    while (!monitor.isOver) {
      await monitor.changed();
      const { output } = monitor;
      times.read(output.slice(read), Date.now());
      read = output.length;
    }
  };
  // It ends with the monitor, and that with the machine.
  void follow();
  return times;
}
