/**
 * A machine that stands for one round: a network, its ordinary services, and a contestant's guard.
 *
 * Nothing is published by DNAT here, because that would switch connection tracking on, which costs
 * more than any guard. All machines of a round stand at the same time; those that are not measured
 * have no traffic.
 */
import { Lab } from "../../test/support/namespaces.ts";
import { buildNetwork, type Network } from "../../test/support/networks.ts";
import { startNginx } from "../../test/support/services.ts";
import { waitFor } from "../../test/support/wait-for.ts";
import type { Contestant, RunningGuard } from "./contestants/contestant.ts";
import { iperf3Of, READY_MS, type Tools } from "./tools.ts";

/** PortSentry looks at ports below 1024, so the web server is where it looks. */
export const WEB_PORT = 80;
export const IPERF_PORT = 5201;

/** How long the web server keeps an idle connection. Seconds. */
const KEEP_ALIVE_SECONDS = 60;

export interface Standing extends AsyncDisposable {
  readonly lab: Lab;
  readonly contestant: Contestant;
  readonly network: Network<"client">;
  readonly guard: RunningGuard;
  readonly tools: Tools;
}

export async function raiseMachine(contestant: Contestant, tools: Tools): Promise<Standing> {
  const lab = await Lab.open();
  try {
    const network = await buildNetwork(lab, ["client"]);
    const { target } = network;
    const web = await startNginx(lab, target.namespace, {
      port: WEB_PORT,
      keepAliveSeconds: KEEP_ALIVE_SECONDS,
    });
    const [program = "", ...words] = iperf3Of(tools);
    const server = target.namespace.spawn(program, [...words, "-s", "-p", String(IPERF_PORT)]);
    await waitFor("iperf3 to listen", READY_MS, async () => {
      if (server.isOver) throw new Error(`iperf3 ended:\n${server.output}`);
      const sockets = await target.namespace.run("ss", ["-Hltn", `sport = :${IPERF_PORT}`]);
      return sockets.trim() !== "";
    });
    const guard = await contestant.start(lab, { target, pid: web.pid }, tools);
    return {
      lab,
      contestant,
      network,
      guard,
      tools,
      [Symbol.asyncDispose]: () => lab[Symbol.asyncDispose](),
    };
  } catch (error) {
    await lab[Symbol.asyncDispose]();
    throw error;
  }
}
