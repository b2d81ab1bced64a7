/**
 * What a static firewall drops and logs: what CrowdSec and psad read.
 *
 * The firewall is the usual one: what belongs to a flow that this machine began may come in, what is
 * for a port of a service may, too, and everything else is dropped. It does not know whether the
 * service runs.
 */
import type { Sight } from "../sight.ts";

/** Whether the packet, TCP or UDP, makes a line in the firewall's log. */
export function isDropped({ direction, header, isAllowed, isAnswer }: Sight): boolean {
  return direction === "in" && header.transport !== undefined && !isAllowed && !isAnswer;
}
