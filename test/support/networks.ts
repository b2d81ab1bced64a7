/**
 * The networks in which live tests play.
 *
 * {@link buildNetwork}: every host behind a router, as on the Internet, so that each is off-link to
 * the target and has an IPv6 /64 of its own. {@link buildLan}: hosts and target on one segment. All
 * addresses are from the documentation ranges (RFC 5737, RFC 3849). The router swallows what is
 * sent to addresses that nobody has, so that answers to forged packets end in silence, as they do
 * in the world.
 */
import type { Lab, Namespace } from "./namespaces.ts";

export interface Host {
  readonly namespace: Namespace;
  readonly ipv4: string;
  readonly ipv6: string;
}

export interface Network<Name extends string> {
  readonly target: Host;
  readonly router: Namespace;
  readonly hosts: Readonly<Record<Name, Host>>;
}

export interface Lan<Name extends string> {
  readonly target: Host;
  readonly hosts: Readonly<Record<Name, Host>>;
}

/** The target's outer interface in every network. */
export const TARGET_INTERFACE = "outer";
/** The first 48 bits of the IPv6 networks of hosts behind the router. */
const HOST_PREFIX = "2001:db8:a0";

const TARGET_IPV4 = "198.51.100.10";
const TARGET_IPV6 = "2001:db8:100::10";

/** Connects two namespaces by a pair of interfaces with these names. */
async function link(a: Namespace, nameInA: string, b: Namespace, nameInB: string): Promise<void> {
  await a.configure([`link add ${nameInA} type veth peer name ${nameInB} netns ${b.name}`]);
  await Promise.all([
    a.configure([`link set ${nameInA} up`]),
    b.configure([`link set ${nameInB} up`]),
  ]);
}

export interface NetworkOptions {
  /**
   * Each host in an IPv4 network of its own, 198.18.`place`.0/29 (RFC 2544, for tests between
   * networks): for what the guard counts by the /24. Default: all in 203.0.113.0/24.
   */
  readonly isApart?: boolean;
}

/** A host of the network 203.0.113.(8 × place)/29 and of the /64 2001:db8:a0`place`::. */
async function attachHost(
  lab: Lab,
  router: Namespace,
  label: string,
  place: number,
  { isApart = false }: NetworkOptions,
): Promise<Host> {
  const namespace = await lab.namespace(label);
  const near = `to${place}`;
  const ipv4 = isApart ? `198.18.${place}.2` : `203.0.113.${8 * place + 2}`;
  const ipv4Router = isApart ? `198.18.${place}.1` : `203.0.113.${8 * place + 1}`;
  const ipv6 = `${HOST_PREFIX}${place}::2`;
  const ipv6Router = `${HOST_PREFIX}${place}::1`;
  await link(router, near, namespace, "eth0");
  await router.configure([
    `addr add ${ipv4Router}/29 dev ${near}`,
    `addr add ${ipv6Router}/64 dev ${near} nodad`,
  ]);
  await namespace.configure([
    `addr add ${ipv4}/29 dev eth0`,
    `addr add ${ipv6}/64 dev eth0 nodad`,
    `route add default via ${ipv4Router}`,
    `route add default via ${ipv6Router}`,
  ]);
  return { namespace, ipv4, ipv6 };
}

/** A target and up to 31 hosts, each behind a router. Labels are lower-case words. */
export async function buildNetwork<Name extends string>(
  lab: Lab,
  names: readonly Name[],
  options: NetworkOptions = {},
): Promise<Network<Name>> {
  const router = await lab.namespace("router");
  await router.set(["net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1"]);
  const namespace = await lab.namespace("target");
  await link(router, "inner", namespace, TARGET_INTERFACE);
  await router.configure([
    "addr add 198.51.100.1/24 dev inner",
    "addr add 2001:db8:100::1/64 dev inner nodad",
    "route add blackhole default",
    "route add blackhole ::/0",
  ]);
  await namespace.configure([
    `addr add ${TARGET_IPV4}/24 dev ${TARGET_INTERFACE}`,
    `addr add ${TARGET_IPV6}/64 dev ${TARGET_INTERFACE} nodad`,
    "route add default via 198.51.100.1",
    "route add default via 2001:db8:100::1",
  ]);
  const hosts: Partial<Record<Name, Host>> = {};
  for (const [index, name] of names.entries()) {
    hosts[name] = await attachHost(lab, router, name, index + 1, options);
  }
  return {
    router,
    target: { namespace, ipv4: TARGET_IPV4, ipv6: TARGET_IPV6 },
    hosts: hosts as Record<Name, Host>,
  };
}

