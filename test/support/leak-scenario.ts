/**
 * The scene of leak counting: eight real services and two published by DNAT, popular and
 * unpopular ports, and scans of them counted on the wire.
 */
import { countLeaks, type LeakCount } from "./leaks.ts";
import type { Lab } from "./namespaces.ts";
import { buildNetwork, type Host, type Network, publishPorts } from "./networks.ts";
import { startServices } from "./services.ts";
import { Wire } from "./wire.ts";

/** Popular and unpopular ports, none of them a trap. */
const OWN_PORTS = [22, 25, 53, 80, 443, 3306, 8081, 27017];
const PUBLISHED_PORTS = new Map([
  [8080, 80],
  [5432, 5432],
]);

/** Ports of the target that are served, in order. */
export const SERVED_PORTS: readonly number[] = [...OWN_PORTS, ...PUBLISHED_PORTS.keys()].sort(
  (a, b) => a - b,
);

/** nmap as fast as an impatient attacker runs it, over every port. */
export const FULL_SCAN = ["-sS", "-T4", "--max-retries", "0", "--min-rate", "5000", "-p-"];

/** The same over the first thousand ports and those that are served: a second. */
export const SHORT_SCAN = [
  ...FULL_SCAN.filter((word) => word !== "-p-"),
  ...["-p", ["1-1000", ...SERVED_PORTS.filter((port) => port > 1000)].join(",")],
];

/**
 * nmap at 80 ports a second over 200 ports, all served ones among them: 2.5 seconds a pass, so that
 * one hold lasts as long as the pass.
 */
export const SLOW_SCAN = [
  ...["-sS", "--max-retries", "0", "--min-rate", "80", "--max-rate", "80"],
  ...["-p", [...SERVED_PORTS, "30001-30190"].join(",")],
];

/** Eight groups, as the capture has them. */
function expandIpv6(address: string): string {
  const [front = [], back = []] = address.split("::").map((half) => half.split(":"));
  return [...front, ...Array(8 - front.length - back.length).fill("0"), ...back].join(":");
}

/** Starts all of them on a target that nobody guards yet. */
export async function serveLeakPorts(lab: Lab, target: Host): Promise<void> {
  const inside = await publishPorts(lab, target, PUBLISHED_PORTS);
  await startServices(target.namespace, { tcp: OWN_PORTS });
  await startServices(inside, { tcp: [...PUBLISHED_PORTS.values()] });
}

export class LeakScenario {
  readonly network: Network<"scanner">;
  readonly #lab: Lab;

  private constructor(lab: Lab, network: Network<"scanner">) {
    this.#lab = lab;
    this.network = network;
  }

  /** The scene with all services up and no guard. */
  static async build(lab: Lab): Promise<LeakScenario> {
    const network = await buildNetwork(lab, ["scanner"]);
    await serveLeakPorts(lab, network.target);
    return new LeakScenario(lab, network);
  }

  /**
   * Runs nmap once against the target, over IPv6 if `-6` is among its arguments.
   * @returns what it learned, counted on the wire.
   */
  async scan(args: readonly string[]): Promise<LeakCount> {
    const { hosts, target } = this.network;
    const wire = await Wire.start(this.#lab, target);
    const patienceMs = 90_000;
    const isIpv6 = args.includes("-6");
    const address = isIpv6 ? target.ipv6 : target.ipv4;
    await hosts.scanner.namespace.run("nmap", ["-n", "-Pn", ...args, address], patienceMs);
    return countLeaks(await wire.stop(), {
      scanner: isIpv6 ? expandIpv6(hosts.scanner.ipv6) : hosts.scanner.ipv4,
      served: new Set(SERVED_PORTS),
    });
  }
}
