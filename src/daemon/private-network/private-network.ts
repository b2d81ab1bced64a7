/**
 * Two machines and a cable: the target, where a guard can stand, and the scanner, who has two
 * addresses there.
 *
 * Addresses are from the documentation ranges (RFC 5737, RFC 3849). No machine has a route out, and
 * the network of the real machine is neither read nor changed. A kernel module that is needed is
 * loaded by the kernel, as it would be for a guard.
 */
import { PrivateMachine } from "./private-machine.ts";

/** Names of the two ends of the cable. */
const TARGET_INTERFACE = "guarded";
const SCANNER_INTERFACE = "scanning";

export interface PrivateAddresses {
  readonly target: string;
  readonly scanner: string;
}

export interface PrivateNetwork {
  readonly target: PrivateMachine;
  readonly scanner: PrivateMachine;
  /** The first of the scanner's addresses, and the target's of that family. */
  readonly first: PrivateAddresses;
  /** The other: of IPv6 where the kernel has it. */
  readonly second: PrivateAddresses;
  /** Ends both machines and all that runs there. @returns how many processes have outlived it. */
  readonly close: () => Promise<number>;
}

const IPV4 = { target: "192.0.2.1", scanner: "192.0.2.66" } as const;
const IPV4_AGAIN = { target: IPV4.target, scanner: "192.0.2.67" } as const;
const IPV6 = { target: "2001:db8:5::1", scanner: "2001:db8:5::67" } as const;

/**
 * @param folder removed by the machines when this process ends without closing them.
 * @throws {OperationalError} ERR_PERMISSION without the right to make networks, ERR_UNAVAILABLE
 *   when the kernel or `ip` cannot; nothing is left behind then.
 */
export async function openPrivateNetwork(folder: string): Promise<PrivateNetwork> {
  const machines: PrivateMachine[] = [];
  const close = async (): Promise<number> => {
    const left = await Promise.all(machines.map((machine) => machine.close()));
    return left.reduce((sum, each) => sum + each, 0);
  };
  try {
    // Each is known as soon as it is there, so that it is ended when the other cannot be had.
    const open = async (): Promise<PrivateMachine> => {
      const machine = await PrivateMachine.open(folder);
      machines.push(machine);
      return machine;
    };
    const [target, scanner] = await Promise.all([open(), open()]);
    await connectMachines(target, scanner);
    const second = (await hasIpv6(target, scanner)) ? IPV6 : IPV4_AGAIN;
    return { target, scanner, first: IPV4, second, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function connectMachines(target: PrivateMachine, scanner: PrivateMachine): Promise<void> {
  const peer = ["peer", "name", SCANNER_INTERFACE, "netns", `${scanner.pid}`];
  await ip(target, ["link", "add", TARGET_INTERFACE, "type", "veth", ...peer]);
  await Promise.all([
    raise(target, TARGET_INTERFACE, [IPV4.target]),
    raise(scanner, SCANNER_INTERFACE, [IPV4.scanner, IPV4_AGAIN.scanner]),
  ]);
}

async function raise(
  machine: PrivateMachine,
  device: string,
  addresses: readonly string[],
): Promise<void> {
  await ip(machine, ["link", "set", "lo", "up"]);
  for (const address of addresses)
    await ip(machine, ["addr", "add", `${address}/24`, "dev", device]);
  await ip(machine, ["link", "set", device, "up"]);
}

/** Gives both an address of IPv6. @returns false where the kernel does not speak it. */
async function hasIpv6(target: PrivateMachine, scanner: PrivateMachine): Promise<boolean> {
  const ends = [
    { machine: target, device: TARGET_INTERFACE, address: IPV6.target },
    { machine: scanner, device: SCANNER_INTERFACE, address: IPV6.scanner },
  ];
  const outcomes = await Promise.all(
    ends.map(({ machine, device, address }) => {
      const args = ["addr", "add", `${address}/64`, "dev", device, "nodad"];
      return machine.ask("run", { command: "ip", args, timeoutMs: 10_000 });
    }),
  );
  return outcomes.every(({ status }) => status === 0);
}

async function ip(machine: PrivateMachine, args: readonly string[]): Promise<void> {
  await machine.run("ip", args, ": apt-get install iproute2");
}
