/**
 * Opens the raw sockets through which the guard answers probes by itself, and says what is lost
 * where they cannot be had.
 *
 * They are handed over only where the table stands that lets nothing else out of them
 * (kernel/table-answers.ts).
 */
import type { HealthTracker } from "../health/tracker.ts";
import { openRawSocket } from "../kernel/raw-socket.ts";
import type { OwnedSocket } from "./guard-child.ts";

/**
 * @param owned sockets that are open already; raw ones among them are kept.
 * @param open Default: asks the kernel.
 */
export function openRawSockets(
  health: HealthTracker,
  owned: readonly OwnedSocket[] = [],
  open: typeof openRawSocket = openRawSocket,
): OwnedSocket[] {
  const sockets: OwnedSocket[] = [];
  const losses: string[] = [];
  for (const version of [4, 6] as const) {
    const own = owned.find((socket) => socket.kind === "raw" && socket.version === version);
    if (own !== undefined) {
      sockets.push(own);
      continue;
    }
    const outcome = open(version);
    switch (outcome.status) {
      case "open":
        sockets.push({ kind: "raw", fd: outcome.fd, version });
        break;
      // A machine without IPv6 has no probes of it, either.
      case "no-family":
        break;
      case "forbidden":
        losses.push(`IPv${version} (CAP_NET_RAW is missing)`);
        break;
      case "failed":
        losses.push(`IPv${version} (${outcome.reason})`);
        break;
    }
  }
  tellLosses(losses, health);
  return sockets;
}

function tellLosses(losses: readonly string[], health: HealthTracker): void {
  if (losses.length === 0) {
    health.clear("no-raw-sockets");
    return;
  }
  health.raise(
    "no-raw-sockets",
    "warning",
    `No raw socket can be opened for ${losses.join(" and ")}: nobody is asked whether it is there, and no port looks open.`,
    "Allow CAP_NET_RAW to the service, or set CHALLENGE_RATE to 0 and PHANTOM to off.",
  );
}
