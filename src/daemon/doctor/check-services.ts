/** Do the services of this machine fit with what a guard makes of unused ports? */
import { formatPorts } from "../../net/port-range.ts";
import type { Facts, ServiceListener } from "./facts.ts";
import type { Check } from "./finding.ts";

/** Programs that listen for a moment, for a test or a copy, and are forgotten. */
const MAKESHIFT = /^(?:nc|ncat|netcat|nc\.traditional|nc\.openbsd|socat)$/;
/** The same of interpreters, by their command lines. */
const MAKESHIFT_COMMAND =
  /\b(?:http\.server|SimpleHTTPServer|pyftpdlib)\b|\bphp\S* -S\b|\bbusybox httpd\b|\bruby -run\b/;

/** A service that began so long (ms) after the guard was not there when the guard began. */
const LATER_MS = 60_000;

const isSshd = ({ program }: ServiceListener): boolean => program === "sshd";

function listenersOf({ listeners }: Facts): readonly ServiceListener[] {
  return listeners.status === "read" ? listeners.value : [];
}

/** "tcp 2323 (sshd), tcp 8080"; each once. */
function listed(listeners: readonly ServiceListener[]): string {
  const words = listeners.map(
    ({ transport, port, program }) =>
      `${transport} ${port}${program === undefined ? "" : ` (${program})`}`,
  );
  return [...new Set(words)].join(", ");
}

function servedTraps(facts: Facts): ServiceListener[] {
  const { configuration } = facts;
  if (configuration.status !== "ok") return [];
  const { TRAP_PORTS, ADVANCED_EXCLUDE_TCP } = configuration.values;
  const traps = TRAP_PORTS.without(ADVANCED_EXCLUDE_TCP);
  return listenersOf(facts).filter(({ transport, port }) => transport === "tcp" && traps.has(port));
}

/** While it is down for longer than GRACE, one packet of a client that looks for it holds. */
export const checkSshdOnTrap: Check = (facts) => {
  const ports = servedTraps(facts)
    .filter(isSshd)
    .map(({ port }) => port);
  if (ports.length === 0) return [];
  const named = formatPorts(new Set(ports));
  return [
    {
      code: "ssh-on-trap",
      severity: "warning",
      text: `sshd serves tcp ${named}, which is a trap port: when it is down for longer than GRACE, the first packet that looks for it holds its sender.`,
      action: `Take ${named} out of TRAP_PORTS.`,
    },
  ];
};

export const checkServedTraps: Check = (facts) => {
  const served = servedTraps(facts).filter((listener) => !isSshd(listener));
  if (served.length === 0) return [];
  return [
    {
      code: "trap-served",
      severity: "notice",
      text: `Trap ports are served, and are no traps as long as they are: ${listed(served)}.`,
      action:
        "If no such service is meant to be here, stop it; else take the port out of TRAP_PORTS.",
    },
  ];
};

export const checkMakeshift: Check = (facts) => {
  const found = listenersOf(facts).filter(
    ({ program, command }) =>
      (program !== undefined && MAKESHIFT.test(program)) || MAKESHIFT_COMMAND.test(command),
  );
  if (found.length === 0) return [];
  const pids = [...new Set(found.flatMap(({ pid }) => (pid === undefined ? [] : [pid])))];
  return [
    {
      code: "makeshift-service",
      severity: "notice",
      text: `Programs that one starts for a test serve ports to others: ${listed(found)}. Whoever comes to such a port is a client, and no scanner.`,
      action: `If it was forgotten, end it${pids.length === 0 ? "" : `: kill ${pids.join(" ")}`}.`,
    },
  ];
};

export const checkNewServices: Check = (facts) => {
  const { guard } = facts;
  if (guard.status !== "running" || guard.view.since === null) return [];
  const guardSinceMs = Date.parse(guard.view.since);
  const later = listenersOf(facts).filter(
    ({ sinceEpochMs }) => sinceEpochMs !== undefined && sinceEpochMs - guardSinceMs >= LATER_MS,
  );
  if (later.length === 0) return [];
  return [
    {
      code: "service-since",
      severity: "notice",
      text: `Ports are served by programs that were started after the guard: ${listed(later)}.`,
      action: "None is needed: a guard asks the kernel for each packet who serves. Are they yours?",
    },
  ];
};
