/**
 * PortSentry's own responses, through the broker: KILL_HOSTS_DENY, KILL_ROUTE, KILL_RUN_CMD.
 *
 * They follow from probes of a port alone, never from pings or from a ban by command. A line or a
 * route that a person has made is taken away by that person's unban alone, so that no sender can
 * have it taken away. Fails towards no block: what the broker refuses or could not do is told as
 * such and never recorded as done.
 */
import type { BrokerClient } from "../broker/client.ts";
import type { LegacyResponse } from "../broker/executors/deed.ts";
import type { Responded } from "../broker/legacy-bans.ts";
import { OperationalError } from "../errors.ts";
import type { BanMeans } from "../model/ban.ts";
import type { Order } from "../model/order.ts";
import { hasPorts } from "../net/transport.ts";
import { remainingMs } from "./nftables.ts";
import type { Applied, Responder } from "./responder.ts";

/** What the responder needs of the broker. */
type ResponseRequests = Pick<BrokerClient, "respond" | "undo">;

export class LegacyResponder implements Responder {
  readonly name = "legacy";
  readonly #broker: ResponseRequests;
  readonly #epochMs: () => number;

  constructor(broker: ResponseRequests, epochMs: () => number) {
    this.#broker = broker;
    this.#epochMs = epochMs;
  }

  async apply(order: Order): Promise<Applied | undefined> {
    try {
      if (order.act === "unban") {
        const withLeftovers = order.by === "operator";
        const [undone] = await this.#broker.undo([order.prefix], withLeftovers);
        return undone && { ...undone, means: [] };
      }
      return await this.#respond(order);
    } catch (error) {
      if (!(error instanceof OperationalError)) throw error;
      return { outcome: { status: "failed", reason: error.message }, means: [], responses: [] };
    }
  }

  async #respond({
    ban,
    cause,
    raisedFrom,
  }: Extract<Order, { act: "ban" }>): Promise<Applied | undefined> {
    if (cause === undefined || !hasPorts(cause.transport)) return undefined;
    const { prefix: source, evidence, untilEpochMs } = ban;
    const { port, transport } = cause;
    const timeoutMs = remainingMs(untilEpochMs, this.#epochMs());
    const isLonger = raisedFrom !== undefined;
    const asked = { source, port, transport, timeoutMs, evidence, isLonger };
    return appliedOf(await this.#broker.respond(asked));
  }
}

/** Where no key says what to do, there is nothing to tell either. */
function appliedOf({ outcome, responses }: Responded): Applied | undefined {
  if (outcome.status === "already-applied" && responses.length === 0) return undefined;
  return { outcome, means: meansOf(responses), responses };
}

function meansOf(responses: readonly LegacyResponse[]): BanMeans[] {
  return responses.flatMap(({ name, status }) =>
    status === "applied" || status === "already-applied" ? [name] : [],
  );
}