/**
 * Puts a container-like namespace behind the target and publishes ports of it there by DNAT, as
 * Docker does. Keys are ports of the target, values the ports in the namespace.
 * @returns the namespace in which the published services are to run.
 */
export async function publishPorts(
  lab: Lab,
  target: Host,
  ports: ReadonlyMap<number, number>,
): Promise<Namespace> {
  const inside = await lab.namespace("inside");
  await link(target.namespace, "docker0", inside, "eth0");
  await target.namespace.set(["net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1"]);
  await target.namespace.configure([
    "addr add 192.0.2.1/24 dev docker0",
    "addr add 2001:db8:d0::1/64 dev docker0 nodad",
  ]);
  await inside.configure([
    "addr add 192.0.2.2/24 dev eth0",
    "addr add 2001:db8:d0::2/64 dev eth0 nodad",
    "route add default via 192.0.2.1",
    "route add default via 2001:db8:d0::1",
  ]);
  const fromOutside = `iifname "${TARGET_INTERFACE}" meta nfproto`;
  const rules = [...ports].flatMap(([outer, inner]) => [
    `${fromOutside} ipv4 tcp dport ${outer} dnat ip to 192.0.2.2:${inner}`,
    `${fromOutside} ipv6 tcp dport ${outer} dnat ip6 to [2001:db8:d0::2]:${inner}`,
  ]);
  await target.namespace.load(`table inet published {
    chain prerouting {
      type nat hook prerouting priority dstnat;
      ${rules.join("\n      ")}
    }
  }
  `);
  return inside;
}

/** A target and hosts on one segment, 192.0.2.0/24 and 2001:db8:5::/64, without a router. */
export async function buildLan<Name extends string>(
  lab: Lab,
  names: readonly Name[],
): Promise<Lan<Name>> {
  const segment = await lab.namespace("segment");
  await segment.configure(["link add bridge0 type bridge", "link set bridge0 up"]);
  const attach = async (label: string, place: number, near: string): Promise<Host> => {
    const namespace = await lab.namespace(label);
    const ipv4 = `192.0.2.${place}`;
    const ipv6 = `2001:db8:5::${place}`;
    await link(segment, `to${place}`, namespace, near);
    await segment.configure([`link set to${place} master bridge0`]);
    await namespace.configure([
      `addr add ${ipv4}/24 dev ${near}`,
      `addr add ${ipv6}/64 dev ${near} nodad`,
    ]);
    return { namespace, ipv4, ipv6 };
  };
  const target = await attach("target", 10, TARGET_INTERFACE);
  const hosts: Partial<Record<Name, Host>> = {};
  for (const [index, name] of names.entries()) {
    hosts[name] = await attach(name, 20 + index, "eth0");
  }
  return { target, hosts: hosts as Record<Name, Host> };
}

/**
 * Puts a network behind a host that hides it behind its own address, as a router at home does.
 * @param rules for what passes the gateway and for what comes to it.
 * @returns a host in that network.
 */
export async function hideNetwork(lab: Lab, gateway: Namespace, rules = ""): Promise<Namespace> {
  const inside = await lab.namespace("inside");
  await gateway.set(["net.ipv4.ip_forward=1"]);
  await gateway.configure([
    `link add lan type veth peer name eth0 netns ${inside.name}`,
    "link set lan up",
    "addr add 192.168.7.1/24 dev lan",
  ]);
  await inside.configure([
    "link set eth0 up",
    "addr add 192.168.7.2/24 dev eth0",
    "route add default via 192.168.7.1",
  ]);
  await gateway.load(`table ip hiding {
    chain out { type nat hook postrouting priority srcnat; oifname "eth0" masquerade; }
    chain through { type filter hook forward priority filter; ${rules} }
    chain in { type filter hook input priority filter; ${rules} }
  }
  `);
  return inside;
}
