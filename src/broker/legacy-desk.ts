/**
 * Decides on the guard's requests for PortSentry's responses, and has them carried out.
 *
 * Bounded here: responses by a budget of the same size as that of bans, looks for leftovers by
 * {@link LEFTOVERS_PER_MINUTE}. The queue of hooks behind it bounds what waits.
 */
import { SlidingWindow } from "../sliding-window.ts";
import { BanBudget, type BanBudgetOptions, type BanRules } from "./ban-budget.ts";
import type { LegacyBans, Responded } from "./legacy-bans.ts";
import type { BrokerReply, RequestNamed } from "./protocol.ts";

const MINUTE_MS = 60_000;

/** Each one runs commands, for every chain that may hold rules. */
export const LEFTOVERS_PER_MINUTE = 60;

const NOTHING_DONE: Responded = { outcome: { status: "already-applied" }, responses: [] };

export class LegacyDesk {
  readonly #find: () => LegacyBans | undefined;
  readonly #budget: BanBudget;
  readonly #looks = new SlidingWindow({ limit: LEFTOVERS_PER_MINUTE, windowMs: MINUTE_MS });

  /** @param find asked each time; undefined: no key of PortSentry's says what to do. */
  constructor(find: () => LegacyBans | undefined, options: BanBudgetOptions) {
    this.#find = find;
    this.#budget = new BanBudget(options);
  }

  /** As {@link BanBudget.reconfigure}. */
  reconfigure(rules: BanRules): void {
    this.#budget.reconfigure(rules);
  }

  /** `nowMs`: monotonic. Never rejects. */
  async respond(request: RequestNamed<"respond">, nowMs: number): Promise<BrokerReply> {
    const { id, source, evidence, timeoutMs } = request;
    const legacy = this.#find();
    if (legacy === undefined) return refusedResponse(id, "no key says what to respond");
    // The rules come first: a response that cannot be given costs nobody's budget.
    const reason =
      legacy.refusal(source) ??
      this.#budget.charge({ prefix: source, timeoutMs, evidence, origin: "detector" }, nowMs);
    if (reason !== undefined) return refusedResponse(id, reason);
    return { id, reply: "responded", responded: [await legacy.respond(request)] };
  }

  async undo({ id, prefixes, withLeftovers }: RequestNamed<"undo">): Promise<BrokerReply> {
    const responded = await this.#find()?.undo(prefixes, { withLeftovers });
    return { id, reply: "responded", responded: responded ?? prefixes.map(() => NOTHING_DONE) };
  }

  async leftovers({ id }: RequestNamed<"leftovers">, nowMs: number): Promise<BrokerReply> {
    if (this.#looks.take(nowMs)) {
      return { id, reply: "leftovers", leftovers: (await this.#find()?.leftovers()) ?? [] };
    }
    const reason = `more than ${LEFTOVERS_PER_MINUTE} looks for leftovers a minute`;
    return { id, reply: "malformed", reason };
  }
}

function refusedResponse(id: number, reason: string): BrokerReply {
  const outcome = { status: "refused", reason } as const;
  return { id, reply: "responded", responded: [{ outcome, responses: [] }] };
}
